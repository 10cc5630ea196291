"""Background work: :func:`enqueue` asks for it, a :func:`handler` in an app's tasks does it."""

from emergency.core.jobs.runner import JobFailed, Progress, handler, run_now
from emergency.core.jobs.services import enqueue, keep_result, scheduled

__all__ = ["JobFailed", "Progress", "enqueue", "handler", "keep_result", "run_now", "scheduled"]
