"""The rules of the steps: one function per sentence of the regulation, which its docstring cites."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from emergency.core import attachments
from emergency.core.lifecycle import Move
from emergency.organizations.models import Kind, Organisation
from hazards.models import ListingDecision, PhotoKind

#: The five requirements 五落实: a major hazard is not closed while one is empty.
FIVE_REQUIREMENTS = ("duty", "steps", "funds", "time_limit", "contingency")


def _refuse(field: str, message: str) -> None:
    raise ValidationError({field: message})


def has_due_date(move: Move) -> None:
    """《安全生产法》第六十五条: what cannot be removed at once is ordered to be put right 限期, so an order names its last day."""
    due_on = move.data.get("due_on") or move.record.due_on
    if due_on is None:
        _refuse("due_on", "请填写整改期限。")
    if due_on < move.record.found_on:
        _refuse("due_on", "整改期限不能早于发现日期。")


def major_names_standard(move: Move) -> None:
    """16号令第三条: only the sector's 判定标准 makes a hazard 重大, so its code and item are named."""
    if move.record.is_major and not (move.record.standard_code and move.record.standard_item):
        _refuse("standard_code", "重大隐患须填写判定标准及条款。")


def major_takes_time(move: Move) -> None:
    """16号令第三条: a major hazard 须经过一定时间整改治理方能排除; it is not closed at the visit."""
    if move.record.is_major:
        _refuse("grade", "重大隐患不能现场销号，请下达限期整改。")


def has_before_photo(move: Move) -> None:
    """Practice §3.1: what is closed at the visit shows how it was and how it is."""
    if not attachments.for_owner(move.record, PhotoKind.BEFORE).exists():
        _refuse("before_photos", "现场整改须上传整改前照片。")


def has_after_photo(move: Move) -> None:
    """Practice §3.1: leaving 待整改 takes a photo of this repair, not one that was judged insufficient before."""
    if not move.data.get("photos"):
        _refuse("photos", "请上传整改后的照片。")


def firm_fixed_it(move: Move) -> None:
    """Practice §3.1, 现场整改: the firm's named person fixes, the visiting officer confirms; never one and the same."""
    if str(move.data.get("rectifier", "")).strip() == move.actor.name:
        _refuse("rectifier", "整改责任人应为受检单位人员，不能是检查人员本人。")


def rectified_within(move: Move) -> None:
    """The repair lies between finding and today."""
    if move.data["rectified_on"] < move.record.found_on:
        _refuse("rectified_on", "整改完成日期不能早于发现日期。")
    if move.data["rectified_on"] > move.on:
        _refuse("rectified_on", "整改完成日期不能晚于今天。")


def before_expiry(move: Move) -> None:
    """Practice §3.1 延期: an extension is asked for before the order expires."""
    if move.record.due_on is None:
        _refuse("requested_due_on", "没有整改期限的隐患无须申请延期。")
    if move.on > move.record.due_on:
        _refuse("requested_due_on", "整改期限已过，不能再申请延期，请尽快提交整改情况。")


def later_than_due(move: Move) -> None:
    """Practice §3.1 延期: the new date lies after the present one."""
    if move.record.due_on is not None and move.data["requested_due_on"] <= move.record.due_on:
        _refuse("requested_due_on", f"延期后的期限须晚于现期限{move.record.due_on:%Y-%m-%d}。")


def closing_is_complete(move: Move) -> None:
    """ledgers.md 销号: measure, after-photo and date are there; the cost is optional."""
    record = move.record
    if not record.rectification or record.rectified_on is None:
        _refuse("__all__", "尚未填写整改措施和整改完成日期，不能销号。")
    if not attachments.for_owner(record, PhotoKind.AFTER).exists():
        _refuse("photos", "缺少整改后照片，请补传后再销号。")


def reviewed_within(move: Move) -> None:
    """The re-check lies between the repair and today."""
    day = move.data.get("reviewed_on") or move.on
    if move.record.rectified_on is not None and day < move.record.rectified_on:
        _refuse("reviewed_on", "复查日期不能早于整改完成日期。")
    if day > move.on:
        _refuse("reviewed_on", "复查日期不能晚于今天。")


def major_has_five(move: Move) -> None:
    """16号令第十五条及五落实: 责任、措施、资金、时限、预案 are all in place before a major hazard closes."""
    record = move.record
    if record.is_major:
        missing = [record._meta.get_field(name).verbose_name for name in FIVE_REQUIREMENTS if not getattr(record, name)]
        if missing:
            _refuse("__all__", f"重大隐患须落实责任、措施、资金、时限、预案，尚缺：{'、'.join(missing)}。")


def major_listing_decided(move: Move) -> None:
    """《安全生产法》第四十一条, 16号令第二十条: after 判定 it is decided whether a major hazard is 挂牌督办."""
    record = move.record
    listed_before = record.listed and record.import_id is not None
    if record.is_major and record.listing_decision == ListingDecision.UNDECIDED and not listed_before:
        _refuse("__all__", "重大隐患尚未作出挂牌督办决定，不能销号。")


def new_due_is_ahead(move: Move) -> None:
    """A new order gives time: its last day is today or later."""
    if move.data["due_on"] < move.on:
        _refuse("due_on", "新的整改期限不能早于今天。")


def was_rectified(move: Move) -> None:
    """Only what was handed in can be re-checked again."""
    if move.record.rectified_on is None:
        _refuse("__all__", "这条隐患没有整改记录，请更正为待整改。")


def handler_is_another_office(move: Move) -> None:
    """移送: to another office of the same district, in force today. The 属地 stays, so no figure by area moves."""
    handler, record = move.data["handler"], move.record
    if handler.pk == record.handler_id:
        _refuse("handler", "已由该单位承办。")
    offices = (Kind.BUREAU, Kind.DEPARTMENT, Kind.STREET, Kind.COMMUNITY)
    in_force = Organisation.objects.in_force(move.on).filter(pk=handler.pk).exists()
    if handler.kind not in offices or handler.district_id != record.district_id or not in_force:
        _refuse("handler", "只能移送给本区县在用的单位。")
