"""填报数据 as an Excel table: numbers of other offices and of the years before the ledgers, a row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from emergency.core import clock, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import Approximate, CellError, Column, ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.figures import vocabulary
from emergency.figures.models import GivenValue
from emergency.figures.queries.breakdowns import row_words
from emergency.figures.services.given import given_prepare, may_enter, span
from emergency.figures.vocabulary import Counted, Figure, GivenFigure
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.queries import read_area

_BATCH = 1_000


def read_figure(value: Any, context: ImportContext) -> Figure:
    """A figure by its code, or by a name that only one has. Raises ``CellError``."""
    word = str(value).strip()
    try:
        return vocabulary.get(word)
    except KeyError:
        found = [one for one in vocabulary.every() if one.name == word and isinstance(one, Counted | GivenFigure)]
    if not found:
        raise CellError(f"没有“{word}”这个指标，名称见“统计报表”中的“指标”页")
    if len(found) > 1:
        raise CellError(f"“{word}”不止一个，请填代码：{'、'.join(one.code for one in found)}")
    return found[0]


COLUMNS = (
    Column("指标", "figure", required=True, synonyms=("指标名称", "统计指标"), resolve=read_figure, example="排查隐患"),
    Column("属地", "area", excel.UNIT, required=True, synonyms=("单位", "所属乡镇", "所属街道"), resolve=read_area),
    Column("起始日期", "start", excel.DATE, required=True, synonyms=("开始日期", "统计起始日期")),
    Column("截止日期", "end", excel.DATE, required=True, synonyms=("结束日期", "统计截止日期")),
    Column("数值", "value", excel.DECIMAL, required=True, synonyms=("数据", "数量"), help="约数可写“约43”"),
    Column("计量单位", "measure", required=True, synonyms=("单位名称", "量纲"), example="条", help="金额可填元、万元、亿元"),
    Column("分组", "row", help="只是其中一类的，如“行业：工贸”；整体的不填"),
    Column("约数", "approximate", excel.BOOLEAN, synonyms=("是否约数",), help="不填为否"),
    Column("来源单位", "source_unit", required=True, synonyms=("数据来源", "提供单位"), example="消防救援大队"),
    Column("依据文件", "document", synonyms=("依据", "文件")),
)  # fmt: skip


class GivenLedger(Ledger):
    kind = "given_figures"
    label = "填报数据"
    columns = COLUMNS
    duplicate_keys = ("figure", "area", "start", "end", "row")

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        for row in rows:
            area = row["area"]
            if area is not None and context.actor is not None and not may_enter(context.actor, area):
                row.fault("area", "只能填报本单位辖区内的数据", area)
            for key, limit in (("source_unit", 80), ("document", 200)):
                if row[key] and len(row[key]) > limit:
                    row.fault(key, f"最多{limit}个字，现有{len(row[key])}个字")
            row["record"] = self._record(row)
        self._check_taken(rows)

    @staticmethod
    def _record(row: Row) -> GivenValue | None:
        """The entry by the rules of one entered by hand; None where a cell is at fault."""
        needed = ("figure", "area", "start", "end", "value", "measure", "source_unit")
        if any(row[key] is None for key in needed):
            return None
        try:
            return given_prepare(
                figure=row["figure"],
                area=row["area"],
                period=span(row["start"], row["end"]),
                value=row["value"],
                measure=row["measure"],
                row=row["row"] or "",
                approximate=bool(row["approximate"]) or "value" in row.approximate,
                source_unit=row["source_unit"],
                document=row["document"] or "",
            )
        except ValidationError as fault:
            for key, texts in fault.message_dict.items():
                row.fault("figure" if key == "figure_code" else key, "；".join(texts).rstrip("。"), row[key] or "")
            return None

    @staticmethod
    def _check_taken(rows: Sequence[Row]) -> None:
        """One live entry per figure, unit, period and row, in the table as in the file."""
        mine: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            if (record := row["record"]) is None:
                continue
            if mine.setdefault(_identity(record), row) is not row:
                row.fault("figure", "与本表前面的一行重复", record.name)
        places = {key[1] for key in mine}
        for held in GivenValue.objects.live().filter(Q(area__in=places), figure_code__in={key[0] for key in mine}):
            if (taken := mine.get(_identity(held))) is not None:
                taken.fault("figure", "该单位该时段的这项数据已填报，请在原记录上更正", held.name)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        import_id = context.import_id or numbering.take_one("import")
        records = [row["record"] for row in rows]
        for record in records:
            record.created_by, record.created_at, record.import_id = context.actor, clock.now(), import_id
        GivenValue.objects.bulk_create(records, batch_size=_BATCH)
        Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=_BATCH)
        return {"新增": len(records)}

    def records(self, queryset: QuerySet[GivenValue], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """Void entries stay behind: what is read in again counts."""
        names = _unique_names()
        words: dict[tuple[str, str, str], str] = {}
        for one in queryset.filter(void=False).select_related("area__parent").iterator(chunk_size=2_000):
            figure, row = one.figure, (one.figure_code, one.dimension, one.key)
            if row not in words:
                words[row] = row_words(figure, one.dimension, one.key)
            yield (
                names.get(one.figure_code, one.figure_code),
                _unit_name(one.area),
                one.start,
                one.end,
                Approximate(one.number) if one.approximate else one.number,
                figure.unit if figure else "",
                words[row],
                one.approximate,
                one.source_unit,
                one.document,
            )


def _identity(one: GivenValue) -> tuple[Any, ...]:
    return (one.figure_code, one.area_id, one.start, one.end, one.dimension, one.key)


def _unique_names() -> dict[str, str]:
    """Code → name of the figures that can be found again by it."""
    found: dict[str, list[str]] = {}
    for one in vocabulary.every():
        if isinstance(one, Counted | GivenFigure):
            found.setdefault(one.name, []).append(one.code)
    return {codes[0]: name for name, codes in found.items() if len(codes) == 1}


def _unit_name(unit: Organisation | None) -> str | None:
    """A name that finds the same unit again: communities of one name stand under many streets."""
    if unit is None:
        return None
    return f"{unit.parent.name}/{unit.name}" if unit.kind == Kind.COMMUNITY and unit.parent else unit.name


GIVEN = excel.register(GivenLedger())
