"""Writes to the register: who may, what is kept, and what a refused one leaves behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.enterprises import services
from emergency.enterprises.models import Enterprise, EnterpriseMembership, Industry, State
from emergency.enterprises.tests.factories import credit_code_make, enterprise_make
from emergency.organizations.models import User
from emergency.organizations.scope import business_user
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import hazard_in

pytestmark = pytest.mark.django_db


def create(cast: Cast, who: str = "officer_a", **fields: Any) -> Enterprise:
    fields = {"name": "新光机械厂", "area": cast.street_a, "no_code_reason": "未办照"} | fields
    return services.enterprise_create(actor=cast.person(who), **fields)


def faults(call: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as fault:
        call()
    return fault.value.message_dict


# ------------------------------------------------------------------------------------------------ registering


@pytest.mark.parametrize(
    ("name", "where", "may"),
    [
        ("bureau_clerk", "street_b", True),
        ("section_head", "street_a", True),
        ("officer_a", "street_a", True),
        ("officer_a", "community_a", True),
        ("officer_a", "street_b", False),
        ("officer_a", "district", False),
        ("community_officer", "community_a", True),
        ("community_officer", "street_a", False),
        ("leader", "street_a", False),
        ("department_clerk", "street_a", False),
        ("enterprise_user", "street_a", False),
        ("system_admin", "street_a", False),
    ],
)
def test_officers_register_in_their_own_area(cast: Cast, name: str, where: str, may: bool) -> None:
    before = Enterprise.objects.count()
    if may:
        assert create(cast, name, area=getattr(cast, where)).area == getattr(cast, where)
    else:
        with pytest.raises(PermissionDenied):
            create(cast, name, area=getattr(cast, where))
    assert Enterprise.objects.count() == before + may


def test_a_department_registers_what_falls_under_it(cast: Cast) -> None:
    made = create(cast, "department_clerk", department=cast.department)
    assert Enterprise.objects.visible_to(cast.person("department_clerk")).filter(pk=made.pk).exists()
    with pytest.raises(PermissionDenied):
        create(cast, "department_clerk", area=cast.city, department=cast.department)


def test_registering_keeps_place_spelling_event_and_log(cast: Cast) -> None:
    code = credit_code_make(7)
    made = create(cast, area=cast.community_a, credit_code=f" {code.lower()} ", phone="0797 4431234")
    made.refresh_from_db()
    assert (made.credit_code, made.phone) == (code, "07974431234")
    assert (made.area, made.street, made.district) == (cast.community_a, cast.street_a, cast.district)
    assert [event.label for event in events_of(made)] == ["建档"]
    entry = AuditEntry.objects.get(verb="enterprise.create")
    assert entry.after is not None
    assert "07974431234" not in str(entry.after)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"no_code_reason": ""}, "credit_code"),
        ({"credit_code": "123"}, "credit_code"),
        ({"phone": "打电话"}, "phone"),
        ({"longitude": 115}, "longitude"),
        ({"longitude": 25, "latitude": 115}, "longitude"),
        ({"state": State.CLOSED}, "state_changed_on"),
        ({"name": " "}, "name"),
        ({"kind": "planet"}, "kind"),
    ],
)
def test_a_fault_is_named_by_field_and_nothing_is_written(cast: Cast, fields: dict[str, Any], field: str) -> None:
    before = Enterprise.objects.count()
    assert field in faults(lambda: create(cast, **fields))
    assert Enterprise.objects.count() == before


def test_a_code_stands_once_until_its_entry_is_void(cast: Cast) -> None:
    code = credit_code_make(8)
    first = create(cast, credit_code=code)
    again = faults(lambda: create(cast, "bureau_clerk", area=cast.street_b, credit_code=code))
    assert again == {"credit_code": ["该统一社会信用代码已登记。"]}
    services.enterprise_void(enterprise=first, actor=cast.person("officer_a"), reason="重复登记")
    assert create(cast, credit_code=code).credit_code == code


def test_a_quick_entry_needs_a_name_and_a_place_and_is_completed_later(cast: Cast) -> None:
    quick = services.enterprise_quick(
        name="李家垅12号自建房", area=cast.community_a, actor=cast.person("community_officer"), phone="13812345678"
    )
    assert quick.quick
    kept = services.enterprise_update(enterprise=quick, actor=cast.person("officer_a"), address="李家垅12号")
    assert kept.quick
    full = services.enterprise_update(enterprise=quick, actor=cast.person("officer_a"), no_code_reason="自建房")
    assert not full.quick


# ------------------------------------------------------------------------------------------------ changing


def test_a_new_name_keeps_the_old_one_and_is_found_by_both(cast: Cast) -> None:
    services.enterprise_update(enterprise=cast.enterprise, actor=cast.person("officer_a"), name="东门 智能装备厂")
    renamed = Enterprise.objects.get(pk=cast.enterprise.pk)
    assert (renamed.name, renamed.former_names) == ("东门 智能装备厂", ["东门机械厂"])
    assert "东门机械厂" in renamed.search_text
    assert renamed.name_key == "东门智能装备厂"


@pytest.mark.parametrize("name", ["officer_b", "leader", "enterprise_user", "system_admin"])
def test_who_does_not_look_after_it_changes_nothing(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        services.enterprise_update(enterprise=cast.enterprise, actor=cast.person(name), address="别处")
    assert Enterprise.objects.get(pk=cast.enterprise.pk).address == ""


def test_an_officer_cannot_move_it_out_of_their_own_area(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        services.enterprise_update(enterprise=cast.enterprise, actor=cast.person("officer_a"), area=cast.street_b)
    moved = services.enterprise_update(
        enterprise=cast.enterprise, actor=cast.person("bureau_clerk"), area=cast.street_b
    )
    assert moved.street == cast.street_b


def test_saving_without_a_change_leaves_no_trace(cast: Cast) -> None:
    services.enterprise_update(enterprise=cast.enterprise, actor=cast.person("officer_a"), name=cast.enterprise.name)
    assert not events_of(cast.enterprise).exists()
    assert not AuditEntry.objects.filter(verb="enterprise.update").exists()


# ------------------------------------------------------------------------------------------------ voiding


def test_voiding_needs_a_reason_and_no_account(cast: Cast) -> None:
    clerk = cast.person("bureau_clerk")
    assert "reason" in faults(lambda: services.enterprise_void(enterprise=cast.enterprise, actor=clerk, reason=" "))
    with pytest.raises(ValidationError, match="还有企业账号"):
        services.enterprise_void(enterprise=cast.enterprise, actor=clerk, reason="误登")
    member = EnterpriseMembership.objects.get(enterprise=cast.enterprise)
    services.membership_revoke(membership=member, actor=clerk, reason="误开")
    voided = services.enterprise_void(enterprise=cast.enterprise, actor=clerk, reason="误登")
    assert not Enterprise.objects.live().filter(pk=voided.pk).exists()
    with pytest.raises(ValidationError, match="已作废"):
        services.enterprise_update(enterprise=voided, actor=clerk, address="x")


def test_what_has_records_is_not_voided(cast: Cast) -> None:
    """Hazards name their enterprise without a way back from it, and still hold it."""
    other = enterprise_make(name="南门厂", area=cast.street_a, created_by=cast.bureau_clerk)
    hazard = hazard_in(cast, "ordered")
    type(hazard).objects.filter(pk=hazard.pk).update(enterprise=other)
    with pytest.raises(ValidationError, match="已有检查或隐患记录"):
        services.enterprise_void(enterprise=other, actor=cast.person("bureau_clerk"), reason="误登")
    assert not Enterprise.objects.get(pk=other.pk).void


@pytest.mark.parametrize("name", ["community_officer", "department_clerk", "officer_b", "enterprise_user"])
def test_only_the_office_that_answers_for_the_place_voids(cast: Cast, name: str) -> None:
    other = enterprise_make(
        name="南门厂", area=cast.community_a, department=cast.department, created_by=cast.bureau_clerk
    )
    with pytest.raises(PermissionDenied):
        services.enterprise_void(enterprise=other, actor=cast.person(name), reason="误登")


# ------------------------------------------------------------------------------------------------ telephone


def test_the_number_is_told_for_a_reason_that_the_log_keeps(cast: Cast) -> None:
    Enterprise.objects.filter(pk=cast.enterprise.pk).update(phone="13812345678")
    one = Enterprise.objects.get(pk=cast.enterprise.pk)
    assert "reason" in faults(lambda: services.phone_unmask(enterprise=one, actor=cast.person("officer_a"), reason=""))
    with pytest.raises(PermissionDenied):
        services.phone_unmask(enterprise=one, actor=cast.person("leader"), reason="想看")
    assert not AuditEntry.objects.filter(verb="enterprise.unmask").exists()
    phone = services.phone_unmask(enterprise=one, actor=cast.person("officer_a"), reason="通知停电")
    entry = AuditEntry.objects.get(verb="enterprise.unmask")
    assert phone == "13812345678"
    assert (entry.note, entry.target_id, entry.actor) == ("通知停电", one.pk, cast.officer_a)


# ------------------------------------------------------------------------------------------------ accounts


def open_account(cast: Cast, who: str = "officer_a", enterprise: Enterprise | None = None, **fields: Any) -> Any:
    fields = {"username": "13900001111", "name": "孙厂长"} | fields
    return services.account_open(enterprise=enterprise or cast.enterprise, actor=cast.person(who), **fields)


def test_a_street_opens_an_account_that_sees_only_its_enterprise(cast: Cast) -> None:
    enterprise_make(name="别家厂", area=cast.street_a, created_by=cast.bureau_clerk)
    issued = open_account(cast, acceptor=True)
    user = User.objects.get(username="13900001111")
    assert user.check_password(issued.password)
    assert user.must_change_password
    assert list(Enterprise.objects.visible_to(user)) == [cast.enterprise]
    assert EnterpriseMembership.objects.get(user=user).acceptor


def test_one_person_files_for_two_enterprises_with_one_account(cast: Cast) -> None:
    other = enterprise_make(name="南门厂", area=cast.street_a, created_by=cast.bureau_clerk)
    open_account(cast)
    assert open_account(cast, enterprise=other) is None
    user = User.objects.get(username="13900001111")
    assert Enterprise.objects.visible_to(user).count() == 2


@pytest.mark.parametrize("username", ["clerk", "enterprise"])
def test_somebody_elses_login_name_is_refused(cast: Cast, username: str) -> None:
    before = EnterpriseMembership.objects.count()
    assert "username" in faults(lambda: open_account(cast, username=username))
    assert EnterpriseMembership.objects.count() == before


@pytest.mark.parametrize("name", ["officer_b", "community_officer", "department_clerk", "leader", "system_admin"])
def test_only_the_office_that_answers_for_the_place_opens_accounts(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        open_account(cast, name)
    assert not User.objects.filter(username="13900001111").exists()


def test_an_officer_never_files_for_the_supervised(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="机关工作人员"):
        services.membership_grant(enterprise=cast.enterprise, user=cast.officer_b, actor=cast.person("bureau_clerk"))


def test_taking_back_acts_at_once_and_the_same_account_may_return(cast: Cast) -> None:
    issued = open_account(cast)
    member = EnterpriseMembership.objects.get(user=issued.user)
    assert "reason" in faults(
        lambda: services.membership_revoke(membership=member, actor=cast.person("officer_a"), reason="")
    )
    services.membership_revoke(membership=member, actor=cast.person("officer_a"), reason="离职")
    user = User.objects.get(pk=issued.user.pk)
    assert not business_user(user)
    assert not Enterprise.objects.visible_to(user).exists()
    assert open_account(cast) is None
    assert business_user(User.objects.get(pk=user.pk))


# ------------------------------------------------------------------------------------------------ industries


def test_section_heads_of_a_bureau_keep_the_industries(cast: Cast) -> None:
    fields = {"name": "电动车充电", "aliases": ["充电桩"], "order": 500}
    for name in ("bureau_clerk", "officer_a", "department_clerk", "system_admin"):
        with pytest.raises(PermissionDenied):
            services.industry_create(actor=cast.person(name), **fields)
    made = services.industry_create(actor=cast.person("section_head"), **fields)
    assert made.aliases == ["充电桩"]
    changed = services.industry_update(
        industry=made,
        name="充电设施",
        aliases=["充电桩", "充电桩", ""],
        order=1,
        active=False,
        actor=cast.person("section_head"),
    )
    assert (changed.name, changed.aliases, changed.active) == ("充电设施", ["充电桩"], False)


@pytest.mark.parametrize(
    ("name", "aliases", "field"), [("工贸", [], "name"), ("危化", [], "name"), ("新行业", ["化工"], "aliases")]
)
def test_one_word_means_one_industry(cast: Cast, name: str, aliases: list[str], field: str) -> None:
    before = Industry.objects.count()
    assert field in faults(
        lambda: services.industry_create(name=name, aliases=aliases, order=1, actor=cast.person("section_head"))
    )
    assert Industry.objects.count() == before


def test_the_seeded_industries_are_told_apart_by_every_word() -> None:
    words = [word for one in Industry.objects.all() for word in (one.name, *one.aliases)]
    assert len(words) == len(set(words)) > 100
    assert {"危险化学品", "工贸", "危险废物", "能源", "工业园区等功能区"} <= set(words)


def test_a_registered_day_may_lie_in_the_past(cast: Cast) -> None:
    assert create(cast, registered_on=dt.date(2019, 5, 1)).registered_on == dt.date(2019, 5, 1)
