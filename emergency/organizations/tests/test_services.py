"""Accounts, passwords, roles and the tree: what each service does, refuses, and writes into the log."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.core import clock
from emergency.core.audit import AuditEntry
from emergency.enterprises.models import Enterprise
from emergency.organizations import services
from emergency.organizations.models import ADMIN_ROLES, Kind, Membership, Organisation, Role, Tier, User
from emergency.organizations.scope import admin_role, holds
from emergency.organizations.tests.factories import PASSWORD, Cast, fresh, membership_make, person_make, user_make

GOOD = "Gan-Jiang-2035"


def last(verb: str) -> AuditEntry:
    return AuditEntry.objects.filter(verb=verb).latest("id")


# ------------------------------------------------------------------------------------------------ passwords


@pytest.mark.parametrize(
    "bad", ["Ab1-short", "onlysmallletters", "12345678901", "SMALL-ONLY-NOT", "abcdefgh12", "Clerk-Chen1"]
)
def test_a_weak_password_is_refused(db: None, bad: str) -> None:
    user = user_make("clerk-chen1", "陈科员")
    with pytest.raises(ValidationError) as refused:
        services.password_change(user=user, old=PASSWORD, new=bad)
    assert "new_password1" in refused.value.message_dict
    assert fresh(user).check_password(PASSWORD)


@pytest.mark.parametrize("good", ["abcdefgh-12", "ABCDEFGHjk12", "Abcdefg-hij", "赣江Abc12345"])
def test_three_of_four_classes_are_enough(db: None, good: str) -> None:
    user = user_make("clerk")
    services.password_change(user=user, old=PASSWORD, new=good)
    assert fresh(user).check_password(good)
    assert not fresh(user).must_change_password


def test_none_of_the_last_five_passwords_comes_back(db: None) -> None:
    user = user_make("clerk")
    used = [PASSWORD] + [f"Gan-Jiang-20{number}" for number in range(30, 36)]
    for old, new in itertools.pairwise(used):
        services.password_change(user=user, old=old, new=new)
    for kept in used[-5:]:
        with pytest.raises(ValidationError, match="最近5次"):
            services.password_change(user=user, old=used[-1], new=kept)
    services.password_change(user=user, old=used[-1], new=used[-6])
    assert fresh(user).old_passwords.count() == 5


def test_a_wrong_old_password_changes_nothing(db: None) -> None:
    user = user_make("clerk")
    with pytest.raises(ValidationError, match="原密码不正确"):
        services.password_change(user=user, old="nonsense", new=GOOD)
    assert fresh(user).check_password(PASSWORD)


def test_a_reset_password_must_be_changed_and_is_in_no_log(cast: Cast) -> None:
    issued = services.password_reset(user=cast.officer_a, actor=cast.person("system_admin"))
    user = fresh(cast.officer_a)
    assert user.check_password(issued.password)
    assert user.must_change_password
    entry = last("user.password_reset")
    assert entry.target_id == user.pk
    assert issued.password not in f"{entry.before}{entry.after}{entry.note}{issued!r}"


def test_temporary_passwords_meet_the_rule_and_differ() -> None:
    made = {services.temporary_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        services.ClassesValidator().validate(password)
        assert len(password) >= 10
        assert not set(password) & set("lIoO01")


# ------------------------------------------------------------------------------------------------ accounts


def test_an_account_starts_with_a_temporary_password(cast: Cast) -> None:
    issued = services.user_create(
        username=" Liu.San ", name="刘三", phone="13807970001", actor=cast.person("system_admin")
    )
    user = User.objects.get(username="liu.san")
    assert user.must_change_password
    assert user.check_password(issued.password)
    entry = last("user.create")
    assert "13807970001" not in str(entry.after)
    assert user.password not in str(entry.after)


@pytest.mark.parametrize("username", ["ab", "刘三", "has space", "-dash", "x" * 61, "clerk"])
def test_a_login_name_is_checked(cast: Cast, username: str) -> None:
    with pytest.raises(ValidationError):
        services.user_create(username=username, name="刘三", actor=cast.person("system_admin"))
    assert not User.objects.filter(name="刘三").exists()


def test_a_given_password_must_meet_the_rule(db: None) -> None:
    with pytest.raises(ValidationError):
        services.user_create(username="liusan", name="刘三", password="12345678")
    issued = services.user_create(username="liusan", name="刘三", password=GOOD, must_change=False)
    assert fresh(issued.user).check_password(GOOD)


def test_a_disabled_account_can_do_nothing_and_comes_back_whole(cast: Cast) -> None:
    admin = cast.person("system_admin")
    services.user_disable(user=cast.officer_a, reason="调离", actor=admin)
    assert not holds(fresh(cast.officer_a), [Role.STREET_OFFICER])
    assert last("user.disable").note == "调离"
    services.user_enable(user=cast.officer_a, actor=admin)
    assert holds(fresh(cast.officer_a), [Role.STREET_OFFICER], cast.street_a)


def test_nobody_shuts_out_themselves_or_the_last_administrator(cast: Cast) -> None:
    admin = cast.person("system_admin")
    with pytest.raises(PermissionDenied):
        services.user_disable(user=admin, reason="试试", actor=admin)
    with pytest.raises(PermissionDenied):
        services.password_reset(user=admin, actor=admin)
    with pytest.raises(ValidationError, match="唯一的安全管理员"):
        services.user_disable(user=cast.security_admin, reason="调离", actor=admin)
    person_make("second", Role.SECURITY_ADMIN, cast.bureau)
    services.user_disable(user=cast.security_admin, reason="调离", actor=admin)
    assert not fresh(cast.security_admin).is_active


def test_a_profile_change_shows_masked_in_the_log(cast: Cast) -> None:
    services.profile_update(user=cast.officer_a, phone="13807971234", large_type=True)
    entry = last("user.profile")
    assert entry.after["phone"] == "138****34"
    assert entry.after["large_type"] is True


# ------------------------------------------------------------------------------------------------ who may


ACTS: dict[str, tuple[Role, Callable[[Cast, User], Any]]] = {
    "user_update": (
        Role.SYSTEM_ADMIN,
        lambda cast, actor: services.user_update(user=cast.officer_b, name="郑某", actor=actor),
    ),
    "user_disable": (
        Role.SYSTEM_ADMIN,
        lambda cast, actor: services.user_disable(user=cast.officer_b, reason="调离", actor=actor),
    ),
    "user_enable": (Role.SYSTEM_ADMIN, lambda cast, actor: services.user_enable(user=cast.officer_b, actor=actor)),
    "user_unlock": (Role.SYSTEM_ADMIN, lambda cast, actor: services.user_unlock(user=cast.officer_b, actor=actor)),
    "password_reset": (
        Role.SYSTEM_ADMIN,
        lambda cast, actor: services.password_reset(user=cast.officer_b, actor=actor),
    ),
    "organisation_create": (
        Role.SYSTEM_ADMIN,
        lambda cast, actor: services.organisation_create(
            name="新村", kind=Kind.COMMUNITY, tier=Tier.COMMUNITY, parent=cast.street_b, actor=actor
        ),
    ),
    "organisation_update": (
        Role.SYSTEM_ADMIN,
        lambda cast, actor: services.organisation_update(unit=cast.street_b, contact="张三", actor=actor),
    ),
    "organisation_move": (
        Role.SYSTEM_ADMIN,
        lambda cast, actor: services.organisation_move(unit=cast.community_a, parent=cast.street_b, actor=actor),
    ),
    "succession_record": (
        Role.SYSTEM_ADMIN,
        lambda cast, actor: services.succession_record(predecessor=cast.street_a, successor=cast.street_b, actor=actor),
    ),
    "membership_grant": (
        Role.SECURITY_ADMIN,
        lambda cast, actor: services.membership_grant(
            user=cast.officer_b, organisation=cast.street_a, role=Role.STREET_OFFICER, actor=actor
        ),
    ),
    "membership_revoke": (
        Role.SECURITY_ADMIN,
        lambda cast, actor: services.membership_revoke(
            membership=cast.officer_b.memberships.get(), reason="调离", actor=actor
        ),
    ),
    "membership_delegate": (
        Role.SECURITY_ADMIN,
        lambda cast, actor: services.membership_delegate(
            membership=cast.officer_a.memberships.get(),
            to=cast.officer_b,
            valid_from=clock.today(),
            valid_to=clock.today(),
            actor=actor,
        ),
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_belongs_to_one_administrator(cast: Cast, act: str) -> None:
    role, call = ACTS[act]
    for name in Cast.NAMES:
        actor = cast.person(name)
        if admin_role(actor) == role:
            continue
        entries = AuditEntry.objects.count()
        with pytest.raises(PermissionDenied):
            call(cast, actor)
        assert AuditEntry.objects.count() == entries, name
    name = {Role.SYSTEM_ADMIN: "system_admin", Role.SECURITY_ADMIN: "security_admin"}[role]
    call(cast, cast.person(name))


# ------------------------------------------------------------------------------------------------ roles


def grant(cast: Cast, user: User, role: str, unit: Organisation, **more: Any) -> Membership:
    return services.membership_grant(
        user=user, role=role, organisation=unit, actor=cast.person("security_admin"), **more
    )


@pytest.mark.parametrize("held", ADMIN_ROLES)
@pytest.mark.parametrize("wanted", ADMIN_ROLES)
def test_nobody_is_two_administrators(cast: Cast, held: Role, wanted: Role) -> None:
    user = person_make("one", held, cast.bureau)
    with pytest.raises(ValidationError):
        grant(cast, user, wanted, cast.bureau)
    assert user.memberships.count() == 1


def test_administration_and_business_stay_apart(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="是管理员"):
        grant(cast, cast.auditor, Role.CLERK, cast.bureau)
    with pytest.raises(ValidationError, match="业务工作"):
        grant(cast, cast.bureau_clerk, Role.AUDIT_ADMIN, cast.bureau)
    with pytest.raises(ValidationError, match="业务工作"):
        grant(cast, cast.enterprise_user, Role.AUDIT_ADMIN, cast.bureau)


def test_a_clerk_may_become_administrator_after_the_last_day(cast: Cast) -> None:
    today = clock.today()
    user = user_make("changes")
    membership_make(user, Role.CLERK, cast.bureau, valid_from=today - dt.timedelta(days=9), valid_to=today)
    with pytest.raises(ValidationError):
        grant(cast, user, Role.AUDIT_ADMIN, cast.bureau)
    grant(cast, user, Role.AUDIT_ADMIN, cast.bureau, valid_from=today + dt.timedelta(days=1))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("unit", ["city", "district", "bureau", "department", "street_a", "community_a"])
def test_a_role_fits_its_kind_of_unit(cast: Cast, role: Role, unit: str) -> None:
    organisation = getattr(cast, unit)
    user = user_make("newcomer")
    certificate = "赣A0001" if role == Role.ENFORCER else ""
    if organisation.kind in services.FITTING_KINDS[role]:
        assert grant(cast, user, role, organisation, certificate=certificate).pk
    else:
        with pytest.raises(ValidationError):
            grant(cast, user, role, organisation, certificate=certificate)
        assert not user.memberships.exists()


def test_every_role_has_a_kind_of_unit() -> None:
    assert set(services.FITTING_KINDS) == set(Role)


def test_an_enforcer_needs_a_certificate_and_nobody_stands_in_with_it(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="执法证号"):
        grant(cast, cast.bureau_clerk, Role.ENFORCER, cast.bureau)
    held = grant(cast, cast.bureau_clerk, Role.ENFORCER, cast.bureau, certificate="赣A0001")
    with pytest.raises(ValidationError, match="执法证"):
        services.membership_delegate(
            membership=held, to=cast.section_head, valid_from=clock.today(), valid_to=clock.today()
        )


def test_the_same_role_is_not_held_twice_at_once(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="已担任"):
        grant(cast, cast.officer_a, Role.STREET_OFFICER, cast.street_a)


def test_nobody_grants_to_themselves(cast: Cast) -> None:
    admin = cast.person("security_admin")
    with pytest.raises(PermissionDenied):
        services.membership_grant(user=admin, organisation=cast.bureau, role=Role.CLERK, actor=admin)


def test_a_revoked_role_is_gone_at_once_with_its_delegations(cast: Cast) -> None:
    today = clock.today()
    original = cast.leader.memberships.get()
    services.membership_delegate(
        membership=original, to=cast.section_head, valid_from=today, valid_to=today + dt.timedelta(days=7)
    )
    assert holds(fresh(cast.section_head), [Role.DEPUTY], cast.bureau)
    services.membership_revoke(membership=original, reason="免职", actor=cast.person("security_admin"))
    assert not holds(fresh(cast.leader), [Role.DEPUTY])
    assert not holds(fresh(cast.section_head), [Role.DEPUTY])
    assert holds(fresh(cast.section_head), [Role.SECTION_HEAD])
    assert AuditEntry.objects.filter(verb="membership.revoke", note="免职").count() == 2
    services.membership_revoke(membership=original, reason="再次", actor=cast.person("security_admin"))
    assert AuditEntry.objects.filter(verb="membership.revoke").count() == 2


def test_a_revoked_role_can_be_granted_again(cast: Cast) -> None:
    held = cast.officer_a.memberships.get()
    services.membership_revoke(membership=held, reason="误操作", actor=cast.person("security_admin"))
    grant(cast, cast.officer_a, Role.STREET_OFFICER, cast.street_a)
    assert holds(fresh(cast.officer_a), [Role.STREET_OFFICER], cast.street_a)


def test_the_last_administrator_of_a_kind_stays(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="唯一的审计管理员"):
        services.membership_revoke(
            membership=cast.auditor.memberships.get(), reason="调离", actor=cast.person("security_admin")
        )


def test_a_delegation_keeps_to_the_days_of_the_role(cast: Cast) -> None:
    today, week = clock.today(), dt.timedelta(days=7)
    held = cast.officer_a.memberships.get()
    held.valid_from, held.valid_to = today, today + week
    held.save()
    admin = cast.person("security_admin")
    with pytest.raises(ValidationError, match="期限"):
        services.membership_delegate(
            membership=held, to=cast.officer_b, valid_from=today, valid_to=today + 2 * week, actor=admin
        )
    with pytest.raises(ValidationError):
        services.membership_delegate(membership=held, to=cast.officer_a, valid_from=today, valid_to=today, actor=admin)
    given = services.membership_delegate(
        membership=held, to=cast.officer_b, valid_from=today, valid_to=today + week, actor=admin
    )
    with pytest.raises(ValidationError, match="不能再委托"):
        services.membership_delegate(membership=given, to=cast.officer_a2, valid_from=today, valid_to=today)
    with clock.at(clock.now() + dt.timedelta(days=8)):
        assert not holds(fresh(cast.officer_b), [Role.STREET_OFFICER], cast.street_a)


# ------------------------------------------------------------------------------------------------ the tree


def test_a_renamed_unit_is_still_found_by_its_old_name(cast: Cast) -> None:
    old = cast.street_a.name
    services.organisation_update(unit=cast.street_a, name="东门镇")
    unit = Organisation.objects.get(pk=cast.street_a.pk)
    assert (unit.name, unit.former_names) == ("东门镇", [old])
    assert last("organisation.update").before["name"] == old


def test_only_known_columns_are_set(cast: Cast) -> None:
    with pytest.raises(TypeError):
        services.organisation_update(unit=cast.street_a, path="/1/")


def test_a_moved_unit_takes_its_branch_and_its_records_along(cast: Cast) -> None:
    group = services.organisation_create(
        name="桥头一组", kind=Kind.AREA_SET, tier=Tier.COMMUNITY, parent=cast.community_a
    )
    firm = Enterprise.objects.get(pk=cast.enterprise.pk)
    services.place(firm, cast.community_a)
    firm.save()
    services.organisation_move(unit=cast.community_a, parent=cast.street_b)
    moved, below = Organisation.objects.get(pk=cast.community_a.pk), Organisation.objects.get(pk=group.pk)
    assert moved.path == f"{cast.street_b.path}{moved.pk}/"
    assert below.path == f"{moved.path}{below.pk}/"
    assert moved.street == below.street == cast.street_b
    firm.refresh_from_db()
    assert (firm.street, firm.district) == (cast.street_b, cast.district)
    assert Enterprise.objects.visible_to(cast.person("officer_b")).filter(pk=firm.pk).exists()
    assert not Enterprise.objects.visible_to(cast.person("officer_a")).filter(pk=firm.pk).exists()


def test_a_unit_answers_for_its_own_area_and_for_what_it_took_over(cast: Cast) -> None:
    ours = [(cast.street_a, cast.community_a), (cast.bureau, cast.street_b), (cast.community_a, None)]
    assert all(services.answers_for(handler, area) for handler, area in ours)
    assert not services.answers_for(cast.street_a, cast.district)
    with pytest.raises(ValidationError, match="不在东门街道的管辖范围内"):
        services.area_is_ours(cast.street_b, cast.street_a)
    services.succession_record(predecessor=cast.street_b, successor=cast.street_a, on=dt.date(2026, 1, 1))
    services.area_is_ours(cast.street_b, cast.street_a)
    assert not services.answers_for(cast.street_b, cast.street_a)


def test_a_unit_never_hangs_below_itself_or_an_office(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="本单位或其下级"):
        services.organisation_move(unit=cast.street_a, parent=cast.community_a)
    with pytest.raises(ValidationError, match="下面不能再设单位"):
        services.organisation_move(unit=cast.street_a, parent=cast.bureau)
    with pytest.raises(ValidationError, match="层级"):
        services.organisation_move(unit=cast.street_a, parent=cast.street_b)


@pytest.mark.parametrize("code", ["12345", "36990100x", "3699010012"])
def test_a_division_code_has_six_nine_or_twelve_digits(cast: Cast, code: str) -> None:
    with pytest.raises(ValidationError, match="区划代码"):
        services.organisation_update(unit=cast.street_b, division_code=code)


def test_a_unit_in_use_does_not_end(cast: Cast) -> None:
    today = clock.today()
    with pytest.raises(ValidationError, match="下级单位"):
        services.organisation_close(unit=cast.street_a, on=today)
    with pytest.raises(ValidationError, match="在任人员"):
        services.organisation_close(unit=cast.street_b, on=today)
    services.membership_revoke(membership=cast.officer_b.memberships.get(), reason="撤并")
    services.organisation_close(unit=cast.street_b, on=today)
    assert not Organisation.objects.in_force(today + dt.timedelta(days=1)).filter(pk=cast.street_b.pk).exists()


def test_an_area_set_is_made_of_streets(cast: Cast) -> None:
    group = services.organisation_create(name="东片区", kind=Kind.AREA_SET, tier=Tier.DISTRICT, parent=cast.district)
    services.area_set_fill(unit=group, members=[cast.street_a, cast.street_b])
    assert set(group.members.all()) == {cast.street_a, cast.street_b}
    with pytest.raises(ValidationError, match="桥头社区"):
        services.area_set_fill(unit=group, members=[cast.community_a])
    with pytest.raises(ValidationError, match="只有片区"):
        services.area_set_fill(unit=cast.street_a, members=[cast.street_b])


def test_the_viewer_of_an_area_set_sees_its_streets(cast: Cast) -> None:
    group = services.organisation_create(name="东片区", kind=Kind.AREA_SET, tier=Tier.DISTRICT, parent=cast.district)
    services.area_set_fill(unit=group, members=[cast.street_a])
    viewer = person_make("viewer", Role.VIEWER, group)
    assert Enterprise.objects.visible_to(fresh(viewer)).filter(pk=cast.enterprise.pk).exists()
    services.area_set_fill(unit=group, members=[cast.street_b])
    assert not Enterprise.objects.visible_to(fresh(viewer)).exists()


def test_a_succession_ends_the_old_unit_the_day_before(cast: Cast) -> None:
    services.succession_record(predecessor=cast.street_a, successor=cast.street_b, on=dt.date(2025, 1, 1))
    assert Organisation.objects.get(pk=cast.street_a.pk).valid_to == dt.date(2024, 12, 31)
    with pytest.raises(ValidationError):
        services.succession_record(predecessor=cast.street_b, successor=cast.street_b, on=dt.date(2025, 1, 1))
