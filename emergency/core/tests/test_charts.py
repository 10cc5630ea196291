import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.core.cache import cache

from emergency.core import charts
from emergency.core.charts import Point

SPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def months(**extra) -> list[Point]:
    return [Point(f"{month}月", month * 10, "排查", f"/hazards/?month={month}&open=1") for month in range(1, 4)]


def drawings() -> dict[str, str]:
    return {
        "months": charts.month_bars(months(), title="各月排查", unit="条", rate=[Point("1月", 95, "整改率")]),
        "bars": charts.bars([Point("青山镇", Decimal("95.5"), href="/x/?a=1")], title="各镇整改率", unit="%"),
        "lines": charts.lines([Point("2020年", 3, "起数"), Point("2021年", None, "起数")], title="五年事故", unit="起"),
    }


@pytest.mark.parametrize("kind", ["months", "bars", "lines"])
def test_a_drawing_is_well_formed_and_says_what_it_shows_in_chinese(kind):
    svg = drawings()[kind]
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SPACE}svg"
    assert root.find(f"{SPACE}title").text == root.get("aria-label")
    said = [item.get("aria-label") for item in root.iter() if item.get("aria-label")]
    assert not [words for words in said if re.search(r"[A-Za-z]", words)]


@pytest.mark.parametrize("kind", ["months", "bars", "lines"])
def test_the_content_security_policy_has_nothing_to_refuse(kind):
    svg = drawings()[kind]
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|url\(|<image|xlink", svg)
    assert set(re.findall(r'https?://[^"]+', svg)) == {"http://www.w3.org/2000/svg"}


def test_bars_link_to_their_records():
    root = ElementTree.fromstring(charts.month_bars(months(), title="各月排查"))
    links = [link.get("href") for link in root.iter(f"{SPACE}a")]
    assert set(links) == {f"/hazards/?month={month}&open=1" for month in range(1, 4)}


def test_links_take_a_site_or_go_away():
    svg = charts.month_bars(months(), title="各月排查")
    assert 'href="https://portal.example/hazards/?month=1&amp;open=1"' in charts.with_site(
        svg, "https://portal.example"
    )
    assert "href" not in charts.without_links(svg)
    assert charts.without_links(svg).count("<path") == svg.count("<path")
    ElementTree.fromstring(charts.without_links(svg))


def test_values_are_written_as_given():
    svg = charts.bars([Point("甲", Decimal("95.5")), Point("乙", 100), Point("丙", Decimal("0.10"))], title="率")
    assert {"95.5", "100", "0.1"} <= set(re.findall(r">([\d.]+)<", svg))


def test_the_unknown_is_a_gap_and_not_zero():
    svg = charts.bars([Point("甲", None), Point("乙", 5)], title="起数", unit="起")
    said = re.findall(r'<path aria-label="([^"]*)"', svg)
    assert "乙5起" in said
    assert "甲0起" not in said


def test_a_drawing_is_made_once(monkeypatch):
    made = []
    real = charts.vl_convert.vegalite_to_svg
    monkeypatch.setattr(charts.vl_convert, "vegalite_to_svg", lambda *a, **k: made.append(1) or real(*a, **k))
    first = charts.month_bars(months(), title="各月排查")
    assert charts.month_bars(months(), title="各月排查") == first
    assert len(made) == 1
    charts.month_bars(months()[:2], title="各月排查")
    assert len(made) == 2


def test_what_officers_type_is_never_markup():
    svg = charts.bars([Point('<b>"甲"&', 1, href='/x/?q="><b>')], title='<i>"率"&')
    root = ElementTree.fromstring(svg)
    assert root.find(f"{SPACE}title").text == '<i>"率"&'
    assert [link.get("href") for link in root.iter(f"{SPACE}a")] == ['/x/?q="><b>']


def test_a_picture_for_word():
    png = charts.to_png(charts.lines([Point("2021年", 3, "起数")], title="事故"), scale=1)
    assert png.startswith(b"\x89PNG")
    assert len(png) > 1000
