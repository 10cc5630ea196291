"""The ledger of letters as an Excel table, in the form in which offices keep it.

A letter to several addressees may stand in one row that names them all, or in one row for each under the same 文号, where their answers
differ. Imported letters enter at the state that their dates tell, with the one event 导入.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Prefetch, QuerySet

from emergency.core import clock, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import CellError, ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.enterprises.models import Enterprise
from emergency.letters.ledger import rules
from emergency.letters.ledger.columns import COLUMNS, LIMITS, TEXTS
from emergency.letters.ledger.writing import rows_of
from emergency.letters.models import Letter, LetterAddressee, LetterMatter, ReplyStatus, Status
from emergency.letters.queries import matters_by_number
from emergency.letters.services.drafting import common_area
from emergency.letters.services.numbers import number_key, number_of, serial_in
from emergency.organizations.models import Kind as UnitKind
from emergency.organizations.models import Organisation
from emergency.organizations.queries import unit_find
from emergency.organizations.scope import is_portal, reach
from emergency.organizations.services import place

_BATCH = 1_000
_CHUNK = 500


class LetterLedger(Ledger):
    kind = "letters"
    label = "督办文书"
    columns = COLUMNS
    duplicate_keys = ("issuer", "issued_on", "kind", "subject", "addressees")

    # -- names become records --

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        names = {name for row in rows for name in row["addressees"] or ()}
        firms = _firms(names, context.actor)
        units: dict[tuple[int, str], Organisation | str] = {}
        known = matters_by_number(context.actor, (number for row in rows for number in row["matters"] or ()))
        handlers = _handlers({row["issuer"] for row in rows if row["issuer"] is not None}, context)
        for row in rows:
            row["handler"] = row["handler"] or (handlers[row["issuer"].pk] if row["issuer"] is not None else None)
            row["to_units"], row["to_firms"] = [], []
            for name in row["addressees"] or ():
                found = _addressee(name, row["handler"], firms, units)
                if isinstance(found, str):
                    row.fault("addressees", found, name)
                else:
                    row["to_units" if isinstance(found, Organisation) else "to_firms"].append(found)
            row["about"] = [(number, known.get(number)) for number in row["matters"] or ()]

    # -- rules of a row, and of the rows of one letter --

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        on = context.on or clock.today()
        may_write: dict[int, bool] = {}
        for row in rows:
            rules.check_sender(row, context, may_write)
            for key, limit in LIMITS.items():
                if (text := row[key]) and len(text) > limit:
                    row.fault(key, f"最多{limit}个字，这里有{len(text)}个字，请缩短")
        for group in rules.rows_by_letter(rows):
            rules.check_group(group)
            for row in group:
                rules.check_dates(row, on)
                rules.settle_reply(row)
            rules.settle_status(group)
        rules.check_numbers(rows)
        rules.doubt_known(rows)

    # -- storing --

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        import_id = context.import_id or numbering.take_one("import")
        now = clock.now()
        groups = rules.rows_by_letter(rows)
        letters = [_letter(group, context.actor, now, import_id) for group in groups]
        _give_numbers(letters, [group[0]["number"] for group in groups])
        Letter.objects.bulk_create(letters, batch_size=_BATCH)
        addressees, matters = [], []
        for letter, group in zip(letters, groups, strict=True):
            addressees += [
                LetterAddressee(letter=letter, order=order, **values)
                for order, values in enumerate(_addressees(group, letter), start=1)
            ]
            matters += [
                LetterMatter(
                    letter=letter,
                    target_type=record._meta.label_lower if record is not None else "",
                    target_id=record.pk if record is not None else None,
                    label=str(record)[:200] if record is not None else number,
                )
                for number, record in group[0]["about"]
            ]
        LetterAddressee.objects.bulk_create(addressees, batch_size=_BATCH)
        LetterMatter.objects.bulk_create(matters, batch_size=_BATCH)
        Event.objects.bulk_create(import_events(letters, actor=context.actor), batch_size=_BATCH)
        return {"新增": len(letters)}

    # -- going out --

    def records(self, queryset: QuerySet[Letter], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """One row for each group of addressees whose answers are alike; of others' letters a reader gets the own answer only."""
        answers = LetterAddressee.objects.select_related("organisation__parent")
        if user is not None and not is_portal(user):
            seen = set(
                answers.filter(letter__in=queryset.order_by().values("pk"))
                .visible_to(user)
                .values_list("pk", flat=True)
            )
        else:
            seen = None
        wanted = queryset.select_related("issuer__parent", "handler__parent", "area__parent").prefetch_related(
            Prefetch("addressees", queryset=answers), "matters"
        )
        letters = wanted.iterator(chunk_size=_CHUNK)
        while chunk := list(islice(letters, _CHUNK)):
            for letter in chunk:
                yield from rows_of(letter, seen)


# ------------------------------------------------------------------------------------------------ resolving


