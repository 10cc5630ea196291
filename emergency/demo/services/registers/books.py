"""Which workbooks a case has, in the order in which they are imported."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence

from emergency.demo.services.cases import Case
from emergency.demo.services.register import Subject
from emergency.demo.services.registers.accidents import accidents_draw
from emergency.demo.services.registers.activities import activities_draw
from emergency.demo.services.registers.drawing import Row, Sketch, Stretch
from emergency.demo.services.registers.letters import letters_draw
from emergency.demo.services.registers.measures import measures_draw
from emergency.demo.services.registers.risks import risks_draw
from emergency.demo.services.registers.told import given_rows, problem_rows
from emergency.demo.services.workbooks import Table

Draw = Callable[[Sketch, Stretch], list[Row]]

#: Kind of the ledger, what its table is called, who draws its rows, and the columns that are added up in the last row.
_DRAWN: tuple[tuple[str, str, Draw, tuple[str, ...]], ...] = (
    ("risk_points", "风险点管控台账", risks_draw, ()),
    ("measures", "执法处置台账", measures_draw, ("罚款金额(元)",)),
    ("letters", "督办文书台账", letters_draw, ()),
    ("accidents", "生产安全事故台账", accidents_draw, ("死亡", "重伤")),
    ("activities", "工作纪实台账", activities_draw, ()),
)


def books(
    case: Case, *, subjects: Sequence[Subject], today: dt.date, rng: random.Random
) -> Iterator[tuple[str, Table]]:
    """(kind of the ledger, workbook) for each register of the case; one that the case file does not mention is left out."""
    sketch = Sketch(case, subjects, today, rng)
    stretches = sketch.stretches()
    for kind, name, draw, sums in _DRAWN:
        rows = [row for stretch in stretches if kind in stretch.amounts for row in draw(sketch, stretch)]
        yield kind, _table(case, name, rows, sums)
    yield "given_figures", _table(case, "填报数据", given_rows(sketch))
    yield "problems", _table(case, "问题与建议", problem_rows(sketch))


def _table(case: Case, name: str, rows: Sequence[Row], sums: Sequence[str] = ()) -> Table:
    headers = dict.fromkeys(header for row in rows for header in row)
    return Table(f"{case.district_name}{name}", f"填报单位：{case.bureau_name}", tuple(headers), rows, sums)
