"""Search by pairs of characters: what is found, and by which way."""

import itertools
from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext, isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergency.core import search as module
from emergency.core.search import SearchText, bigram_index, bigram_matches, search, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def note() -> Iterator[type[models.Model]]:
    """A table of its own with searchable text, for one test."""
    with isolate_apps("emergency.core"):

        class Note(models.Model):
            title = models.CharField(max_length=100)
            body = models.TextField(null=True)
            open = models.BooleanField(default=True)
            search_text = models.GeneratedField(
                expression=SearchText("title", "body"), output_field=models.TextField(), db_persist=True
            )

            class Meta:
                app_label = "core"
                indexes = [bigram_index("note_search")]

            def __str__(self) -> str:
                return self.title

        with connection.schema_editor() as editor:
            editor.create_model(Note)
        yield Note


@pytest.fixture
def filled(note: type[models.Model]) -> type[models.Model]:
    note.objects.bulk_create(
        [
            note(title="赣州市华新化工有限公司", body="配电箱未接地；灭火器过期"),
            note(title="华新纺织厂", body="安全出口堵塞 100%_关闭", open=False),
            note(title="ABC Steel", body=None),
            note(title="１号仓库（东）", body="危化品与氧化剂混存"),
            note(title=r"C:\data", body="公司 化工"),
        ]
    )
    return note


@pytest.fixture
def large(monkeypatch) -> None:
    """Five rows count as a large table with rare terms, so that the index is asked."""
    monkeypatch.setattr(module, "SAMPLE_ROWS", 5)


@pytest.mark.parametrize("sample", [5, 6], ids=["named", "walked"])
@pytest.mark.parametrize(
    ("term", "titles"),
    [
        ("华新", ["赣州市华新化工有限公司", "华新纺织厂"]),
        ("华新 化工", ["赣州市华新化工有限公司"]),
        ("化工　华新", ["赣州市华新化工有限公司"]),
        ("灭火器", ["赣州市华新化工有限公司"]),
        ("工化", []),
        ("abc", ["ABC Steel"]),
        ("ＡＢＣ", ["ABC Steel"]),
        ("1号仓库(东)", ["１号仓库（东）"]),
        ("厂", ["华新纺织厂"]),
        ("厂 华新", ["华新纺织厂"]),
        ("100%_", ["华新纺织厂"]),
        ("0%关", []),  # the wildcard means itself
        ("_", ["华新纺织厂"]),
        ("\\d", ["C:\\data"]),
        ("司化", []),  # pairs do not reach over a space
        ("'", []),
        ("\0", ["赣州市华新化工有限公司", "华新纺织厂", "ABC Steel", "１号仓库（东）", "C:\\data"]),
    ],
)
def test_finds_what_contains_every_word(filled, monkeypatch, sample: int, term: str, titles: list[str]):
    monkeypatch.setattr(module, "SAMPLE_ROWS", sample)
    assert list(search(filled.objects.order_by("pk"), term).values_list("title", flat=True)) == titles


def test_stays_within_the_given_rows(filled):
    assert search(filled.objects.filter(open=False), "华新").get().title == "华新纺织厂"


def test_an_empty_term_asks_nothing(filled, django_assert_num_queries):
    rows = filled.objects.all()
    with django_assert_num_queries(0):
        assert str(search(rows, "  　").query) == str(rows.query)


def queries_of(rows: models.QuerySet, term: str) -> tuple[int, bool]:
    """How many queries the search asks beforehand, and whether it then names the hits instead of comparing texts."""
    with CaptureQueriesContext(connection) as queries:
        found = search(rows, term)
    return len(queries), "LIKE" not in str(found.query)


def test_rare_hits_are_named_and_common_ones_are_walked(filled, large, monkeypatch):
    rows = filled.objects.order_by("pk")
    assert queries_of(rows, "华新") == (2, True)
    monkeypatch.setattr(module, "SAMPLE_HITS", 2)
    assert queries_of(rows, "华新") == (1, False)
    monkeypatch.setattr(module, "SAMPLE_HITS", 3)
    monkeypatch.setattr(module, "LISTED_HITS", 1)
    assert queries_of(rows, "华新") == (2, False)
    monkeypatch.setattr(module, "LISTED_HITS", 2)
    monkeypatch.setattr(module, "PROBE_ROWS", 2)
    assert queries_of(rows, "华新") == (2, False)
    monkeypatch.setattr(module, "PROBE_ROWS", 3)
    assert queries_of(rows, "华新") == (2, True)


def test_a_small_table_is_not_probed(filled):
    assert queries_of(filled.objects.all(), "华新") == (1, False)


def test_one_character_is_not_probed(filled, django_assert_num_queries):
    with django_assert_num_queries(0):
        search(filled.objects.all(), "厂")


def test_the_probe_asks_the_index(filled, large):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        search(filled.objects.all(), "华新 化工")
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + queries[-1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "note_search" in plan
    assert "note_search" in bigram_matches(filled, ["华新"]).explain()


def test_pairs_of_a_text():
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_bigrams(%s), core_bigrams(%s), core_bigrams(%s)", ["Ａ b\n灭火", "火", ""])
        pairs, one, none = cursor.fetchone()
    assert sorted(pairs) == ["ab", "b灭", "灭火"]
    assert (one, none) == ([], [])


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_two_neighbours_are_a_pair_and_nothing_else(text: str):
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT regexp_replace(lower(normalize(%s, NFKC)), '\s', '', 'g')", [text])
        folded = cursor.fetchone()[0]
        cursor.execute("SELECT core_bigrams(%s)", [text])
        assert sorted(cursor.fetchone()[0]) == sorted(a + b for a, b in itertools.pairwise(folded))


def test_words():
    assert words_of(" 华新　ＡＢ 华新 ") == ["华新", "AB"]
