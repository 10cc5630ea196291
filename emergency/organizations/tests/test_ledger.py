"""Units in and out of Excel."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from emergency.core.ledger import ImportContext, Outcome, export_rows, get, run_import
from emergency.core.tests.ledger_samples import workbook
from emergency.organizations.models import Membership, Organisation, Succession, User
from emergency.organizations.tests.factories import Cast, tree_make

HEAD = ("单位名称", "上级单位", "类别", "区划代码", "简称", "常住人口")
ROWS = [
    ["黄屋村", "南塘镇", "村", "369903101201", "", ""],  # stands above the town that it belongs to
    ["南塘镇", "东江区", "镇", "369903101", "南塘", "36000"],
    ["东江区", "章江市", "政府", "369903", "", ""],
    ["东江区应急管理局", "东江区", "应急管理局", "", "区应急局", ""],
]


def take_in(rows: list[list[Any]], **context: Any) -> Outcome:
    return run_import(get("organisations"), workbook([HEAD, *rows]), ImportContext(**context))


@pytest.fixture
def tree(db: None) -> dict[str, Organisation]:
    return tree_make()


def test_units_come_in_whatever_their_order(tree: dict[str, Organisation]) -> None:
    outcome = take_in(ROWS)
    assert outcome.ok, [fault.text for fault in outcome.faults]
    assert outcome.saved == {"新增": 4}
    village = Organisation.objects.get(name="黄屋村")
    town, district = village.street, village.district
    assert (town.name, town.population, district.name) == ("南塘镇", 36000, "东江区")
    assert village.path == f"{tree['city'].path}{district.pk}/{town.pk}/{village.pk}/"
    bureau = Organisation.objects.get(name="东江区应急管理局")
    assert (bureau.tier, bureau.serves) == ("district", district)


def test_every_fault_is_named_and_nothing_comes_in(tree: dict[str, Organisation]) -> None:
    before = Organisation.objects.count()
    outcome = take_in(
        [
            *ROWS,
            ["甲村", "没有的镇", "村", "", "", ""],
            ["东门街道", "南岭区", "街道", "", "", ""],
            ["乙街道", "南岭区", "街道", "369901001", "", ""],
            ["丙街道", "南岭区", "街道", "3699", "", ""],
            ["丁局", "", "部门", "", "", ""],
            ["戊街道", "己街道", "街道", "", "", ""],
            ["己街道", "戊街道", "街道", "", "", ""],
        ]
    )
    assert not outcome.ok
    assert Organisation.objects.count() == before
    said = {fault.cell: fault.message for fault in outcome.faults}
    assert "没有“没有的镇”这个单位" in said["B6"]
    assert "已登记" in said["A7"]
    assert "已登记为“东门街道”" in said["D8"]
    assert "请填写上级单位" in said["B10"]
    assert "互为上下级" in said["B11"]
    assert "互为上下级" in said["B12"]


def test_a_code_of_the_wrong_length_is_refused(tree: dict[str, Organisation]) -> None:
    outcome = take_in([["丙街道", "南岭区", "街道", "3699", "", ""]])
    assert [(fault.cell, fault.message) for fault in outcome.faults] == [("D2", "区划代码应为6位、9位或12位数字")]
    assert not Organisation.objects.filter(name="丙街道").exists()


def test_only_the_system_administrator_brings_units_in(cast: Cast) -> None:
    before = Organisation.objects.count()
    with pytest.raises(PermissionDenied):
        take_in(ROWS, actor=cast.person("bureau_clerk"))
    assert Organisation.objects.count() == before
    assert take_in(ROWS, actor=cast.person("system_admin")).ok


def test_what_goes_out_comes_back_equal(tree: dict[str, Organisation]) -> None:
    assert take_in(ROWS).ok
    ledger = get("organisations")

    def written() -> list[dict[str, Any]]:
        return list(ledger.records(Organisation.objects.order_by("name")))

    before, file = written(), b"".join(export_rows(ledger, ledger.records(Organisation.objects.order_by("-path"))))
    for model in (Membership, Succession, User):
        model.objects.all().delete()
    Organisation.objects.update(parent=None, district=None, street=None)
    Organisation.objects.all().delete()
    outcome = run_import(ledger, file, ImportContext())
    assert outcome.ok, [fault.text for fault in outcome.faults]
    assert written() == before
