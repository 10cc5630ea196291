"""Risk points: identified, controlled, and the key ones spread over fields with their measures one by one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from emergency.demo.services.cases import vocabulary
from emergency.demo.services.register import Subject, person_name
from emergency.demo.services.registers.drawing import Row, Sketch, Stretch
from emergency.demo.services.splitting import apportion

#: In the vocabulary: what is risky in any trade.
_ANY = "通用"
#: An enterprise and what is risky there, in the words of the vocabulary.
Place = tuple[Subject, Mapping[str, Any]]


@dataclasses.dataclass(frozen=True, slots=True)
class _Level:
    """A colour: inputs of an LEC assessment that lead to it, who answers for it, and how often somebody looks (days between)."""

    name: str
    factors: tuple[float, float, float]
    control: str
    patrol: str
    days: int


_DISTRICT = "区（县）级"
_RED = _Level("红", (6, 6, 15), _DISTRICT, "每周", 7)
_ORANGE = _Level("橙", (3, 6, 15), _DISTRICT, "每月", 30)
_YELLOW = _Level("黄", (3, 6, 7), "街道（乡镇）级", "每季度", 91)
_BLUE = _Level("蓝", (1, 6, 3), "企业级", "每半年", 182)


def risks_draw(sketch: Sketch, stretch: Stretch) -> list[Row]:
    """One row per risk point. The key ones come from as many industries as the case says, and share its measures."""
    wanted = stretch.amounts["risk_points"]
    total, key, fields, lines = (sketch.number(wanted[name]) for name in ("identified", "key", "fields", "measures"))
    controlled = sketch.number(wanted["controlled"])
    found = _places(sketch, total, key, fields)
    measures = apportion(lines, [1] * key)
    keys, rows = _spread(total, key), []
    for place, (day, (subject, words)) in enumerate(zip(sketch.days(stretch, total), found, strict=True)):
        if not sketch.known(day):
            break
        is_key = place in keys
        number = measures.pop() if is_key else sketch.rng.randint(0, 2)
        level = sketch.rng.choices((_RED, _ORANGE) if is_key else (_YELLOW, _BLUE), (1, 2))[0]
        row = _row(sketch, subject, words, level, number)
        on = min(day + dt.timedelta(days=sketch.rng.randint(0, 20)), stretch.end)
        row |= {"是否重点": is_key, "辨识日期": day}
        rows.append(row | _control(sketch, level, on if place < controlled and sketch.known(on) else None))
    return rows


def _spread(total: int, key: int) -> set[int]:
    """Which rows are the key ones: evenly through the stretch."""
    return {index * total // key for index in range(key)}


def _places(sketch: Sketch, total: int, key: int, fields: int) -> list[Place]:
    """Where the risk points are, no place twice; those at the turns of the key ones cover just so many industries."""
    free = _free(sketch)
    weights = sketch.case.demo["industries"]
    named = sorted(weights, key=lambda industry: -weights[industry])[:fields]
    if len(named) < fields:
        raise ValueError("fewer industries than fields of the risk map")
    per_field = [1 + more for more in apportion(key - fields, [weights[name] for name in named])]
    chosen = [
        place
        for name, count in zip(named, per_field, strict=True)
        for place in [one for one in free if one[0].industry == name][:count]
    ]
    sketch.rng.shuffle(chosen)
    taken = {id(one) for one in chosen}
    rest = [one for one in free if id(one) not in taken]
    sketch.rng.shuffle(rest)
    others = iter(rest)
    keys = _spread(total, key)
    places = [chosen.pop() if turn in keys else next(others) for turn in range(total)]
    sketch.taken.update((subject.name, words["name"]) for subject, words in places)
    return places


def _free(sketch: Sketch) -> list[Place]:
    """Everything risky at every enterprise that is not in the register yet, in any order; what is typical of its trade first."""
    words = vocabulary()["risk_points"]
    free = []
    for lines in ({name: own for name, own in words.items() if name != _ANY}, {_ANY: words[_ANY]}):
        places = [
            (subject, one)
            for subject in sketch.subjects
            for one in lines.get(subject.industry, lines.get(_ANY, ()))
            if (subject.name, one["name"]) not in sketch.taken
        ]
        sketch.rng.shuffle(places)
        free += places
    return free


def _row(sketch: Sketch, subject: Subject, words: Mapping[str, Any], level: _Level, number: int) -> Row:
    likelihood, exposure, severity = level.factors
    return {
        "名称": words["name"],
        "属地": subject.area,
        "监管对象": subject.name,
        "监管单位": sketch.case.bureau_name if level.control == _DISTRICT else subject.unit,
        "类别": words["category"],
        "风险等级": level.name,
        "风险描述": words["features"],
        "可能后果": words["consequences"],
        "管控措施": "\n".join(_measures(words["measures"], number, subject.safety_officer, level.patrol)),
        "管控层级": level.control,
        "责任单位": subject.name,
        "责任人": subject.safety_officer or person_name(sketch.rng),
        "联系电话": subject.phone,
        "评估方法": "LEC法",
        "可能性": likelihood,
        "暴露频繁程度": exposure,
        "后果严重性": severity,
        "巡查频次": level.patrol,
    }


def _measures(lines: Sequence[str], number: int, owner: str, patrol: str) -> list[str]:
    return [f"{lines[place % len(lines)]}｜{owner}｜{patrol}" for place in range(number)]


def _control(sketch: Sketch, level: _Level, on: dt.date | None) -> Row:
    """Under control since a day and patrolled since, here and there a little late; or not yet."""
    if on is None:
        return {"是否管控": False, "管控日期": None, "最近巡查日期": None, "下次巡查日期": None}
    last = max(on, sketch.today - dt.timedelta(days=sketch.rng.randint(1, level.days + level.days // 20 + 1)))
    return {
        "是否管控": True,
        "管控日期": on,
        "最近巡查日期": last,
        "下次巡查日期": last + dt.timedelta(days=level.days),
    }
