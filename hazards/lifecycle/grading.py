"""How grave a risk is: from the inputs of an assessment to one of the four colours.

红 重大, 橙 较大, 黄 一般, 蓝 低 (安委办〔2016〕11号). Where a level begins is a site's choice, because cities draw the lines differently:
``RISK_LEC_THRESHOLDS`` and ``RISK_LS_THRESHOLDS`` name the least values of red, orange and yellow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError

from emergency.enterprises.models import RiskLevel
from hazards.models import Assessment

#: 作业条件危险性评价法: the grades of each factor, gravest first.
LEC_LIKELIHOOD = tuple(map(Decimal, ("10", "6", "3", "1", "0.5", "0.2", "0.1")))
LEC_EXPOSURE = tuple(map(Decimal, ("10", "6", "3", "2", "1", "0.5")))
LEC_SEVERITY = tuple(map(Decimal, ("100", "40", "15", "7", "3", "1")))
#: 风险矩阵法: both factors from 1 to 5.
LS_GRADES = tuple(map(Decimal, ("5", "4", "3", "2", "1")))

_LEVELS = (RiskLevel.RED, RiskLevel.ORANGE, RiskLevel.YELLOW)
_FACTORS: dict[str, tuple[tuple[str, str, Sequence[Decimal]], ...]] = {
    Assessment.LEC: (
        ("likelihood", "可能性（L）", LEC_LIKELIHOOD),
        ("exposure", "暴露频繁程度（E）", LEC_EXPOSURE),
        ("severity", "后果严重性（C）", LEC_SEVERITY),
    ),
    Assessment.LS: (("likelihood", "可能性（L）", LS_GRADES), ("severity", "后果严重性（S）", LS_GRADES)),
    Assessment.DIRECT: (),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Graded:
    """What an assessment came to; ``score`` is D of LEC or R of LS, None where the level was judged directly."""

    assessment: str
    level: str
    likelihood: Decimal | None = None
    exposure: Decimal | None = None
    severity: Decimal | None = None
    score: Decimal | None = None


def thresholds(assessment: str) -> Sequence[int]:
    """The least values of red, orange and yellow."""
    return settings.RISK_LEC_THRESHOLDS if assessment == Assessment.LEC else settings.RISK_LS_THRESHOLDS


def level_of(assessment: str, score: Decimal) -> RiskLevel:
    """The colour of a value; the least value of a level belongs to it."""
    for least, level in zip(thresholds(assessment), _LEVELS, strict=True):
        if score >= least:
            return level
    return RiskLevel.BLUE


def grade(
    *,
    assessment: str,
    likelihood: Decimal | int | None = None,
    exposure: Decimal | int | None = None,
    severity: Decimal | int | None = None,
    level: str = "",
    judgement: str = "",
    imported: bool = False,
) -> Graded:
    """Work out the level, or take the ``level`` that was judged directly (with its reason; old lists need none).

    D = L × E × C, R = L × S. A ``level`` given beside inputs must be the one that follows from them. Raises ``ValidationError`` at the
    fields for a factor that is missing or not one of the method's grades.
    """
    if assessment == Assessment.DIRECT:
        if not level:
            raise ValidationError({"level": "请选择风险等级。"})
        if not judgement.strip() and not imported:
            raise ValidationError({"judgement": "直接判定风险等级须填写理由。"})
        return Graded(assessment, level)
    given = {"likelihood": likelihood, "exposure": exposure, "severity": severity}
    values: dict[str, Decimal] = {}
    faults: dict[str, str] = {}
    score = Decimal(1)
    for name, label, grades in _FACTORS[assessment]:
        value = given[name]
        if value is None or Decimal(value) not in grades:
            faults[name] = f"{label}请填{'、'.join(f'{one:f}' for one in grades)}之一。"
            continue
        values[name] = Decimal(value)
        score *= values[name]
    if faults:
        raise ValidationError(faults)  # type: ignore[arg-type]  # a mapping of single messages is allowed
    found = level_of(assessment, score)
    if level and level != found:
        raise ValidationError({"level": f"按所填取值风险值为{score.normalize():f}，应为{found.label}，请核对。"})
    return Graded(assessment, found, score=score, **values)
