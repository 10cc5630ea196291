"""The people of a case: accounts, roles, and the file that tells who signs in how."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from emergency.core import clock
from emergency.demo.services.cases import Case
from emergency.demo.services.register import Subject
from emergency.enterprises.models import Enterprise
from emergency.enterprises.services import membership_grant as firm_grant
from emergency.organizations.models import Kind, Organisation, Role, User
from emergency.organizations.services import membership_grant, user_create

LOGINS = "demo-logins.txt"


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in. ``home`` is the unit or the enterprise where they work."""

    user: User
    role: str
    home: Organisation | Enterprise

    @property
    def role_name(self) -> str:
        return Role(self.role).label if self.role else "企业填报员"


def password_make() -> str:
    """One password for all people of a case, made anew for each installation: a known one would be a way in."""
    return f"Yanshi-{secrets.randbelow(900_000) + 100_000}"


def unit_of(case: Case, name: str) -> Organisation:
    """A unit as the case file names it: bureau, city, a name, or a path such as 梅林镇/城东社区."""
    upper, _, lower = name.rpartition("/")
    within = Organisation.objects.all()
    if lower == "city":
        return within.get(name=case.city_name, parent=None)
    district = within.get(division_code=case.district_code, kind=Kind.GOVERNMENT)
    wanted = within.under(district).filter(name=case.bureau_name if lower == "bureau" else lower)
    return wanted.get(parent__name=upper) if upper else wanted.get()


def staff_create(case: Case, *, password: str, since: dt.date) -> list[Person]:
    """Everybody with an office role, in post since a day."""
    people = []
    for one in case.demo["people"]:
        if "role" in one:
            people.append(_staff_member(case, one, password, since))
    return people


def _staff_member(case: Case, one: Mapping[str, Any], password: str, since: dt.date) -> Person:
    unit = unit_of(case, one["unit"])
    user = user_create(username=one["username"], name=one["name"], password=password, must_change=False).user
    membership_grant(
        user=user,
        organisation=unit,
        role=one["role"],
        section=one.get("section", ""),
        post=one.get("post", ""),
        certificate=one.get("certificate", ""),
        valid_from=since,
    )
    return Person(user, one["role"], unit)


def firm_users_create(
    case: Case, *, subjects: Sequence[Subject], password: str, since: dt.datetime, actor: Any
) -> list[Person]:
    """Those who file for an enterprise: the first industrial one of the street that the case names."""
    people = []
    for one in case.demo["people"]:
        if "enterprise" not in one:
            continue
        subject = next(
            subject for subject in subjects if subject.unit == one["enterprise"] and subject.industry == "工贸"
        )
        enterprise = Enterprise.objects.select_related("area", "district").get(credit_code=subject.credit_code)
        user = user_create(username=one["username"], name=one["name"], password=password, must_change=False).user
        with clock.at(since):
            firm_grant(enterprise=enterprise, user=user, actor=actor, acceptor=True)
        people.append(Person(user, "", enterprise))
    return people


def logins_write(case: Case, people: Sequence[Person], password: str, *, first: bool) -> Path:
    """Write a case's logins into the file that ``serve`` prints, after those of earlier cases unless it is the first one.

    Only the file's owner may read it.
    """
    lines = [f"{case.city_name}{case.district_name}　密码都是 {password}"]
    lines += [f"  {one.user.username:<18}{one.user.name}　{one.role_name}　{one.home}" for one in people]
    path = settings.VAR_DIR / LOGINS
    path.parent.mkdir(parents=True, exist_ok=True)
    if first:
        path.unlink(missing_ok=True)  # left by a database that is gone
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n\n")
    return path
