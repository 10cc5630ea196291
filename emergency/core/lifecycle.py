"""Life-cycles as data: one table says from where, by which action, to where, who may, what is needed and which rules hold.

The buttons on a page, the actions an API allows, the generated tests and the diagram in the manual all read the same table.
A pair of status and action that is not in the table is refused.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from emergency.core import audit, clock


class Event(models.Model):
    """One step of a record's life: shown on its timeline, never changed."""

    target_type = models.CharField("对象类型", max_length=60)
    target_id = models.BigIntegerField("对象编号")
    action = models.CharField("动作", max_length=40)
    label = models.CharField("动作名称", max_length=40)
    source = models.CharField("原状态", max_length=30, blank=True)
    target = models.CharField("新状态", max_length=30, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经办人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField("经办人姓名", max_length=60, blank=True)
    acted_for = models.CharField("代谁办理", max_length=120, blank=True)
    note = models.TextField("说明", blank=True)
    data = models.JSONField("办理内容", default=dict)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "办理过程"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["target_type", "target_id", "id"], name="event_target")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.label}"


@dataclasses.dataclass(frozen=True, slots=True)
class Who:
    """A named group of people with respect to one record, such as “the officers of the unit that handles it”."""

    name: str
    label: str
    test: Callable[[Any, Any], bool]


@dataclasses.dataclass(slots=True)
class Move:
    """What a guard and an effect get to see: the locked record, the input, who acts, and on which day."""

    record: Any
    data: dict[str, Any]
    actor: Any
    on: dt.date
    transition: Transition
    note: str = ""
    acted_for: str = ""


Guard = Callable[[Move], None]
Effect = Callable[[Move], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Transition:
    """One row of a life-cycle table.

    ``required`` names the keys of the input that must not be empty; ``guards`` are functions, one per sentence of the
    regulation, that raise ``ValidationError``; ``apply`` sets the record's own fields before it is saved; ``queue`` runs after
    the commit.
    """

    action: str
    label: str
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    required: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    apply: Effect | None = None
    queue: Effect | None = None
    tone: str = "blue"
    needs_form: bool = True


_known: dict[str, Lifecycle] = {}


def action_label(name: str, action: str) -> str:
    """The Chinese word for an action of the life-cycle with this name, for the log; empty where there is none."""
    found = _known.get(name)
    return next((one.label for one in found.transitions if one.action == action), "") if found else ""


class Lifecycle:
    """The table of one record type. ``field`` is the name of its status column."""

    def __init__(self, name: str, transitions: Iterable[Transition], *, field: str = "status") -> None:
        self.name = name
        self.field = field
        self.transitions = tuple(transitions)
        self._by_pair: dict[tuple[str, str], Transition] = {}
        for transition in self.transitions:
            for source in transition.sources:
                if (source, transition.action) in self._by_pair:
                    raise ValueError(f"{name}: {source} × {transition.action} stands twice in the table")
                self._by_pair[source, transition.action] = transition
        _known[name] = self

    def find(self, status: str, action: str) -> Transition | None:
        return self._by_pair.get((status, action))

    def actions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(transition.action for transition in self.transitions))

    def allowed(self, record: models.Model, user: Any) -> list[Transition]:
        """The rows that this user may take from the record's present status: the buttons of its page."""
        status = getattr(record, self.field)
        return [
            transition
            for transition in self.transitions
            if status in transition.sources and any(who.test(user, record) for who in transition.who)
        ]

    def perform(
        self,
        queryset: models.QuerySet,
        *,
        pk: int,
        action: str,
        actor: Any,
        data: Mapping[str, Any] | None = None,
        on: dt.date | None = None,
        note: str = "",
        acted_for: str = "",
    ) -> Any:
        """Lock the row, check, write status, event and audit in one transaction; effects follow the commit.

        ``queryset`` is what the actor may see, so somebody else's record raises ``DoesNotExist``. A pair outside the table and a
        broken rule raise ``ValidationError``; a missing right raises ``PermissionDenied``; nothing is written in either case.
        """
        with transaction.atomic():
            model = queryset.model
            record = model._base_manager.select_for_update().get(pk=queryset.values("pk").get(pk=pk)["pk"])
            status = getattr(record, self.field)
            found = self.find(status, action)
            if found is None:
                raise ValidationError(
                    f"当前状态为“{self.status_label(record)}”，不能办理该事项，请刷新页面查看最新情况。"
                )
            if not any(who.test(actor, record) for who in found.who):
                raise PermissionDenied(f"“{found.label}”由{'、'.join(who.label for who in found.who)}办理。")
            move = Move(record, dict(data or {}), actor, on or clock.today(), found, note, acted_for)
            missing = [name for name in found.required if move.data.get(name) in (None, "", [], ())]
            if missing:
                raise ValidationError(dict.fromkeys(missing, "请填写此项。"))
            for guard in found.guards:
                guard(move)
            before = audit.snapshot(record)
            setattr(record, self.field, found.target)
            if found.apply is not None:
                found.apply(move)
            record.validate_constraints()
            record.save()
            write_event(record, move=move, source=status)
            old, new = audit.changes(before, audit.snapshot(record))
            audit.record(
                f"{self.name}.{action}", target=record, actor=actor, before=old, after=new, note=move.note[:500]
            )
            if found.queue is not None:
                queued = found.queue
                transaction.on_commit(lambda: queued(move))
        return record

    def status_label(self, record: models.Model) -> str:
        return str(getattr(record, f"get_{self.field}_display")())

    def mermaid(self, labels: Mapping[str, str]) -> str:
        """The diagram for the manual; ``labels`` maps a status to its Chinese name."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {status} : {label}" for status, label in labels.items()]
        for transition in self.transitions:
            people = "/".join(who.label for who in transition.who)
            lines += [
                f"    {source} --> {transition.target} : {transition.label}（{people}）"
                for source in transition.sources
            ]
        return "\n".join(lines) + "\n"


def write_event(record: models.Model, *, move: Move, source: str) -> Event:
    return Event.objects.create(
        target_type=record._meta.label_lower,
        target_id=record.pk,
        action=move.transition.action,
        label=move.transition.label,
        source=source,
        target=move.transition.target,
        actor=move.actor,
        actor_name=str(getattr(move.actor, "name", "") or "系统"),
        acted_for=move.acted_for,
        note=move.note,
        data=audit._plain(move.data),
        at=clock.now(),
    )


def note_event(
    record: models.Model,
    *,
    action: str,
    label: str,
    actor: Any,
    source: str = "",
    target: str = "",
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """An event outside the table: 登记, 导入, a transfer of the handler. Never a change of status that the table knows."""
    return Event.objects.create(
        target_type=record._meta.label_lower,
        target_id=record.pk,
        action=action,
        label=label,
        source=source,
        target=target,
        actor=actor,
        actor_name=str(getattr(actor, "name", "") or "系统"),
        note=note,
        data=audit._plain(dict(data or {})),
        at=clock.now(),
    )


def import_events(records: Iterable[models.Model], *, actor: Any, label: str = "导入") -> list[Event]:
    """The one event 导入 of each imported record, unsaved, for ``bulk_create``."""
    at = clock.now()
    name = str(getattr(actor, "name", "") or "系统")
    return [
        Event(
            target_type=record._meta.label_lower,
            target_id=record.pk,
            action="import",
            label=label,
            target=getattr(record, "status", ""),
            actor=actor,
            actor_name=name,
            at=at,
        )
        for record in records
    ]


def events_of(record: models.Model) -> models.QuerySet[Event]:
    return Event.objects.filter(target_type=record._meta.label_lower, target_id=record.pk)
