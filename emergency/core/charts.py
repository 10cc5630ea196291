"""Charts: declared with Altair, drawn to SVG on the server, the same on the page, in the PDF and in Word.

The SVG carries presentation attributes only, so the portal's content security policy has nothing to refuse. A point's
`href` makes its bar or dot a link to the list that it counts. Drawings are cached by what they say.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec
from xml.sax.saxutils import escape, quoteattr

from django.core.cache import cache

from emergency.core.lazy import lazy_module

alt: Any = lazy_module("altair")
vl_convert: Any = lazy_module("vl_convert")

ACCENT, PALE, GREY, CONTRAST = "#1f5fa8", "#a9c3e0", "#5d6b7a", "#b45f06"  # told apart in black and white too
SERIES = (ACCENT, PALE, GREY, CONTRAST)
INK, RULE = "#2b3440", "#d9dee5"
FAMILY = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
PLAIN = "~f"  # numbers on an axis as papers print them: no thousands separators, no trailing zeros
WIDTH = 560  # CSS pixels; the type area of a page is 590 wide
NOWHERE = "https://portal.invalid"  # the renderer puts a foreign host before bare paths; this one is taken off again
#: Who drew: a newer renderer, or a change of this module, draws anew.
DRAWN_BY = f"{version('vl-convert-python')}|{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
P = ParamSpec("P")
_LINK = re.compile(r"<a\b[^>]*>|</a>")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart; `value` None leaves a gap (unknown is not zero), `href` opens its records."""

    label: str
    value: int | float | Decimal | None
    series: str = ""
    href: str = ""


def kept(draw: Callable[P, str]) -> Callable[P, str]:
    """Drawings are kept by what they were asked to say: describing a chart to the renderer costs as much as many queries."""

    @functools.wraps(draw)
    def drawing(*args: P.args, **more: P.kwargs) -> str:
        asked = f"{DRAWN_BY}|{draw.__name__}|{args!r}|{sorted(more.items())!r}"
        key = f"chart:{hashlib.sha256(asked.encode()).hexdigest()}"
        svg: str | None = cache.get(key)
        if svg is None:
            svg = draw(*args, **more)
            cache.set(key, svg, timeout=None)
        return svg

    return drawing


@kept
def bars(points: Sequence[Point], *, title: str, unit: str = "") -> str:
    """Lying bars, one per label in the order given, with the value at their end: rate by town, industries."""
    data = _rows(points, unit)
    base = alt.Chart(_data(data)).encode(
        x=alt.X("value:Q", title=unit or None, axis=alt.Axis(format=PLAIN), scale=alt.Scale(zero=True, nice=True)),
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, grid=False)),
    )
    drawn = base.mark_bar(color=ACCENT, height={"band": 0.66}).encode(**_links(data))
    words = base.mark_text(align="left", dx=4, color=INK, aria=False).encode(text="shown:N")
    return _draw((drawn + words).properties(width=WIDTH - 60, height=alt.Step(21)), title)


@kept
def month_bars(points: Sequence[Point], *, title: str, unit: str = "", rate: Sequence[Point] = ()) -> str:
    """Standing bars per month, side by side per series, with an optional rate in percent as a line on the right."""
    data = _rows(points, unit)
    names = _series(points)
    labels = list(dict.fromkeys(point.label for point in points))
    drawn = (
        alt.Chart(_data(data))
        .mark_bar()
        .encode(
            x=_months(labels),
            xOffset=alt.XOffset("series:N", sort=names),
            y=alt.Y("value:Q", axis=_upright(unit), scale=alt.Scale(zero=True)),
            color=_colours(names, extra=_series(rate)),
            **_links(data),
        )
    )
    chart: Any = drawn
    if rate:
        rates = _rows(rate, "%")
        line = alt.Chart(_data(rates)).encode(
            x=_months(labels),
            y=alt.Y("value:Q", axis=_upright("%", right=True), scale=alt.Scale(domain=[0, 100])),
            color=_colours(names, extra=_series(rate)),
        )
        dots = line.mark_point(filled=True, size=34, opacity=1).encode(**_links(rates))
        chart = alt.layer(drawn, line.mark_line(strokeWidth=1.8, aria=False) + dots).resolve_scale(y="independent")
    return _draw(chart.properties(width=WIDTH, height=210), title)


