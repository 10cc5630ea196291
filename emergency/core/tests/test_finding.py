"""The search over everything: two statements for all ledgers, rare and common terms, only what the reader sees."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from emergency.core import finding, search
from emergency.core.panels import searches
from emergency.organizations.scope import reach
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import hazard_make

pytestmark = pytest.mark.django_db


def hits(cast: Cast, who: str, term: str, limit: int = 8) -> dict[str, list[str]]:
    return {one.label: [hit.title for hit in one.hits] for one in finding.find(cast.person(who), term, limit)}


def test_two_statements_however_many_ledgers_there_are(cast: Cast) -> None:
    for _ in range(3):
        hazard_make(cast)
    user = cast.person("officer_a")
    assert reach(user).predecessors == {}  # what a page has asked anyway
    assert len(searches()) > 5
    with CaptureQueriesContext(connection) as queries:
        found = finding.find(user, "东门", 8)
    assert {"隐患", "监管对象"} <= {one.label for one in found}
    assert len(queries) == 2


@pytest.mark.parametrize("listed", [search.LISTED_HITS, 1], ids=["rare", "common"])
def test_the_newest_come_first_whether_they_are_few_or_many(
    cast: Cast, listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "LISTED_HITS", listed)
    made = [hazard_make(cast, description="配电箱未上锁") for _ in range(3)]
    assert hits(cast, "officer_a", "配电箱", 2) == {
        "隐患": [f"{one.number} {one.subject_name}" for one in (made[2], made[1])]
    }


@pytest.mark.parametrize(
    ("term", "found"), [("电", True), ("配电 上锁", True), ("配电 阀门", False), ("", False), ("％", False)]
)
def test_one_character_several_words_and_none(cast: Cast, term: str, found: bool) -> None:
    hazard_make(cast, description="配电箱未上锁")
    assert ("隐患" in hits(cast, "officer_a", term)) is found


def test_nobody_finds_what_is_not_theirs(cast: Cast) -> None:
    hazard_make(cast, description="配电箱未上锁")
    for who in ("officer_b", "system_admin", "auditor"):
        assert hits(cast, who, "配电箱") == {}
