"""Reads about units that more than one app needs: whom a word in a workbook means, and which units a person may name."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from emergency.core import clock
from emergency.core.ledger import CellError, ImportContext
from emergency.organizations.models import Organisation, OrganisationQuerySet
from emergency.organizations.scope import is_portal, reach


def units_within(user: Any = None, organisation: Organisation | None = None) -> OrganisationQuerySet:
    """The units that somebody may name: everything under the chosen unit, else under the user's areas, with the own units.

    A bureau or department chosen stands for the level that it serves. Without user and unit, all of them (commands), as for the portal's own account.
    """
    units = Organisation.objects.all()
    if organisation is not None:
        return units.under(organisation.serves)
    if user is None or is_portal(user):
        return units
    mine = reach(user)
    condition = Q(pk__in=mine.own_units)
    for root in mine.roots:
        condition |= Q(path__startswith=root.path)
    return units.filter(condition)


def unit_find(text: str, among: OrganisationQuerySet) -> Organisation:
    """The one unit meant by a name, short or former name, division code, or path such as 南塘镇/黄屋村.

    Raises ``CellError`` in the officer's words: nothing found, or several, which are then listed with their paths.
    Units in force come before ended ones of the same name.
    """
    words = [word.strip() for word in text.replace("／", "/").replace("\\", "/").split("/") if word.strip()]
    if not words:
        raise CellError("没有填写单位名称")
    found = list(among.filter(_named(words[-1])).select_related("parent").order_by("path"))
    for upper in words[:-1]:
        fitting = Organisation.objects.filter(_named(upper))
        paths = tuple(fitting.values_list("path", flat=True))
        found = [unit for unit in found if unit.path.startswith(paths)] if paths else []
    on = clock.today()
    if present := [unit for unit in found if unit.exists_on(on)]:
        found = present
    if not found:
        raise CellError(f"没有“{text}”这个单位，或不在您的管辖范围内")
    if len(found) > 1:
        names = "、".join(f"{unit.parent.name}/{unit.name}" if unit.parent else unit.name for unit in found[:5])
        raise CellError(f"“{text}”不止一个，请写明：{names}")
    return found[0]


def _named(word: str) -> Q:
    return (
        Q(name=word)
        | Q(short_name=word)
        | Q(former_names__contains=[word])
        | (Q(division_code=word) if word.isdigit() else Q())
    )


def read_unit(value: Any, context: ImportContext) -> Organisation:
    """``Column(resolve=read_unit)``: any unit that the importer may name."""
    return unit_find(str(value), units_within(context.actor, context.organisation))


def read_area(value: Any, context: ImportContext) -> Organisation:
    """``Column(resolve=read_area)``: a unit that can be somebody's 属地."""
    return unit_find(str(value), units_within(context.actor, context.organisation).areas())