def _firms(names: set[str], actor: Any) -> dict[str, list[Enterprise]]:
    found: dict[str, list[Enterprise]] = defaultdict(list)
    known = Enterprise.objects.live()
    if actor is not None:
        known = known.filter(pk__in=Enterprise.objects.visible_to(actor).values("pk"))
    for one in known.filter(name__in=sorted(names)).select_related("area"):
        found[one.name].append(one)
    return found


def _handlers(issuers: set[Organisation], context: ImportContext) -> dict[int, Organisation]:
    """Who drew it up, by issuer: the issuer itself; for a committee the bureau of its level, in which its office sits."""
    committees = [one for one in issuers if one.kind == UnitKind.COMMITTEE]
    bureaus: dict[int | None, list[Organisation]] = defaultdict(list)
    for one in Organisation.objects.filter(kind=UnitKind.BUREAU, parent__in=[one.parent_id for one in committees]):
        bureaus[one.parent_id].append(one)
    own = {post.organisation.pk for post in reach(context.actor).posts} if context.actor is not None else set()
    found = {one.pk: one for one in issuers}
    for committee in committees:
        known = bureaus[committee.parent_id]
        found[committee.pk] = next((one for one in known if one.pk in own), known[0] if known else committee)
    return found


def _addressee(
    name: str,
    handler: Organisation | None,
    firms: dict[str, list[Enterprise]],
    units: dict[tuple[int, str], Organisation | str],
) -> Organisation | Enterprise | str:
    """The unit or enterprise meant, or what is wrong with the name."""
    if handler is None:
        return "先填对发文单位，再查找主送单位"
    key = (handler.pk, name)
    if key not in units:
        try:
            units[key] = unit_find(name, Organisation.objects.under(handler.serves))
        except CellError as fault:
            units[key] = str(fault)
    unit, candidates = units[key], firms.get(name, [])
    if isinstance(unit, Organisation):
        return unit
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return f"有{len(candidates)}个同名的监管对象，请在页面上拟稿"
    return f"没有“{name}”这个单位或监管对象，或不在管辖范围内" if "不止一个" not in unit else unit


# ------------------------------------------------------------------------------------------------ storing


def _letter(group: list[Row], actor: Any, now: dt.datetime, import_id: int) -> Letter:
    first = group[0]
    units = [unit for row in group for unit in row["to_units"]]
    firms = [firm for row in group for firm in row["to_firms"]]
    owing = [row for row in group if row["reply_status"] != ReplyStatus.NONE and first["status"] != Status.DRAFT]
    counts = [(len(row["to_units"]) + len(row["to_firms"]), row["replied_on"]) for row in owing]
    replied = [day for _, day in counts if day is not None]
    letter = Letter(
        kind=first["kind"],
        status=first["status"],
        issuer=first["issuer"],
        handler=first["handler"],
        addressed_to="、".join([str(unit) for unit in units] + [firm.name for firm in firms]),
        subject=first["subject"],
        issued_on=first["issued_on"],
        due_on=first["due_on"],
        meeting_on=first["meeting_on"],
        owed=sum(number for number, _ in counts),
        replied=sum(number for number, day in counts if day is not None),
        replied_on=max(replied) if counts and len(replied) == len(counts) else None,
        closed_on=first["closed_on"],
        import_id=import_id,
        created_by=actor,
        created_at=now,
        **{key: first[key] or "" for key in TEXTS},
    )
    place(letter, first["area"] or common_area(units, firms, letter.handler))
    return letter


def _give_numbers(letters: Sequence[Letter], numbers: Sequence[str | None]) -> None:
    """A paper's own number stays and takes its place in the row; a letter without one gets the next. A draft has none."""
    highest: dict[str, int] = {}
    waiting: dict[str, list[Letter]] = defaultdict(list)
    for letter, number in zip(letters, numbers, strict=True):
        row = (letter.issuer, letter.kind, letter.issued_on.year)
        if number:
            letter.number = number
            highest[number_key(*row)] = max(highest.get(number_key(*row), 0), serial_in(number, *row) or 0)
        elif letter.status != Status.DRAFT:
            waiting[number_key(*row)].append(letter)
    for key in sorted(highest):
        numbering.raise_to(key, highest[key])
    for key, group in sorted(waiting.items()):
        for letter, serial in zip(group, numbering.take(key, len(group)), strict=True):
            letter.number = number_of(letter.issuer, letter.kind, letter.issued_on.year, serial)


def _addressees(group: list[Row], letter: Letter) -> Iterator[dict[str, Any]]:
    for row in group:
        told = {
            "status": ReplyStatus.NONE if letter.status == Status.DRAFT else row["reply_status"],
            "due_on": None if letter.status == Status.DRAFT else row["reply_due_on"] or letter.due_on,
            "replied_on": row["replied_on"],
            "reply": row["reply"] or "",
            "verdict": row["verdict"] or "",
            "verified_on": row["verified_on"],
            "opinion": row["opinion"] or "",
        }
        for unit in row["to_units"]:
            yield {"name": unit.name, "organisation": unit} | told
        for firm in row["to_firms"]:
            yield {"name": firm.name, "enterprise": firm} | told


LETTERS = excel.register(LetterLedger())
