"""（七）防灾减灾救灾: consultations before floods and fires, what supervision of them found, insurance and surveys."""

from __future__ import annotations

from emergency.activities.models import Measure
from reports.sections import listing, works
from reports.sections.listing import Part
from reports.sections.writing import Brief, Draft

TITLE = "防灾减灾救灾"
SUPERVISIONS = (("supervision_flood", "开展防汛督查"), ("supervision_fire", "开展森林防火督查"))


def drafts(brief: Brief) -> list[Draft]:
    text = consultations(brief) + supervisions(brief) + insurance(brief) + survey(brief)
    return [Draft("disasters", text)] if text else []


def consultations(brief: Brief) -> str:
    """“组织防汛抗旱会商4次、森林防火会商5次。”"""
    return listing.listed(brief, works.parts(brief, "consult", Measure.TIMES), before="组织", after="。")


def supervisions(brief: Brief) -> str:
    """“开展防汛督查4次，发现问题21个，均已整改到位。” Such problems are no hazards and stand in no figure of them."""
    return "".join(
        listing.sentence(
            [
                listing.listed(brief, [Part(works.code(slug, Measure.TIMES), words)], quiet=True),
                works.problems(brief, slug),
            ]
        )
        for slug, words in SUPERVISIONS
    )


def insurance(brief: Brief) -> str:
    """“落实农村住房保险保费31万元、自然灾害公众责任险保费65.25万元。”"""
    parts = [
        Part(part.code, f"{part.before}保费" if "保费" not in part.before else part.before, place=part.place)
        for part in works.parts(brief, "insurance", Measure.MONEY)
    ]
    return listing.listed(brief, parts, before="落实", after="。", quiet=True)


def survey(brief: Brief) -> str:
    parts = (
        Part(works.code("survey", Measure.QUANTITY), "登记对象"),
        Part(works.code("survey", Measure.PEOPLE), "参与"),
    )
    return listing.listed(brief, parts, before="开展普查，", after="。", quiet=True)
