"""Who sees a row: for every model that declares scope shapes, a row per shape and place, and the exact rows of each person.

What each person should see is written down here by hand; it is not asked of the code under test.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models

from emergency.organizations.models import Organisation, Role, User
from emergency.organizations.scope import (
    Addressed,
    Area,
    Downward,
    Party,
    Shape,
    Subject,
    business_user,
    enterprise_user,
    holds,
    reach,
)
from emergency.organizations.services import succession_record
from emergency.organizations.tests.factories import Cast, fresh, membership_make, person_make, user_make
from emergency.organizations.tests.planting import elsewhere_make, plant, scoped_models

BUREAU = {"bureau_clerk", "section_head", "leader"}
STREET_A = {"officer_a", "officer_a2"}

#: Whose area a place lies in.
BY_AREA: dict[str, set[str]] = {
    "district": BUREAU,
    "street_a": BUREAU | STREET_A,
    "community_a": BUREAU | STREET_A | {"community_officer"},
    "street_b": BUREAU | {"officer_b"},
    "elsewhere": set(),
}

#: Who acts for a unit.
BY_PARTY: dict[str, set[str]] = {
    "bureau": BUREAU,
    "department": {"department_clerk"},
    "street_a": STREET_A,
    "street_b": {"officer_b"},
    "community_a": {"community_officer"},
    "district": set(),
}

#: Who stands below an owner, or beside a bureau.
BY_OWNER: dict[str, set[str]] = {
    "city": BUREAU | STREET_A | {"officer_b", "community_officer", "department_clerk"},
    "district": BUREAU | STREET_A | {"officer_b", "community_officer", "department_clerk"},
    "bureau": BUREAU | STREET_A | {"officer_b", "community_officer", "department_clerk"},
    "street_a": STREET_A | {"community_officer"},
    "street_b": {"officer_b"},
    "elsewhere": set(),
}

#: What keeps a row from the enterprise that it is about, for models where something does.
HIDDEN_FROM_SUBJECT = {"hazards.hazard": {"status": "draft"}, "incidents.accident": {"status": "flash"}}

CASES = [(model, shape) for model in scoped_models() for shape in model.scope_shapes]


class World:
    """The cast, and a second district where rows lie that are nobody's business here."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.other = elsewhere_make(cast.city)
        self.nobody = user_make("nobody", "无关人员")

    def unit(self, name: str) -> Organisation:
        return self.other["street"] if name == "elsewhere" else getattr(self.cast, name)

    def plant(self, model: type[models.Model], **columns: Any) -> Any:
        if any(field.name == "area" for field in model._meta.fields):
            columns.setdefault("area", self.other["street"])
        return plant(model, unit=self.other["bureau"], user=self.nobody, **columns)


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def unpublished(model: type[models.Model]) -> dict[str, Any]:
    """What keeps a row from everybody below its owner, so that another shape can be looked at alone."""
    shapes = [shape for shape in model.scope_shapes if isinstance(shape, Downward) and shape.published]
    return {column: False for shape in shapes for column, _ in shape.published.children}


def rows_of(world: World, model: type[models.Model], shape: Shape) -> list[tuple[Any, set[str]]]:
    """Rows made for a shape, each with the people who should see it."""
    if isinstance(shape, Area):
        return [(world.plant(model, area=world.unit(name)), seen) for name, seen in BY_AREA.items()]
    if isinstance(shape, Party):
        return [
            (world.plant(model, **unpublished(model), **{column: world.unit(name)}), seen)
            for column in shape.columns
            for name, seen in BY_PARTY.items()
        ]
    if isinstance(shape, Downward):
        columns = dict(shape.published.children) if shape.published else {}
        rows = [
            (world.plant(model, **{shape.owner: world.unit(name)}, **columns), seen) for name, seen in BY_OWNER.items()
        ]
        for column in columns:
            rows.append((world.plant(model, **{shape.owner: world.unit("district"), column: False}), set()))
        return rows
    if isinstance(shape, Addressed):
        return addressed_rows(world, model, shape)
    assert isinstance(shape, Subject), f"{shape} is a shape that this test does not know"
    if shape.column == "pk":
        return [(world.cast.enterprise, BUREAU | STREET_A | {"department_clerk", "enterprise_user"})]
    about = {shape.column: world.cast.enterprise}
    rows = [(world.plant(model, **about), {"enterprise_user"})]
    hidden = HIDDEN_FROM_SUBJECT.get(model._meta.label_lower)
    assert bool(hidden) == bool(shape.only), f"{model.__name__}: say in HIDDEN_FROM_SUBJECT what its firm may not see"
    if hidden:
        rows.append((world.plant(model, **about, **hidden), set()))
    return rows


def addressed_rows(world: World, model: type[models.Model], shape: Addressed) -> list[tuple[Any, set[str]]]:
    """One row to each unit and one to the enterprise, lying where nobody of the cast oversees anything."""
    relation: Any = model._meta.get_field(shape.relation)
    to: list[tuple[dict[str, Any], set[str]]] = [
        ({shape.unit: world.unit(name)}, seen) for name, seen in BY_PARTY.items() if name != "district"
    ]
    to.append(({shape.firm: world.cast.enterprise}, {"enterprise_user"}))
    rows = []
    for addressee, seen in to:
        row = world.plant(model)
        world.plant(relation.related_model, **{relation.field.name: row}, **addressee)
        rows.append((row, seen))
    return rows