@kept
def lines(points: Sequence[Point], *, title: str, unit: str = "") -> str:
    """A line with dots per series over the labels in the order given: accidents and deaths of five years."""
    data = _rows(points, unit)
    names = _series(points)
    base = alt.Chart(_data(data)).encode(
        x=_months(list(dict.fromkeys(point.label for point in points))),
        y=alt.Y("value:Q", axis=_upright(unit), scale=alt.Scale(zero=True, nice=True)),
        color=_colours(names, shades=(ACCENT, CONTRAST, GREY, PALE)),
        strokeDash=alt.StrokeDash("series:N", sort=names, legend=None),
    )
    dots = base.mark_point(filled=True, size=40, opacity=1).encode(**_links(data))
    words = base.mark_text(dy=-9, aria=False).encode(text="shown:N", color=alt.value(INK))
    return _draw(
        alt.layer(base.mark_line(strokeWidth=2, aria=False), dots, words).properties(width=WIDTH, height=210), title
    )


def without_links(svg: str) -> str:
    """The drawing with nothing to click, for the edition that is sent."""
    return _LINK.sub("", svg)


def with_site(svg: str, site: str) -> str:
    """The drawing with `site`, such as https://portal.example, before each path that it links to."""
    return svg.replace('href="/', f'href="{escape(site)}/') if site else svg


def to_png(svg: str, *, scale: float = 3) -> bytes:
    """The drawing as a PNG picture, `scale` picture points to a CSS pixel (3 prints at 288 to the inch)."""
    return vl_convert.svg_to_png(svg, scale=scale)


def _rows(points: Sequence[Point], unit: str) -> list[dict[str, Any]]:
    rows = []
    for point in points:
        shown = "" if point.value is None else _shown(point.value)
        rows.append(
            {
                "label": point.label,
                "series": point.series,
                "value": None if point.value is None else float(point.value),
                "shown": shown,
                "href": NOWHERE + point.href if point.href else "",
                "said": f"{point.label}{point.series}{shown}{unit}",
            }
        )
    return rows


def _shown(value: int | float | Decimal) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))


def _data(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def _series(points: Sequence[Point]) -> list[str]:
    return list(dict.fromkeys(point.series for point in points))


def _months(labels: list[str]) -> Any:
    return alt.X(
        "label:N",
        sort=labels,
        title=None,
        axis=alt.Axis(labelAngle=0, ticks=False),
        scale=alt.Scale(paddingInner=0.32, paddingOuter=0.2),
    )


def _upright(unit: str, *, right: bool = False) -> Any:
    """An axis of values with its unit above its upper end, where it is read without turning the head."""
    side: dict[str, Any] = (
        {"titleX": 6, "titleAlign": "left", "grid": False} if right else {"titleX": -6, "titleAlign": "right"}
    )
    place: dict[str, Any] = {"titleAngle": 0, "titleY": -8, "titleBaseline": "bottom"}
    return alt.Axis(title=unit or None, format=PLAIN, tickCount=6, **place, **side)


def _colours(names: list[str], *, extra: Sequence[str] = (), shades: Sequence[str] = SERIES) -> Any:
    """One colour per series; the lines of `extra` take the contrasting one. A single series needs no legend."""
    shades = [shades[place % len(shades)] for place in range(len(names))] + [CONTRAST] * len(extra)
    known = [*names, *extra]
    legend = alt.Legend(title=None, orient="top", direction="horizontal") if len(known) > 1 else None
    return alt.Color("series:N", sort=known, scale=alt.Scale(domain=known, range=shades), legend=legend)


def _links(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a mark says when read aloud and, where every point has one, the list that it opens."""
    said = {"description": alt.Description("said:N")}
    return said | {"href": alt.Href("href:N")} if rows and all(row["href"] for row in rows) else said


def _draw(chart: Any, title: str) -> str:
    axis: dict[str, Any] = {
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": RULE,
        "domainColor": GREY,
        "tickColor": GREY,
    }
    spec = chart.configure(
        font=FAMILY,
        background="white",
        padding={"left": 4, "right": 8, "top": 6, "bottom": 4},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(**axis),
        legend=alt.LegendConfig(labelFontSize=11, labelColor=INK, symbolType="square"),
        text=alt.MarkConfig(fontSize=11),
    ).to_json(indent=None)
    return _clean(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]), title)


def _clean(svg: str, title: str) -> str:
    """Vega's SVG with a Chinese title, plain links, and none of the English that it says to screen readers."""
    svg = re.sub(r' (?:aria-roledescription|role)="[^"]*"', "", svg)
    svg = re.sub(r'(<g\b[^>]*?) aria-label="[^"]*"', r"\1", svg)
    svg = re.sub(r'(<path\b[^>]*? aria-label="[^"]*")', r'\1 role="img"', svg)  # only what has a role may have a name
    svg = svg.replace(f' xlink:href="{NOWHERE}', ' href="').replace(' target="_blank"', "")
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    return re.sub(
        r"<svg ([^>]*)>", rf"<svg \1 aria-label={quoteattr(title)}><title>{escape(title)}</title>", svg, count=1
    )
