"""Units and people for tests: single ones on request, and the fixed cast that every app's tests share."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import Any, ClassVar

from django.contrib.auth.hashers import make_password
from django.test import Client

from emergency.core import clock
from emergency.enterprises.models import Enterprise
from emergency.enterprises.tests.factories import enterprise_make, enterprise_user_link
from emergency.organizations.models import Kind, Membership, Organisation, Role, Tier, User
from emergency.organizations.services import organisation_create

#: Of everybody whom a factory makes; meets the portal's own rule.
PASSWORD = "Chang-Jiang-2021"

BACKEND = "django.contrib.auth.backends.ModelBackend"


@functools.cache
def _password_hash() -> str:
    return make_password(PASSWORD)


def user_make(username: str, name: str = "", **fields: Any) -> User:
    """A person who may sign in with :data:`PASSWORD` and holds nothing yet."""
    fields = {"must_change_password": False, "created_at": clock.now(), "password_changed_at": clock.now()} | fields
    return User.objects.create(username=username, name=name or username, password=_password_hash(), **fields)


def membership_make(user: User, role: str, organisation: Organisation, **fields: Any) -> Membership:
    """A role from today on, without an end, unless told otherwise."""
    if role == Role.ENFORCER:
        fields.setdefault("certificate", f"360704-{user.pk}")
    return Membership.objects.create(user=user, role=role, organisation=organisation, **fields)


def person_make(username: str, role: str, organisation: Organisation, name: str = "") -> User:
    """A user with one role."""
    user = user_make(username, name)
    membership_make(user, role, organisation)
    return user


def client_of(user: User | None) -> Client:
    """A browser in which this user has signed in; None stays anonymous."""
    client = Client()
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def fresh(user: User) -> User:
    """The user as the next request reads it: without what scope keeps for the length of one."""
    return User.objects.get(pk=user.pk)


@dataclasses.dataclass(slots=True)
class Cast:
    """Everybody the tests speak of. Two streets of one district, so that each rule can be tried on its neighbour."""

    city: Organisation
    district: Organisation
    bureau: Organisation
    department: Organisation
    street_a: Organisation
    street_b: Organisation
    community_a: Organisation
    enterprise: Enterprise  # in street A, under the department
    bureau_clerk: User
    section_head: User
    leader: User  # 分管领导
    officer_a: User
    officer_a2: User  # a second officer of street A: who ordered, or fixed, may not always be the one who re-checks
    officer_b: User
    community_officer: User  # of community A
    department_clerk: User
    enterprise_user: User
    system_admin: User
    security_admin: User
    auditor: User

    #: Those with a post or an enterprise, in the order of the class.
    BUSINESS: ClassVar[tuple[str, ...]] = (
        "bureau_clerk",
        "section_head",
        "leader",
        "officer_a",
        "officer_a2",
        "officer_b",
        "community_officer",
        "department_clerk",
        "enterprise_user",
    )
    ADMINISTRATORS: ClassVar[tuple[str, ...]] = ("system_admin", "security_admin", "auditor")
    NAMES: ClassVar[tuple[str, ...]] = BUSINESS + ADMINISTRATORS

    def person(self, name: str) -> User:
        """One of :attr:`NAMES`, as a new request would read them."""
        return fresh(getattr(self, name))

    def client(self, name: str) -> Client:
        """A browser in which one of :attr:`NAMES` has signed in."""
        return client_of(getattr(self, name))


def tree_make() -> dict[str, Organisation]:
    """A city with one district, its bureau, one department and two streets, the first with a community."""
    make = functools.partial(organisation_create, valid_from=dt.date(2010, 1, 1))
    city = make(name="章江市", kind=Kind.GOVERNMENT, tier=Tier.CITY, division_code="369900")
    district = make(
        name="南岭区",
        kind=Kind.GOVERNMENT,
        tier=Tier.DISTRICT,
        division_code="369901",
        parent=city,
        short_name="南岭区",
    )
    return {
        "city": city,
        "district": district,
        "bureau": make(
            name="南岭区应急管理局", kind=Kind.BUREAU, tier=Tier.DISTRICT, parent=district, short_name="区应急局"
        ),
        "department": make(
            name="南岭区工业和信息化局",
            kind=Kind.DEPARTMENT,
            tier=Tier.DISTRICT,
            parent=district,
            short_name="区工信局",
        ),
        "street_a": make(
            name="东门街道", kind=Kind.STREET, tier=Tier.STREET, division_code="369901001", parent=district, order=1
        ),
        "street_b": make(
            name="西坪街道", kind=Kind.STREET, tier=Tier.STREET, division_code="369901002", parent=district, order=2
        ),
    }


def cast_make() -> Cast:
    """Write the whole cast; the root fixture ``cast`` gives it to a test."""
    units = tree_make()
    community_a = organisation_create(
        name="桥头社区",
        kind=Kind.COMMUNITY,
        tier=Tier.COMMUNITY,
        division_code="369901001001",
        parent=units["street_a"],
        valid_from=dt.date(2010, 1, 1),
    )
    bureau, street_a, street_b = units["bureau"], units["street_a"], units["street_b"]
    clerk = person_make("clerk", Role.CLERK, bureau, "陈科员")
    enterprise_user = user_make("enterprise", "钱厂长")
    enterprise = enterprise_make(name="东门机械厂", area=street_a, department=units["department"], created_by=clerk)
    enterprise_user_link(user=enterprise_user, enterprise=enterprise)
    return Cast(
        **units,
        community_a=community_a,
        enterprise=enterprise,
        bureau_clerk=clerk,
        section_head=person_make("section_head", Role.SECTION_HEAD, bureau, "孙科长"),
        leader=person_make("leader", Role.DEPUTY, bureau, "李副局长"),
        officer_a=person_make("officer_a", Role.STREET_OFFICER, street_a, "周安全员"),
        officer_a2=person_make("officer_a2", Role.STREET_OFFICER, street_a, "吴安全员"),
        officer_b=person_make("officer_b", Role.STREET_OFFICER, street_b, "郑安全员"),
        community_officer=person_make("community_officer", Role.COMMUNITY_OFFICER, community_a, "王网格员"),
        department_clerk=person_make("department_clerk", Role.DEPARTMENT_CLERK, units["department"], "冯填报员"),
        enterprise_user=enterprise_user,
        system_admin=person_make("system_admin", Role.SYSTEM_ADMIN, bureau, "系统管理员甲"),
        security_admin=person_make("security_admin", Role.SECURITY_ADMIN, bureau, "安全管理员乙"),
        auditor=person_make("auditor", Role.AUDIT_ADMIN, bureau, "审计管理员丙"),
    )
