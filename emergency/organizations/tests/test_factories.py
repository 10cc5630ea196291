"""The cast is what it says: everybody can sign in, and each stands where the other tests expect them."""

import pytest

from emergency.organizations.scope import admin_role, reach
from emergency.organizations.tests.factories import PASSWORD, Cast


def test_everybody_can_sign_in(cast: Cast) -> None:
    for name in Cast.NAMES:
        assert cast.person(name).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("bureau_clerk", "district"),
        ("leader", "district"),
        ("officer_a", "street_a"),
        ("officer_b", "street_b"),
        ("community_officer", "community_a"),
    ],
)
def test_where_they_look(cast: Cast, name: str, root: str) -> None:
    assert reach(cast.person(name)).roots == [getattr(cast, root)]


def test_administrators_are_three_and_look_nowhere(cast: Cast) -> None:
    assert {admin_role(cast.person(name)) for name in Cast.ADMINISTRATORS} == {
        "system_admin",
        "security_admin",
        "audit_admin",
    }
    assert all(reach(cast.person(name)).roots == [] for name in Cast.ADMINISTRATORS)


def test_the_enterprise_files_for_the_one_in_street_a(cast: Cast) -> None:
    assert cast.enterprise.street == cast.street_a
    assert cast.enterprise.memberships.get().user == cast.enterprise_user
