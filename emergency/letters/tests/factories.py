"""Letters for tests, made through the services like everywhere else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.letters.models import Letter, LetterAddressee
from emergency.letters.services import letter_act, letter_draft, reply_act
from emergency.organizations.models import Kind as UnitKind
from emergency.organizations.models import Organisation, Tier
from emergency.organizations.services import organisation_create
from emergency.organizations.tests.factories import Cast

ISSUED_ON = dt.date(2026, 3, 2)
DUE_ON = dt.date(2026, 3, 12)
TODAY = dt.date(2026, 3, 5)


def committee_make(cast: Cast) -> Organisation:
    """The district's safety committee, in whose name the bureau writes."""
    return organisation_create(
        name="南岭区安全生产委员会",
        kind=UnitKind.COMMITTEE,
        tier=Tier.DISTRICT,
        parent=cast.district,
        short_name="区安委",
        valid_from=dt.date(2010, 1, 1),
    )


def letter_make(cast: Cast, **fields: Any) -> Letter:
    """A draft 督办函 of the bureau's clerk to street A about a market's blocked exits."""
    values: dict[str, Any] = {
        "actor": cast.bureau_clerk,
        "handler": cast.bureau,
        "kind": "supervision",
        "subject": "限期整改南门市场消防隐患",
        "body": "经查，南门市场安全出口堵塞。\n请督促经营单位立即清理。",
        "basis": "《中华人民共和国安全生产法》第六十五条",
        "issued_on": ISSUED_ON,
        "due_on": DUE_ON,
        "on": TODAY,
    }
    if "units" not in fields and "enterprises" not in fields:
        values["units"] = [cast.street_a]
    return letter_draft(**values | fields)


def letter_send(cast: Cast, letter: Letter, **data: Any) -> Letter:
    """The letter goes out, signed by the deputy head."""
    action = "issue" if letter.wants_reply else "announce"
    return letter_act(
        queryset=Letter.objects.all(),
        pk=letter.pk,
        action=action,
        actor=letter.created_by,
        data={"signer": "李副局长", "issued_on": ISSUED_ON} | data,
        on=TODAY,
    )


def letter_sent(cast: Cast, **fields: Any) -> Letter:
    return letter_send(cast, letter_make(cast, **fields))


def answer(cast: Cast, row: LetterAddressee, action: str, actor: Any = None, **data: Any) -> LetterAddressee:
    """One step of an answer with good input, changed as told; by default the person whose step it is."""
    usual: dict[str, dict[str, Any]] = {
        "reply": {"reply": "已清理并落实专人看管", "replied_on": TODAY},
        "verify": {"verdict": "done", "opinion": "现场核查属实"},
        "return": {"opinion": "未附照片", "due_on": dt.date(2026, 3, 20)},
        "recheck": {"reason": "结论填错"},
    }
    who = {"reply": cast.officer_a, "recheck": cast.section_head}.get(action, cast.bureau_clerk)
    return reply_act(
        queryset=LetterAddressee.objects.all(),
        pk=row.pk,
        action=action,
        actor=actor or who,
        data=usual[action] | data,
        on=TODAY,
    )
