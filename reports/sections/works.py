"""What the ledger of activities (工作纪实) has for a section: the categories of a group, as each site has named and extended them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from emergency.activities.figures import PREFIX, code_of
from emergency.activities.models import Category, Measure
from emergency.figures.queries import records
from reports.sections.listing import Part, known
from reports.sections.writing import Brief, is_positive, token


def code(slug: str, measure: Measure) -> str:
    return f"{PREFIX}{slug}.{measure}"


def tree(brief: Brief) -> dict[str, Category]:
    """The groups by slug, each with its categories in their order; read once for a paper."""
    if "categories" not in brief.shelf:
        groups = Category.objects.groups().prefetch_related("children")
        brief.shelf["categories"] = {group.slug: group for group in groups}
    found: dict[str, Category] = brief.shelf["categories"]
    return found


def parts(
    brief: Brief,
    group: str,
    measure: Measure,
    *,
    words: Mapping[str, str] | None = None,
    leave: Collection[str] = (),
) -> list[Part]:
    """A part for each category of a group that keeps the measure; then, as 其他…, what was filed under the group itself.

    ``words`` call a category otherwise in prose, ``leave`` are told in another place.
    """
    head = tree(brief).get(group)
    if head is None:
        return []
    kept = [one for one in head.children.all() if measure in one.measures]
    found = [
        Part(code_of(one, measure), (words or {}).get(one.slug, one.name)) for one in kept if one.slug not in leave
    ]
    return [*found, *_rest(brief, head, kept, measure)]


def _rest(brief: Brief, head: Category, kept: list[Category], measure: Measure) -> Iterator[Part]:
    if measure not in head.measures:
        return
    whole = code_of(head, measure)
    if not kept:
        yield Part(whole, head.name)
        return
    sheet = brief.sheet(whole, *(code_of(one, measure) for one in kept))
    told = sum(sheet.number(code_of(one, measure)) for one in kept)
    if sheet[whole].known and not sheet[whole].given and sheet.number(whole) > told:
        place = brief.row(whole, "activity_category", str(head.pk))
        yield Part(whole, f"{'其他' if told else ''}{head.name}", place=place)


def problems(brief: Brief, slug: str) -> str:
    """“发现问题21个，均已整改到位”: what a supervision found apart from the ledger of hazards; "" where it found nothing."""
    found, mended = (code(slug, measure) for measure in (Measure.PROBLEMS, Measure.RECTIFIED))
    if known(found) is None:
        return ""
    sheet = brief.sheet(found, mended)
    if not is_positive(sheet, found):
        return ""
    text = f"发现问题{token(found)}"
    if sheet[mended].number == sheet[found].number:
        return f"{text}，均已整改到位"
    return f"{text}，已整改{token(mended)}" if is_positive(sheet, mended) else f"{text}，正在整改"


def about(brief: Brief, slug: str, measure: Measure, unit: str) -> tuple[str, str]:
    """(form, words after) of a number that was registered with 约: “20余张” for a round one, else with 约 before it.

    An entered value says 约 by itself. Without 约 there is nothing to add.
    """
    figure = known(code(slug, measure))
    if figure is None:
        return "", ""
    value = brief.sheet(figure.code)[figure.code]
    if value.missing or value.given or not value.number:
        return "", ""
    rows = records(figure, organisation=brief.area, period=brief.period)
    if not rows.filter(approximate__contains=[str(measure)]).exists():
        return "", ""
    return ("数", f"余{unit}") if value.number % 10 == 0 else ("", "左右")
