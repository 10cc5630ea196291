"""What the token picker offers: figures by name or code, the units and rows of the area, periods."""

from __future__ import annotations

from emergency.figures import vocabulary
from emergency.organizations.models import Kind
from reports.sections.writing import RELATIVE, Brief, names
from reports.sections.writing.brief import sources_of
from reports.sections.writing.rows import rows_of

#: More rows than these make a list that nobody reads; such rows are typed by name.
ROWS_SHOWN = 40


def figure_results(words: str) -> list[dict[str, str]]:
    """Figures whose name, code or ledger has every word that was typed, in the order of the vocabulary."""
    wanted, called = words.lower().split(), names()
    found = []
    for figure in vocabulary.every():
        ledgers = "、".join(source.label for source in sources_of(figure))
        if all(word in f"{figure.name} {figure.code} {ledgers}".lower() for word in wanted):
            note = "，".join(part for part in (ledgers, figure.unit, figure.code) if part)
            found.append({"id": called.get(figure.code, figure.code), "text": figure.name, "note": note})
    return found


def picker_places(brief: Brief) -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [(unit field, name)]): the units below the area, then the rows of each breakdown that some ledger offers."""
    home = brief.area.counted
    below = home.children.areas().in_force(brief.period.end).exclude(kind=Kind.AREA_SET)  # type: ignore[attr-defined]
    groups = [("单位", [(unit.division_code, str(unit)) for unit in below if unit.division_code])]
    seen = {"unit"}
    for source in vocabulary.sources():
        for dimension in source.dimensions:
            if dimension.code in seen:
                continue
            seen.add(dimension.code)
            rows = rows_of(source, dimension, brief.area, brief.period)
            shown = list(rows.items())[:ROWS_SHOWN]
            groups.append((dimension.label, [(f"{dimension.code}:{_name(rows, key)}", name) for key, name in shown]))
    return [(label, rows) for label, rows in groups if rows]


def _name(rows: dict[str, str], key: str) -> str:
    label = rows[key]
    return label if list(rows.values()).count(label) == 1 and not set("|[]:：｜") & set(label) else key


def picker_periods(brief: Brief) -> list[tuple[str, str]]:
    """(period field, what it means in this paper)."""
    return [("", f"本文书时段（{brief.period.label(with_year=True)}）")] + [
        (word, f"{word}（{period(brief.period).label(with_year=True)}）") for word, period in RELATIVE.items()
    ]
