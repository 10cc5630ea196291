"""The timetable: every piece of work that the portal does by itself, with the name its status page shows.

Times are Asia/Shanghai (CELERY_TIMEZONE). A plain number is an interval in seconds.
"""

from typing import TypedDict

from celery.schedules import crontab


class Entry(TypedDict):
    task: str
    label: str
    schedule: crontab | float


SCHEDULE: dict[str, Entry] = {
    "heartbeat": {"task": "core.heartbeat", "label": "后台心跳", "schedule": 30.0},
    "sweep-jobs": {"task": "core.sweep_jobs", "label": "补发未处理任务", "schedule": 20.0},
    "sweep-uploads": {"task": "core.sweep_uploads", "label": "清理无主附件", "schedule": crontab(hour=2, minute=10)},
    "roll-up": {"task": "figures.roll_up", "label": "汇总月度指标", "schedule": crontab(hour=1, minute=30)},
    # Early in the day: what nobody answered by yesterday is filed from today on.
    "deem-plans": {"task": "plans.deem", "label": "预案视为备案", "schedule": crontab(hour=0, minute=20)},
}
