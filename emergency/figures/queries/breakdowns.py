"""One row of a breakdown in words, as people write it into a form or a table: “行业：工贸”, “事故分类：道路运输”."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

from emergency.figures.vocabulary import UNIT, Counted, Dimension, Figure, GivenFigure, Source, sources


def breakdowns_of(figure: Figure) -> list[Dimension]:
    """The breakdowns whose rows can be entered: neither by unit, which the unit says, nor by tags, which share records."""
    if isinstance(figure, Counted):
        offered = figure.source.dimensions
    else:
        offered = figure.dimensions if isinstance(figure, GivenFigure) else ()
    return [one for one in offered if one.code != UNIT.code and not one.overlap]


def row_read(figure: Figure, words: str) -> tuple[str, str]:
    """(dimension, key) behind the words; two blanks for none. Raises ``ValidationError`` naming what could be written."""
    text = words.strip()
    if not text:
        return "", ""
    offered = breakdowns_of(figure)
    name, _, value = (part.strip() for part in re.sub("[：:=]", "：", text, count=1).partition("："))
    dimension = next((one for one in offered if name in (one.label, one.code)), None)
    if dimension is None or not value:
        ways = "、".join(one.label for one in offered)
        hint = f"请按“{offered[0].label}：名称”填写，可用：{ways}" if offered else "该指标不能分组填报，请不填"
        raise ValidationError({"row": f"分组“{text}”无法识别，{hint}。"})
    key = _key(_field(figure, dimension), value)
    if key is None:
        raise ValidationError({"row": f"“{dimension.label}”中没有“{value}”。"})
    return dimension.code, key


def row_words(figure: Figure | None, dimension: str, key: str) -> str:
    """The words for a stored row; blank for the whole."""
    found = next((one for one in breakdowns_of(figure) if one.code == dimension), None) if figure else None
    if figure is None or found is None:
        return f"{dimension}：{key}" if dimension else ""
    field = _field(figure, found)
    if field.is_relation:
        record = field.related_model._default_manager.filter(pk=int(key)).first() if key.isdecimal() else None
        return f"{found.label}：{record or key}"
    return f"{found.label}：{dict(field.flatchoices).get(key, key)}"


def _key(field: Any, value: str) -> str | None:
    if field.is_relation:
        record = field.related_model._default_manager.filter(name=value).first()
        return str(record.pk) if record else None
    return next((str(key) for key, label in field.flatchoices if value in (str(label), str(key))), None)


def _field(figure: Figure, dimension: Dimension) -> Any:
    """The column behind a breakdown; a figure without a ledger borrows it from one that has the same breakdown."""
    if isinstance(figure, Counted):
        source: Source = figure.source
    else:
        source = next(one for one in sources() if one.dimension(dimension.code) == dimension)
    return source.records().model._meta.get_field(dimension.column)
