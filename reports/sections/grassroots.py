"""（六）基层基础与宣传培训: standardisation, model units, training, posters and campaigns, and what was honoured."""

from __future__ import annotations

from emergency.activities.models import Measure
from reports.sections import listing, works
from reports.sections.listing import Part
from reports.sections.writing import Brief, Draft

TITLE = "基层基础与宣传培训"
CODES = ("enterprises.standardised",)


def drafts(brief: Brief) -> list[Draft]:
    told = (
        ("standards", standards(brief)),
        ("training", training(brief) + publicity(brief)),
    )
    return [Draft(key, text) for key, text in told if text]


def standards(brief: Brief) -> str:
    """“推进企业安全生产标准化建设，达标企业142家；创建示范单位2个。”"""
    standardised = listing.listed(
        brief, [Part("enterprises.standardised", "推进企业安全生产标准化建设，达标企业")], quiet=True
    )
    others = (
        Part(works.code("model", Measure.QUANTITY), "开展示范创建"),
        Part(works.code("award", Measure.TIMES), "获得表彰和考核荣誉"),
    )
    return listing.sentence([standardised, listing.listed(brief, others, quiet=True)])


def training(brief: Brief) -> str:
    """“举办安全员培训4期、干部培训2期，培训320人次。”"""
    people = works.code("training", Measure.PEOPLE)
    courses = works.parts(brief, "training", Measure.TIMES)
    return listing.sentence(
        [
            listing.listed(brief, courses, before="举办"),
            listing.listed(brief, [Part(people, "培训")], quiet=True),
        ]
    )


def publicity(brief: Brief) -> str:
    """“张贴海报20余张，开展宣传活动12场、受众3000人次、发放资料5000份，媒体宣传18篇。”"""
    form, after = works.about(brief, "publicity_poster", Measure.QUANTITY, "张")
    events = (
        Part(works.code("publicity_event", Measure.TIMES), "开展宣传活动"),
        Part(works.code("publicity_event", Measure.PEOPLE), "受众"),
        Part(works.code("publicity_event", Measure.QUANTITY), "发放资料"),
    )
    others = works.parts(brief, "publicity", Measure.TIMES, leave=("publicity_event", "publicity_media"))
    return listing.sentence(
        [
            listing.listed(
                brief, [Part(works.code("publicity_poster", Measure.QUANTITY), "张贴海报", after, form)], quiet=True
            ),
            listing.listed(brief, events, quiet=True),
            listing.listed(brief, [Part(works.code("publicity_media", Measure.TIMES), "媒体宣传")], quiet=True),
            listing.listed(brief, others, before="开展", quiet=True),
        ]
    )
