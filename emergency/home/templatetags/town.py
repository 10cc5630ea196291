"""Words of a town's page that the screen and the sheet share."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from emergency.core.templatetags.portal import RISKS
from emergency.home.queries import Linked, Town

register = template.Library()


@register.simple_tag
def town_number(linked: Linked) -> SafeString:
    """A number that opens its list; what nobody entered says so."""
    if linked.value.missing:
        return mark_safe('<span class="missing">【待补】</span>')
    shown = format_html('<span class="figure">{}</span>', linked.value.text)
    return format_html('<a href="{}">{}</a>', linked.url, shown) if linked.url and linked.value.number else shown


@register.simple_tag
def town_plain(linked: Linked) -> SafeString:
    """The same in print, where nothing opens."""
    return town_number(Linked(linked.value, ""))


@register.simple_tag
def town_facts(town: Town) -> str:
    """“常住人口23451人（2024年，统计公报），面积5120公顷”; what is not known is a gap, the area is left out."""
    unit = town.unit
    people = "常住人口【待补】"
    if unit.population is not None:
        where = "，".join(
            filter(None, [f"{unit.population_year}年" if unit.population_year else "", unit.population_source])
        )
        people = f"常住人口{unit.population}人" + (f"（{where}）" if where else "")
    return people + (f"，面积{unit.land_area.normalize():f}公顷" if unit.land_area is not None else "")


@register.simple_tag
def risk_word(level: str) -> str:
    return RISKS[level]