@pytest.mark.parametrize(("model", "shape"), CASES, ids=lambda part: getattr(part, "__name__", type(part).__name__))
def test_each_shape_shows_exactly_its_rows(world: World, model: type[models.Model], shape: Shape) -> None:
    rows = rows_of(world, model, shape)
    planted = {row.pk for row, _ in rows}
    for name in Cast.NAMES:
        user = world.cast.person(name)
        expected = {row.pk for row, seen in rows if name in seen}
        assert set(model._default_manager.visible_to(user).values_list("pk", flat=True)) & planted == expected, name
        branches = model._default_manager.all().visible_branches(fresh(user))
        together = {pk for branch in branches for pk in branch.values_list("pk", flat=True)}
        assert together & planted == expected, f"{name}: the branches of a list show something else than visible_to"


@pytest.mark.parametrize("model", scoped_models(), ids=lambda model: model.__name__)
def test_who_has_no_post_sees_nothing(world: World, model: type[models.Model]) -> None:
    for area in (world.cast.district, world.cast.street_a):
        columns = {"area": area} if any(field.name == "area" for field in model._meta.fields) else {}
        plant(model, unit=world.cast.bureau, user=world.nobody, **columns)
    shut = person_make("shut", Role.CLERK, world.cast.bureau)
    shut.is_active = False
    strangers = [*(world.cast.person(name) for name in Cast.ADMINISTRATORS), fresh(world.nobody), shut, AnonymousUser()]
    for stranger in strangers:
        assert not model._default_manager.visible_to(stranger).exists()
        assert model._default_manager.all().visible_branches(stranger) == []


def test_the_table_of_scopes_is_not_empty() -> None:
    assert {type(shape) for _, shape in CASES} == {Area, Party, Downward, Subject, Addressed}


PLACED = [model for model in scoped_models() if any(isinstance(shape, Area) for shape in model.scope_shapes)]


@pytest.mark.parametrize("model", PLACED, ids=lambda model: model.__name__)
def test_who_went_on_in_a_units_place_sees_its_rows(world: World, model: type[models.Model]) -> None:
    row = world.plant(model, area=world.cast.street_a)
    succession_record(predecessor=world.cast.street_a, successor=world.cast.street_b, on=dt.date(2021, 1, 1))
    assert model._default_manager.visible_to(world.cast.person("officer_b")).filter(pk=row.pk).exists()


#: Numbers and statements are always some unit's.
ALWAYS_PLACED = {"figures.givenvalue", "figures.zeroconfirmation"}


@pytest.mark.parametrize(
    "model",
    [model for model in PLACED if model._meta.label_lower not in ALWAYS_PLACED],
    ids=lambda model: model.__name__,
)
def test_a_row_without_a_place_belongs_to_the_district(world: World, model: type[models.Model]) -> None:
    row = plant(model, unit=world.cast.bureau, user=world.nobody, area=None)
    seen = {
        name
        for name in Cast.NAMES
        if model._default_manager.visible_to(world.cast.person(name)).filter(pk=row.pk).exists()
    }
    assert row.district == world.cast.district
    assert seen >= BUREAU
    assert not seen & {"officer_a", "officer_b", "enterprise_user", *Cast.ADMINISTRATORS}


# ------------------------------------------------------------------------------------------------ roles


def test_a_role_counts_on_its_days_only(cast: Cast) -> None:
    user = user_make("dated")
    today = dt.date.today()  # noqa: DTZ011  (the real day: the membership is checked against the portal's own clock)
    day = dt.timedelta(days=2)
    membership = membership_make(user, Role.CLERK, cast.bureau, valid_from=today - 2 * day, valid_to=today - day)
    assert not holds(fresh(user), [Role.CLERK])
    membership.valid_to = today + day
    membership.save()
    assert holds(fresh(user), [Role.CLERK])
    membership.valid_from = today + day
    membership.save()
    assert not holds(fresh(user), [Role.CLERK])


def test_a_role_is_held_over_its_unit_and_no_other(cast: Cast) -> None:
    officer = cast.person("officer_a")
    assert holds(officer, [Role.STREET_OFFICER], cast.street_a)
    assert not holds(officer, [Role.STREET_OFFICER], cast.street_b)
    assert not holds(officer, [Role.STREET_OFFICER], cast.district)
    assert holds(officer, [Role.STREET_OFFICER], cast.community_a, over=True)
    assert not holds(officer, [Role.STREET_OFFICER], cast.community_a)
    clerk = cast.person("bureau_clerk")
    assert holds(clerk, [Role.CLERK], cast.street_b, over=True)
    assert not holds(clerk, [Role.CLERK], cast.street_b)


@pytest.mark.parametrize("name", Cast.NAMES)
def test_who_is_at_business(cast: Cast, name: str) -> None:
    user = cast.person(name)
    assert business_user(user) == (name in Cast.BUSINESS)
    assert enterprise_user(user) == (name == "enterprise_user")


def test_a_wider_area_takes_in_a_narrower(cast: Cast) -> None:
    user: User = person_make("both", Role.STREET_OFFICER, cast.street_a)
    membership_make(user, Role.CLERK, cast.bureau)
    membership_make(user, Role.STREET_OFFICER, cast.street_b)
    assert reach(fresh(user)).roots == [cast.district]
