"""Every route × every person: who gets past the door, who is sent to the login, and that a refused attempt changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from emergency.core.audit import AuditEntry, Outcome
from emergency.organizations.models import User
from emergency.organizations.tests.factories import Cast, client_of, membership_make, user_make
from emergency.organizations.tests.planting import plant_many, scoped_models
from emergency.organizations.tests.routes import NEEDS_PARAMETER, POST_ONLY, ROUTES

LOGIN = "/organizations/login/"
#: An enterprise's or an office's, never both.
OF_ONE_MAKER = frozenset({"plans.plan", "plans.drill"})
MANY = 60  # more than a page of a list holds

_SAMPLES: dict[str, Any] = {
    "IntConverter": 999_999_999,
    "SlugConverter": "none",
    "StringConverter": "none",
    "UUIDConverter": uuid.UUID(int=0),
}


def walk(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Full name and pattern of every route below a resolver."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from walk(part, (*spaces, part.namespace) if part.namespace else spaces)
        else:
            yield ":".join((*spaces, part.name or str(part.pattern))), part


ALL = {name: pattern for name, pattern in walk(get_resolver()) if not name.startswith("api:")}
PLAIN = sorted(name for name, pattern in ALL.items() if not pattern.pattern.converters)


def address(name: str) -> str:
    """An address of the route, for a record that does not exist where it takes one."""
    converters = ALL[name].pattern.converters
    return reverse(name, kwargs={key: _SAMPLES[type(one).__name__] for key, one in converters.items()})


def to_login(response: HttpResponseBase) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(LOGIN)


def stored() -> dict[str, Any]:
    """Everything in the portal's tables but sessions and the log of refusals."""
    kept = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_config.name not in settings.LOCAL_APPS:
            continue
        rows = model._base_manager.order_by("pk")
        if model is AuditEntry:
            rows = rows.exclude(outcome=Outcome.REFUSED)
        columns = [one.attname for one in model._meta.concrete_fields if one.name != "last_login"]
        kept[model._meta.label] = list(rows.values_list(*columns))
    return kept


def test_the_table_names_every_route_and_no_other() -> None:
    assert sorted(set(ALL) - set(ROUTES)) == [], "say in routes.py who may open these"
    assert sorted(set(ROUTES) - set(ALL)) == [], "these routes are gone"


@pytest.mark.parametrize("name", sorted(ALL))
def test_who_gets_past_the_door(cast: Cast, name: str) -> None:
    allowed, url = ROUTES[name], address(name)
    anonymous = client_of(None).get(url)
    if "anonymous" in allowed:
        assert anonymous.status_code < 500
    else:
        assert to_login(anonymous) or (name in POST_ONLY and to_login(client_of(None).post(url)))
    for person in Cast.NAMES:
        status = cast.client(person).get(url).status_code
        if person not in allowed:
            # Of a record that is not theirs, people may as well learn that there is none.
            assert status == 403 or (status == 404 and name not in PLAIN), f"{person} got {status}"
        else:
            assert status != 403, person
            assert status < 500, person


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_refused_attempt_changes_nothing(cast: Cast, name: str) -> None:
    allowed, url = ROUTES[name], address(name)
    strangers = [person for person in (*Cast.NAMES, "anonymous") if person not in allowed]
    if not strangers:
        return
    clients = {person: client_of(None) if person == "anonymous" else cast.client(person) for person in strangers}
    before = stored()
    for person, client in clients.items():
        response = client.post(url, {"name": "改", "reason": "改", "status": "closed"})
        refused = response.status_code in (403, 404, 405) or (person == "anonymous" and to_login(response))
        assert refused, f"{person} got {response.status_code}"
    assert stored() == before


def rows_everywhere(cast: Cast) -> None:
    """More rows than a page in every register, lying where the cast sees them, and with them in the people's lists."""
    clerk = cast.bureau_clerk
    for model in scoped_models():
        columns = {"area": cast.community_a} if any(field.name == "area" for field in model._meta.fields) else {}
        for field in model._meta.concrete_fields:
            if field.related_model is not None and field.name in ("enterprise", "handler", "owner", "issuer"):
                columns[field.name] = {"enterprise": cast.enterprise}.get(field.name, cast.street_a)
        if model._meta.label_lower in OF_ONE_MAKER:
            del columns["owner"]
        plant_many(model, MANY, unit=cast.bureau, user=clerk, **columns)
    for number in range(MANY):
        membership_make(user_make(f"many{number:03}"), "street_officer", cast.street_a)


@pytest.mark.parametrize("rows", ["none", "many"])
@pytest.mark.parametrize("person", Cast.NAMES)
def test_every_plain_page_renders(cast: Cast, person: str, rows: str) -> None:
    if rows == "many":
        rows_everywhere(cast)
    client = cast.client(person)
    for name in PLAIN:
        if person not in ROUTES[name] or name in POST_ONLY:
            continue
        response = client.get(reverse(name))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        expected = (404,) if name in NEEDS_PARAMETER else (200, 302)
        assert response.status_code in expected, name
        if response.status_code == 302:
            assert not to_login(response), name
        elif response.headers["Content-Type"].startswith("text/html"):
            assert b"</html>" in body, name


def test_an_ended_session_is_asked_to_sign_in_again(cast: Cast) -> None:
    client = cast.client("officer_a")
    Session.objects.all().delete()
    assert to_login(client.get(reverse("organizations:account")))


def test_a_person_shut_out_is_out_at_once(cast: Cast) -> None:
    client = cast.client("officer_a")
    User.objects.filter(pk=cast.officer_a.pk).update(is_active=False)
    assert to_login(client.get(reverse("organizations:account")))
