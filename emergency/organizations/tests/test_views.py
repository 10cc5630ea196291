"""The three administrators' pages at work."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.urls import reverse

from emergency.core.audit import AuditEntry, Outcome
from emergency.organizations.models import Kind, Membership, Organisation, Role, Succession, Tier, User
from emergency.organizations.tests.factories import Cast, client_of, fresh, user_make


def url(name: str, *args: object) -> str:
    return reverse(f"organizations:{name}", args=args)


def text_of(response) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


# ------------------------------------------------------------------------------------------------ users


def test_an_account_is_opened_and_its_password_shown_once(cast: Cast) -> None:
    admin = cast.client("system_admin")
    response = admin.post(url("user_new"), {"username": "liusan", "name": "刘三", "phone": "13807970001", "email": ""})
    page = text_of(response)
    password = re.search(r'id="issued-password">([^<]+)<', page).group(1)
    user = User.objects.get(username="liusan")
    assert user.check_password(password)
    assert "no-store" in response["Cache-Control"]
    assert password not in text_of(admin.get(url("user_detail", user.pk)))


def test_a_taken_login_name_is_said_at_its_field(cast: Cast) -> None:
    response = cast.client("system_admin").post(url("user_new"), {"username": "clerk", "name": "刘三"})
    page = text_of(response)
    assert 'id="id_username_error"' in page
    assert 'value="刘三"' in page
    assert not User.objects.filter(name="刘三").exists()


def test_the_list_masks_telephones_and_finds_people(cast: Cast) -> None:
    User.objects.filter(pk=cast.officer_a.pk).update(phone="13807971234")
    admin = cast.client("system_admin")
    page = text_of(admin.get(url("user_list"), {"q": "周安"}))
    assert "周安全员" in page
    assert "郑安全员" not in page
    assert "138****1234" in page
    assert "13807971234" not in page
    assert "郑安全员" in text_of(admin.get(url("user_list"), {"role": "street_officer"}))
    assert "陈科员" not in text_of(admin.get(url("user_list"), {"role": "street_officer"}))
    assert "周安全员" not in text_of(admin.get(url("user_list"), {"state": "disabled"}))


def test_two_hundred_users_are_walked_page_by_page(cast: Cast) -> None:
    for number in range(120):
        user_make(f"extra{number:03}")
    admin, seen, address = cast.client("system_admin"), [], url("user_list")
    while address:
        page = text_of(admin.get(address))
        seen += re.findall(r'data-label="登录名"[^>]*>([^<]+)<', page)
        following = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        address = url("user_list") + following.group(1).replace("&amp;", "&") if following else ""
    assert seen == sorted(User.objects.values_list("username", flat=True))


def test_disable_asks_for_a_reason_and_ends_the_session(cast: Cast) -> None:
    admin, officer = cast.client("system_admin"), cast.client("officer_a")
    act = url("user_act", cast.officer_a.pk, "disable")
    assert "停用后不能登录" in text_of(admin.get(act))
    admin.post(act, {"reason": ""})
    assert fresh(cast.officer_a).is_active
    assert admin.post(act, {"reason": "调离"}).status_code == 302
    assert not fresh(cast.officer_a).is_active
    assert officer.get(url("account")).status_code == 302
    admin.post(url("user_act", cast.officer_a.pk, "enable"))
    assert fresh(cast.officer_a).is_active


def test_an_unknown_act_is_not_found(cast: Cast) -> None:
    admin = cast.client("system_admin")
    for name in ("delete", "promote"):
        assert admin.post(url("user_act", cast.officer_a.pk, name)).status_code == 404
    assert admin.get(url("user_act", cast.officer_a.pk, "enable")).status_code == 404


def test_ones_own_account_offers_no_reset(cast: Cast) -> None:
    admin = cast.client("system_admin")
    assert "重置密码" not in text_of(admin.get(url("user_detail", cast.system_admin.pk)))
    assert admin.post(url("user_act", cast.system_admin.pk, "reset")).status_code == 403


# ------------------------------------------------------------------------------------------------ units


UNIT = {"name": "北坑村", "kind": Kind.COMMUNITY, "tier": Tier.COMMUNITY, "division_code": "369901002001"}


def test_a_unit_is_entered_changed_and_moved(cast: Cast) -> None:
    admin = cast.client("system_admin")
    assert admin.post(url("new"), UNIT | {"parent": cast.street_b.pk}).status_code == 302
    unit = Organisation.objects.get(name="北坑村")
    assert unit.street == cast.street_b
    page = text_of(admin.get(url("edit", unit.pk)))
    assert 'value="369901002001"' in page
    changed = {"name": "北坑社区", "division_code": "369901002001", "parent": cast.street_a.pk, "population": "1200"}
    assert admin.post(url("edit", unit.pk), changed).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.street, unit.population, unit.former_names) == ("北坑社区", cast.street_a, 1200, ["北坑村"])
    verbs = AuditEntry.objects.filter(
        target_type="organizations.organisation", target_id=unit.pk, actor=cast.system_admin
    )
    assert set(verbs.values_list("verb", flat=True)) == {
        "organisation.create",
        "organisation.update",
        "organisation.move",
    }


def test_a_refused_change_leaves_nothing_half_done(cast: Cast) -> None:
    admin = cast.client("system_admin")
    data = {"name": "改名", "parent": cast.district.pk, "valid_to": "2026-01-01"}
    page = text_of(admin.post(url("edit", cast.street_a.pk), data))
    assert "请先撤销或调整下级单位" in page
    assert Organisation.objects.get(pk=cast.street_a.pk).name == "东门街道"


def test_a_taken_code_is_said_in_plain_words(cast: Cast) -> None:
    page = text_of(
        cast.client("system_admin").post(
            url("new"), UNIT | {"parent": cast.street_b.pk, "division_code": "369901001001"}
        )
    )
    assert "该区划代码已被其他单位使用" in page


def test_the_tree_shows_units_in_force(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.street_b.pk).update(valid_to="2020-01-01")
    page = text_of(cast.client("system_admin").get(url("tree")))
    assert "桥头社区" in page
    assert "西坪街道" not in page


def test_a_succession_is_entered_and_listed(cast: Cast) -> None:
    admin = cast.client("system_admin")
    data = {"predecessor": cast.street_a.pk, "successor": cast.street_b.pk, "on": "2025-01-01"}
    assert admin.post(url("succession_new"), data).status_code == 302
    assert Succession.objects.get().successor == cast.street_b
    assert "2025-01-01" in text_of(admin.get(url("succession_list")))
    assert "承接" in text_of(admin.get(url("detail", cast.street_b.pk)))


# ------------------------------------------------------------------------------------------------ roles


def test_a_role_is_granted_delegated_and_revoked(cast: Cast) -> None:
    admin = cast.client("security_admin")
    user = user_make("liusan", "刘三")
    data = {"user": user.pk, "organisation": cast.street_a.pk, "role": Role.STREET_OFFICER, "post": "站长"}
    assert admin.post(url("membership_new"), data).status_code == 302
    held = Membership.objects.get(user=user)
    act = url("membership_act", held.pk, "delegate")
    response = admin.post(act, {"to": cast.officer_b.pk, "valid_from": "2026-01-01", "valid_to": "2020-01-01"})
    assert response.status_code == 200
    today = held.valid_from.isoformat()
    response = admin.post(act, {"to": cast.officer_b.pk, "valid_from": today, "valid_to": today})
    assert response.status_code == 302, text_of(response)
    assert "代刘三" in text_of(admin.get(url("membership_list")))
    revoke = url("membership_act", held.pk, "revoke")
    assert "立即生效" in text_of(admin.get(revoke))
    assert admin.post(revoke, {"reason": "调离"}).status_code == 302
    page = text_of(admin.get(url("membership_detail", held.pk)))
    assert "已收回" in page
    assert "调离" in page
    assert not Membership.objects.filter(revoked_at=None, delegated_by=held).exists()


def test_a_role_that_breaks_the_separation_is_refused_on_the_page(cast: Cast) -> None:
    data = {"user": cast.officer_a.pk, "organisation": cast.bureau.pk, "role": Role.AUDIT_ADMIN}
    page = text_of(cast.client("security_admin").post(url("membership_new"), data))
    assert "承担业务工作" in page
    assert cast.officer_a.memberships.count() == 1


@pytest.mark.parametrize(("state", "shown"), [("held", True), ("later", False), ("ended", False), ("revoked", False)])
def test_roles_are_filtered_by_standing(cast: Cast, state: str, shown: bool) -> None:
    page = text_of(cast.client("security_admin").get(url("membership_list"), {"state": state, "q": "周安全员"}))
    assert ('data-label="姓名"' in page) == shown


# ------------------------------------------------------------------------------------------------ log


def test_the_log_is_filtered_and_opened(cast: Cast) -> None:
    cast.client("system_admin").post(url("user_edit", cast.officer_a.pk), {"name": "周某某", "phone": "", "email": ""})
    auditor = cast.client("auditor")
    page = text_of(auditor.get(url("audit_list"), {"person": "系统管理员甲", "verb": ".update"}))
    assert page.count('data-label="时间"') == 1
    assert "修改" in page
    entry = AuditEntry.objects.get(verb="user.update")
    detail = text_of(auditor.get(url("audit_detail", entry.pk)))
    for word in ("姓名", "周安全员", "周某某", "127.0.0.1"):
        assert word in detail
    assert 'data-label="时间"' not in text_of(auditor.get(url("audit_list"), {"until": "2001-01-01"}))
    assert 'data-label="时间"' in text_of(auditor.get(url("audit_list"), {"since": "2001-01-01"}))


def test_a_refused_visit_is_in_the_log(cast: Cast) -> None:
    assert cast.client("officer_a").get(url("user_list")).status_code == 403
    entry = AuditEntry.objects.get(verb="page.refused")
    assert (entry.actor, entry.outcome, entry.note) == (cast.officer_a, Outcome.REFUSED, f"GET {url('user_list')}")
    page = text_of(cast.client("auditor").get(url("audit_list"), {"outcome": "refused"}))
    assert "无权访问" in page


def test_the_log_goes_out_whole_and_harmless(cast: Cast) -> None:
    User.objects.filter(pk=cast.officer_a.pk).update(name="=1+1")
    cast.client("system_admin").post(url("user_edit", cast.officer_b.pk), {"name": "郑某", "phone": "", "email": ""})
    client_of(fresh(cast.officer_a)).post(url("account"), {"phone": "13807971234"})
    response = cast.client("auditor").get(url("audit_export"))
    rows = list(csv.DictReader(io.StringIO(text_of(response).lstrip("\ufeff"))))
    assert len(rows) == AuditEntry.objects.count()
    by_verb = {row["操作"]: row for row in rows}
    assert "姓名：郑安全员 → 郑某" in by_verb["修改"]["变更内容"]
    assert not by_verb["修改个人信息"]["操作人"].startswith("=")
    assert AuditEntry.objects.get(verb="audit.export").actor == cast.auditor


def test_a_wrong_filter_exports_nothing(cast: Cast) -> None:
    response = cast.client("auditor").get(url("audit_export"), {"since": "去年"})
    assert response.status_code == 400
    assert not AuditEntry.objects.filter(verb="audit.export").exists()
