"""What an evaluation returns: values that know whether they are known, rows, and the sheet of both."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField

from emergency.core.periods import Period
from emergency.figures.models import GivenValue
from emergency.figures.vocabulary import ChangeFigure, Counted, Figure, RatioFigure, TotalFigure, money, percent, plain
from emergency.organizations.models import Organisation

Number = int | Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """One figure's value for one unit, period and row.

    ``number`` is None when the value is not known (then ``missing`` says what nobody entered) or when a ratio is nothing over
    nothing. ``parts`` is (numerator, denominator) of a ratio and (now, before) of a change. ``note`` is printed beside the number.
    ``given`` are the entries (填报数据) that the number stands on, where no ledger spoke; ``recorded`` is the later part of the period
    in which the ledger did, so that only it opens a list. ``approximate`` prints 约. ``years`` are those a streak looked at, latest
    first. Of a ratio or change these are the numerator's and the present period's.
    """

    figure: Figure
    number: Number | None
    missing: str = ""
    parts: tuple[Number, Number] | None = None
    note: str = ""
    given: tuple[GivenValue, ...] = ()
    approximate: bool = False
    recorded: Period | None = None
    years: tuple[Year, ...] = ()

    @property
    def known(self) -> bool:
        return not self.missing

    @property
    def text(self) -> str:
        """The bare number as pages and tables print it: “5985”, “95.5”, “—”, “【待补】”."""
        if self.missing:
            return "【待补】"
        if self.number is None:
            return "—"
        if isinstance(self.figure, ChangeFigure):
            return self.change_text
        if isinstance(self.figure, RatioFigure):
            return self.about + plain(self.number, 1)
        return self.about + plain(self.number)

    @property
    def text_with_unit(self) -> str:
        """As prose prints it: “5985条”, “95.5%”, “约38.74万元”."""
        if self.missing or self.number is None or isinstance(self.figure, ChangeFigure):
            return self.text
        if self.figure.unit == "元":
            return self.about + money(self.number)
        return f"{self.text}{self.figure.unit}"

    @property
    def about(self) -> str:
        return "约" if self.approximate else ""

    @property
    def gap(self) -> str:
        """What has to be filled in before a paper can be issued: “【待补：2020年1—11月查出隐患】”."""
        return f"【待补：{self.missing}】" if self.missing else ""

    @property
    def percent_changed(self) -> Decimal | None:
        """By how many percent a change went up (positive) or down; None where the base is zero or unknown."""
        if self.parts is None or not self.parts[1]:
            return None
        now, before = Decimal(self.parts[0]), Decimal(self.parts[1])
        return percent(abs(now - before), before) if now >= before else -(percent(before - now, before) or Decimal(0))

    @property
    def change_text(self) -> str:
        """“增加36条、上升7.6%”, “减少4起、下降50%”, “持平”, “增加3人（上年同期为零）”, “上升1.2个百分点”."""
        if self.missing:
            return self.gap
        if self.parts is None or self.number is None:
            return "—"
        base_is_ratio = self.figure.unit == "%"
        if self.number == 0:
            return "持平"
        word, direction = ("增加", "上升") if self.number > 0 else ("减少", "下降")
        if base_is_ratio:
            return f"{direction}{plain(abs(self.number), 1)}个百分点"
        size = self.number if self.number > 0 else -self.number
        amount = word + self.about + (money(size) if self.figure.unit == "元" else f"{plain(size)}{self.figure.unit}")
        share = self.percent_changed
        if share is None:
            former = "上年同期" if getattr(self.figure, "against", "year") == "year" else "上月"
            return f"{amount}（{former}为零）"
        return f"{amount}、{direction}{plain(abs(share), 1)}%"


@dataclasses.dataclass(frozen=True, slots=True)
class Year:
    """One of the years that a streak compares: the same days, and the value of each base."""

    period: Period
    values: tuple[Value, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One line of a breakdown. ``key`` goes into links: a primary key, a choice, ``own`` (区本级) or ``none`` (未填)."""

    key: str
    label: str
    values: dict[str, Value]

    def __getitem__(self, code: str) -> Value:
        return self.values[code]


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """Figures of one organisation and period: the totals, and the rows of a breakdown if one was asked for.

    ``overlap`` says that rows may share records, so that they need not add up to the total (合计（去重）).
    """

    organisation: Organisation
    period: Period
    totals: dict[str, Value]
    by: str | None = None
    rows: tuple[Row, ...] = ()
    overlap: bool = False
    within: dict[str, str] = dataclasses.field(default_factory=dict)

    def __getitem__(self, code: str) -> Value:
        return self.totals[code]

    def number(self, code: str) -> Number:
        """The number for arithmetic in a sentence; 0 where it is not known (the sentence then prints the gap)."""
        return self.totals[code].number or 0


def places_of(figure: Counted) -> int:
    """Digits behind the point of a figure's numbers, as its records keep them."""
    if not isinstance(figure, TotalFigure):
        return 0
    field: Any = figure.source.records().model._meta.get_field(figure.field)
    return field.decimal_places if isinstance(field, DecimalField) else 0


def typed(value: Decimal | int, digits: int) -> Number:
    """A number that SQL summed as a decimal, as the figure means it."""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits)) if digits else int(value)
