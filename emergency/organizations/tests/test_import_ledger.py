"""The command import_ledger: exit codes, the workbook beside the file, units by name, and whose name rows carry."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from emergency.core import clock
from emergency.core.audit import AuditEntry
from emergency.core.jobs.models import Job, Trigger
from emergency.core.tests.ledger_samples import Book, workbook
from emergency.enterprises.models import Enterprise
from emergency.enterprises.tests.factories import industry_make
from emergency.organizations.models import Organisation, Role, User
from emergency.organizations.scope import FILERS, holds, is_portal, reach
from emergency.organizations.services import system_user, user_enable
from emergency.organizations.tests.factories import Cast, fresh, user_make
from hazards.models import Hazard
from inspections.models import Visit

pytestmark = pytest.mark.django_db

HEAD = ("发现日期", "承办单位", "受检单位或地点", "隐患描述")
GOOD = ["2026-3-1", "东门街道", "河边路1号", "线路老化"]
WRONG = ["2026.3", "东门街", "河边路2号", ""]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime(2026, 3, 5, 10, tzinfo=timezone.get_default_timezone())):
        yield


@pytest.fixture
def table(tmp_path: Path) -> Any:
    """Writes a table and gives its path."""

    def write(rows: list[Any], name: str = "台账.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(workbook(rows))
        return path

    return write


def run(kind: str, path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_ledger", kind, str(path), *options, stdout=out, stderr=out)
    return out.getvalue()


def refused(kind: str, path: Path, *options: str) -> tuple[str, str]:
    """What was printed and the last word, of a run that ends with 1."""
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("import_ledger", kind, str(path), *options, stdout=out, stderr=out)
    assert error.value.returncode == 1
    return out.getvalue(), str(error.value)


def test_a_right_table_goes_in_under_the_portals_own_name(cast: Cast, table: Any) -> None:
    path = table([HEAD, GOOD, ["2026-3-2", "西坪街道", "河边路9号", "无护栏"]])
    assert "已导入 2 行" in run("hazards", path)
    job = Job.objects.get()
    assert (job.trigger, job.created_by, job.organisation_id) == (Trigger.COMMAND, system_user(), None)
    assert set(Hazard.objects.values_list("import_id", "created_by__username")) == {(job.pk, "system")}
    assert AuditEntry.objects.get(verb="hazards.import").actor == system_user()
    assert list(path.parent.glob("*.xlsx")) == [path]


def test_wrong_rows_keep_everything_out_and_are_named_by_cell(cast: Cast, table: Any) -> None:
    path = table([HEAD, GOOD, WRONG])
    printed, word = refused("hazards", path)
    for cell in ("A3（发现日期）", "B3（承办单位）", "D3（隐患描述）"):
        assert cell in printed
    assert "没有导入：3 处需要改正" in word
    assert not Hazard.objects.exists()
    beside = path.with_name("台账.错误.xlsx")
    sheet = openpyxl.load_workbook(beside)["台账"]
    assert sheet.cell(2, 5).value is None
    assert "隐患描述：必填" in sheet.cell(3, 5).value


def test_only_good_stores_them_and_still_says_that_rows_are_wrong(cast: Cast, table: Any) -> None:
    _printed, word = refused("hazards", table([HEAD, GOOD, WRONG]), "--only-good")
    assert "已导入 1 行，新增 1，退回 1 行" in word
    assert Hazard.objects.count() == 1


def test_a_dry_run_stores_nothing(cast: Cast, table: Any) -> None:
    assert "没有发现错误，尚未导入" in run("hazards", table([HEAD, GOOD]), "--dry-run")
    assert not Hazard.objects.exists()
    assert not AuditEntry.objects.filter(verb="hazards.import").exists()


def test_strict_refuses_a_column_that_is_passed_over_otherwise(cast: Cast, table: Any) -> None:
    path = table([(*HEAD, "经办科"), [*GOOD, "一科"]])
    printed, _word = refused("hazards", path, "--strict")
    assert "这一列不认识" in printed
    assert "不认识，没有导入" in run("hazards", path)


def test_questions_are_answered_by_options(cast: Cast, tmp_path: Path) -> None:
    book = Book()
    page = book.sheet(
        "台账",
        [(*HEAD[:1], *HEAD[2:], "整改资金"), ["3月1日", "河边路1号", "线路老化", 2], ["3月1日", "丙厂", "无护栏", 1]],
    )
    page.set_row(2, None, None, {"hidden": True})
    path = tmp_path / "台账.xlsx"
    path.write_bytes(book.done())
    printed, _word = refused("hazards", path, "--default", "承办单位=东门街道")
    assert [option in printed for option in ("--year", "--unit 列名=单位", "--hidden")] == [True, True, True]
    answers = ("--default", "承办单位=东门街道", "--year", "2026", "--unit", "整改资金=万元", "--hidden", "skip")
    run("hazards", path, *answers)
    assert Hazard.objects.values_list("found_on", "cost").get() == (dt.date(2026, 3, 1), 20_000)
    printed, _word = refused("hazards", path, *answers)
    assert "--duplicates" in printed
    run("hazards", path, *answers, "--duplicates", "include")
    assert Hazard.objects.count() == 2


def test_units_are_looked_up_within_the_organisation(cast: Cast, table: Any) -> None:
    path = table([HEAD, GOOD])
    printed, _word = refused("hazards", path, "--organisation", cast.street_b.division_code)
    assert "没有“东门街道”这个单位" in printed
    run("hazards", path, "--organisation", cast.district.division_code)
    assert Hazard.objects.get().handler == cast.street_a


def test_a_named_actor_brings_in_what_their_roles_allow(cast: Cast, table: Any) -> None:
    path = table([HEAD, GOOD])
    refused("hazards", path, "--actor", cast.officer_b.username)
    assert not Hazard.objects.exists()
    run("hazards", path, "--actor", cast.officer_a.username)
    assert Hazard.objects.get().created_by == cast.officer_a


def test_units_enterprises_and_visits_come_in_alike(cast: Cast, table: Any) -> None:
    run("organisations", table([("单位名称", "上级单位", "类别"), ("南湖社区", "西坪街道", "社区")], "单位.xlsx"))
    assert Organisation.objects.get(name="南湖社区").parent == cast.street_b
    head = ("单位名称", "无代码原因", "属地", "行业")
    run(
        "enterprises",
        table([head, ("南湖石材厂", "尚未办理", "西坪街道/南湖社区", industry_make("工贸").name)], "企业.xlsx"),
    )
    assert Enterprise.objects.get(name="南湖石材厂").street == cast.street_b
    head = ("检查日期", "实施单位", "检查类型", "受检单位")
    run("inspections", table([head, ("2026-3-1", "西坪街道", "网格巡查/走访", "南湖石材厂")], "检查.xlsx"))
    assert Visit.objects.get().enterprise.name == "南湖石材厂"


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("nothing", (), "没有“nothing”这个台账"),
        ("hazards", ("--default", "颜色=红"), "没有“颜色”这一列"),
        ("hazards", ("--default", "承办单位"), "应写成 列名=内容"),
        ("hazards", ("--organisation", "999999"), "没有区划代码为999999的单位"),
        ("hazards", ("--actor", "nobody"), "没有登录名为nobody的用户"),
    ],
)
def test_a_wrong_option_is_named(cast: Cast, table: Any, kind: str, options: tuple[str, ...], words: str) -> None:
    assert words in refused(kind, table([HEAD, GOOD]), *options)[1]
    assert not Job.objects.exists()


def test_a_file_that_is_no_table(cast: Cast, tmp_path: Path) -> None:
    assert "不能读取" in refused("hazards", tmp_path / "没有.xlsx")[1]
    path = tmp_path / "程序.xlsx"
    path.write_bytes(b"MZ\x90\0" * 99)
    assert "这是程序文件" in refused("hazards", path)[0]
    assert not path.with_name("程序.错误.xlsx").exists()


# ------------------------------------------------------------------------------------------------ the portal's account


def test_the_portals_account_is_one_and_lets_nobody_in(cast: Cast) -> None:
    user = system_user()
    assert (user, User.objects.filter(username="system").count()) == (system_user(), 1)
    assert (user.is_active, user.has_usable_password(), reach(user).posts) == (False, False, ())
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/hazards/").status_code == 302
    response = client.post(reverse("organizations:login"), {"username": "system", "password": "!"})
    assert "登录名或密码不正确" in response.content.decode()


def test_the_portal_may_name_every_record_and_a_person_of_its_name_may_not(cast: Cast) -> None:
    user = system_user()
    assert Enterprise.objects.visible_to(user).count() == 1
    assert holds(user, FILERS, cast.street_b)
    user_enable(user=user, actor=cast.person("system_admin"))
    person = fresh(user)
    assert not is_portal(person)
    assert not Enterprise.objects.visible_to(person).exists()
    assert not holds(person, [Role.CLERK])
    with pytest.raises(ValidationError, match="已被人员账号使用"):
        system_user()


def test_somebody_elses_inactive_account_is_not_the_portal(cast: Cast) -> None:
    assert not is_portal(user_make("zhou", is_active=False))
