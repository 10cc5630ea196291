"""The audit log in words that an auditor reads: what was done, to what, and what changed from which value to which."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from emergency.core import lifecycle
from emergency.core.audit import AuditEntry

#: Verbs whose last word alone would not say enough.
VERBS = {
    "user.login": "登录",
    "user.logout": "退出",
    "user.password_change": "修改密码",
    "user.password_reset": "重置密码",
    "user.profile": "修改个人信息",
    "user.disable": "停用账号",
    "user.enable": "启用账号",
    "user.unlock": "解除锁定",
    "user.create": "开通账号",
    "membership.grant": "授予角色",
    "membership.delegate": "委托代理",
    "membership.revoke": "收回角色",
    "organisation.move": "调整上级单位",
    "organisation.close": "撤销单位",
    "organisation.fill": "调整片区范围",
    "organisation.succeed": "登记单位承接",
    "page.refused": "无权访问",
    "audit.export": "导出审计记录",
    "enterprise.member": "开通企业账号",
    "enterprise.member_revoke": "停用企业账号",
    "figures.ledger_start": "设置台账启用日期",
    "figures.roll_up": "汇总月度指标",
    "figures.zero_confirm": "零报告确认",
    "job.enqueue": "提交后台处理",
    "report.redate": "更换统计时段",
    "accident.death": "补报死亡",
    "accident.death_void": "作废补报",
    "plan.draft": "登记编制",
    "plan.revise": "开始修订",
    "plan.supersede": "被新版替代",
    "drill_finding.close": "登记问题整改",
}

#: The last word of ``<record>.<verb>``, for every record.
ACTIONS = {
    "create": "登记",
    "register": "登记",
    "enter": "填报",
    "draft": "拟稿",
    "open": "登记",
    "split": "拆分",
    "remove": "移除",
    "print": "打印",
    "update": "修改",
    "edit": "修改",
    "correct": "更正",
    "delete": "删除",
    "void": "作废",
    "import": "导入",
    "export": "导出",
    "upload": "上传",
    "download": "下载",
    "unmask": "查看隐去内容",
    "merge": "合并",
    "link": "关联",
    "close": "办结",
    "issue": "制发",
    "reverse": "冲销",
}


def verb_label(verb: str) -> str:
    """What was done, in Chinese: a life-cycle's own word, else ours, else the verb as written for whoever must ask us."""
    if verb in VERBS:
        return VERBS[verb]
    name, _, action = verb.rpartition(".")
    return lifecycle.action_label(name, action) or ACTIONS.get(action) or verb


def target_label(target_type: str) -> str:
    """The Chinese name of a kind of record; empty where the kind is gone."""
    model = _model(target_type)
    return str(model._meta.verbose_name) if model else ""


def _model(target_type: str) -> type[models.Model] | None:
    try:
        return apps.get_model(target_type) if target_type else None
    except LookupError:
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One column: its name, and its value before and after; "" where there was none."""

    label: str
    before: str
    after: str


def differences(entry: AuditEntry) -> list[Difference]:
    """The columns of an entry in the order they were written, by their Chinese names."""
    before, after = entry.before or {}, entry.after or {}
    model = _model(entry.target_type)
    rows = []
    for name in dict.fromkeys((*before, *after)):
        field = _field(model, name)
        label = str(field.verbose_name) if field is not None else name
        rows.append(Difference(label, _shown(field, before.get(name)), _shown(field, after.get(name))))
    return [row for row in rows if row.before or row.after]


def _field(model: type[models.Model] | None, name: str) -> models.Field | None:
    try:
        found = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def _shown(field: models.Field | None, value: Any) -> str:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_shown(getattr(field, "base_field", field), item) for item in value)
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return f"编号 {value}" if field is not None and field.is_relation else str(value)
