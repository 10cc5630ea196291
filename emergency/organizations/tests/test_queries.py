"""Units by name, the log in plain words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

from emergency.core import audit
from emergency.core.ledger import CellError
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.queries import differences, unit_find, units_within, verb_label
from emergency.organizations.queries.log import ACTIONS
from emergency.organizations.services import organisation_create, organisation_update
from emergency.organizations.tests.factories import Cast
from hazards.lifecycle import LIFECYCLE


@pytest.mark.parametrize("text", ["东门街道", "369901001", "南岭区/东门街道", " 章江市／东门街道 "])
def test_a_unit_is_found_by_name_code_or_path(cast: Cast, text: str) -> None:
    assert unit_find(text, units_within()) == cast.street_a


def test_a_unit_is_found_by_short_and_former_names(cast: Cast) -> None:
    assert unit_find("区应急局", units_within()) == cast.bureau
    organisation_update(unit=cast.street_a, name="东门镇")
    assert unit_find("东门街道", units_within()) == cast.street_a


def test_of_two_with_one_name_the_candidates_are_listed(cast: Cast) -> None:
    twin = organisation_create(name="桥头社区", kind=Kind.COMMUNITY, tier=Tier.COMMUNITY, parent=cast.street_b)
    with pytest.raises(CellError, match="东门街道/桥头社区、西坪街道/桥头社区"):
        unit_find("桥头社区", units_within())
    assert unit_find("西坪街道/桥头社区", units_within()) == twin
    assert unit_find("桥头社区", units_within(cast.person("officer_a"))) == cast.community_a


def test_an_ended_unit_gives_way_to_the_present_one(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.community_a.pk).update(valid_to="2020-01-01")
    assert unit_find("桥头社区", units_within()) == cast.community_a
    present = organisation_create(name="桥头社区", kind=Kind.COMMUNITY, tier=Tier.COMMUNITY, parent=cast.street_b)
    assert unit_find("桥头社区", units_within()) == present


@pytest.mark.parametrize("text", ["没有的镇", "", "/", "西坪街道/桥头社区"])
def test_what_is_not_there_is_refused(cast: Cast, text: str) -> None:
    with pytest.raises(CellError):
        unit_find(text, units_within())


def test_people_name_only_units_of_their_area(cast: Cast) -> None:
    assert set(units_within(cast.person("officer_b"))) == {cast.street_b}
    assert set(units_within(cast.person("officer_a"))) == {cast.street_a, cast.community_a}
    assert set(units_within(cast.person("department_clerk"))) == {cast.department}
    assert cast.city not in units_within(cast.person("bureau_clerk"))
    assert cast.department in units_within(cast.person("bureau_clerk"))
    assert cast.department in units_within(None, cast.bureau)
    assert not units_within(cast.person("auditor")).exists()


def test_differences_speak_of_columns_and_choices(cast: Cast) -> None:
    unit = cast.street_a
    entry = audit.record(
        "organisation.update",
        target=unit,
        before={"kind": "street", "contact": "", "former_names": ["旧名"], "district": 4},
        after={"kind": "community", "contact": "张三", "former_names": [], "district": 5, "gone": True},
    )
    assert [(one.label, one.before, one.after) for one in differences(entry)] == [
        ("类别", "街道（乡镇、功能区）", "社区（村）"),
        ("联系人", "", "张三"),
        ("曾用名", "旧名", ""),
        ("district", "编号 4", "编号 5"),
        ("gone", "", "是"),
    ]


def plain_texts(node: ast.expr) -> set[str]:
    """The texts that an argument may be: one, or either of “a if … else b”."""
    if isinstance(node, ast.IfExp):
        return plain_texts(node.body) | plain_texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def verbs_in_sources() -> set[str]:
    """Every verb that is written as a plain text into a call of audit.record or audit.record_refusal."""
    found = set()
    for app in settings.LOCAL_APPS:
        for path in (Path(settings.BASE_DIR) / app.replace(".", "/")).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(getattr(node, "func", None), "attr", "")
                if isinstance(node, ast.Call) and name in ("record", "record_refusal") and node.args:
                    found.update(plain_texts(node.args[0]))
    return found


def test_every_verb_has_a_chinese_word() -> None:
    verbs = verbs_in_sources()
    assert {"user.login", "membership.grant"} <= verbs
    assert {verb for verb in verbs if verb_label(verb) == verb} == set()


def test_a_life_cycle_brings_its_own_words() -> None:
    transition = LIFECYCLE.transitions[0]
    assert verb_label(f"{LIFECYCLE.name}.{transition.action}") == transition.label
    assert verb_label(f"{LIFECYCLE.name}.export") == ACTIONS["export"]
