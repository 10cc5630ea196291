"""The pages: who sees what, the journey of a filing, the journey of a drill, and what a refusal leaves untouched."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import attachments
from emergency.core.jobs.models import Job
from emergency.core.tests.query_counts import expected_queries
from emergency.enterprises.models import Enterprise
from emergency.organizations.tests.factories import Cast
from emergency.plans.models import Drill, DrillFinding, Plan, Status
from emergency.plans.tests.factories import (
    drill_make,
    filed,
    office_plan,
    plan_make,
    published,
    submitted,
)

pytestmark = pytest.mark.django_db


def page(cast: Cast, who: str, route: str, *args: Any, **params: Any) -> Any:
    return cast.client(who).get(reverse(f"plans:{route}", args=args), params)


def send(cast: Cast, who: str, route: str, *args: Any, **data: Any) -> Any:
    return cast.client(who).post(reverse(f"plans:{route}", args=args), data)


def keys(response: Any) -> set[int]:
    return {row.pk for row in response.context["page"].rows}


def test_everybody_finds_their_own_plans_and_no_others(cast: Cast) -> None:
    firm, street = filed(cast), published(cast, office_plan(cast))
    seen = {name: keys(page(cast, name, "list")) for name in Cast.BUSINESS}
    both = {firm.pk, street.pk}
    assert seen == {
        **dict.fromkeys(("bureau_clerk", "section_head", "leader", "officer_a", "officer_a2"), both),
        "officer_b": set(),
        "community_officer": set(),
        "department_clerk": set(),
        "enterprise_user": {firm.pk},
    }
    for route, args in (("detail", ()), ("edit", ()), ("revise", ()), ("act", ("void",))):
        assert page(cast, "officer_b", route, firm.pk, *args).status_code == 404, route
    assert send(cast, "officer_b", "print", firm.pk, form="pdf").status_code == 404
    drill = drill_make(cast)
    assert page(cast, "enterprise_user", "drill_detail", drill.pk).status_code == 404
    assert keys(page(cast, "officer_b", "drill_list")) == set()


def test_a_firm_files_a_plan_through_the_pages(cast: Cast) -> None:
    """企业申报 → 一次性告知补正 → 补正 → 备案 → 登记表."""
    data = {"enterprise": cast.enterprise.pk, "name": "东门机械厂综合应急预案", "kind": "comprehensive"}
    assert "东门机械厂" in page(cast, "enterprise_user", "new").content.decode()
    assert send(cast, "enterprise_user", "new", **data).status_code == 302
    plan = Plan.objects.get()
    assert send(cast, "enterprise_user", "edit", plan.pk, name="综合应急预案", kind="comprehensive").status_code == 302
    assert send(cast, "enterprise_user", "act", plan.pk, "publish", published_on="2026-03-02").status_code == 302
    text = SimpleUploadedFile(
        "预案.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF", content_type="application/pdf"
    )
    handed = {"applied_on": "2026-03-09", "materials": ["form", "text"], "files": [text]}
    assert send(cast, "enterprise_user", "act", plan.pk, "apply", **handed).status_code == 302
    assert page(cast, "enterprise_user", "act", plan.pk, "file").status_code == 403
    early = send(cast, "bureau_clerk", "act", plan.pk, "file")
    assert early.status_code == 400 and "还缺风险评估结果和应急资源调查清单" in early.content.decode()
    assert send(cast, "bureau_clerk", "act", plan.pk, "correct", missing=["survey"]).status_code == 302
    asked = page(cast, "enterprise_user", "act", plan.pk, "complete").content.decode()
    assert "风险评估结果和应急资源调查清单" in asked and "备案申报表" not in asked
    more = {"received_on": "2026-03-10", "materials": ["survey"]}
    assert send(cast, "enterprise_user", "act", plan.pk, "complete", **more).status_code == 302
    assert send(cast, "bureau_clerk", "act", plan.pk, "file").status_code == 302
    plan.refresh_from_db()
    assert (plan.status, plan.number) == (Status.FILED, "369901-2026-0001")
    shown = page(cast, "enterprise_user", "detail", plan.pk).content.decode()
    assert "生产安全事故应急预案备案登记表" in shown and "369901-2026-0001" in shown and "预案.pdf" in shown
    assert send(cast, "enterprise_user", "print", plan.pk, form="pdf").status_code == 302
    assert Job.objects.get().params == {"plan": plan.pk, "form": "pdf"}
    (kept,) = attachments.for_owner(plan)
    assert kept.frozen
    assert cast.client("officer_b").get(kept.get_absolute_url()).status_code == 404


def test_a_revision_through_the_pages(cast: Cast) -> None:
    plan = filed(cast)
    assert "修订原因" in page(cast, "enterprise_user", "revise", plan.pk).content.decode()
    assert send(cast, "enterprise_user", "revise", plan.pk).status_code == 400
    assert send(cast, "enterprise_user", "revise", plan.pk, reason="risk").status_code == 302
    new = Plan.objects.get(previous=plan)
    assert "第1版" in page(cast, "officer_a", "detail", new.pk).content.decode()
    assert page(cast, "leader", "delete", new.pk).status_code == 403
    assert page(cast, "enterprise_user", "delete", new.pk).status_code == 200
    assert send(cast, "enterprise_user", "delete", new.pk).status_code == 302
    assert not Plan.objects.filter(pk=new.pk).exists()


def test_a_drill_through_the_pages(cast: Cast) -> None:
    plan = filed(cast)
    assert plan.name in page(cast, "enterprise_user", "drill_new", plan=plan.pk).content.decode()
    data = {"enterprise": cast.enterprise.pk, "plan": plan.pk, "name": "火灾疏散演练", "form": "field", "quantity": 1}
    assert send(cast, "enterprise_user", "drill_new", **data).status_code == 400
    assert send(cast, "enterprise_user", "drill_new", **data, planned_on="2026-03-10").status_code == 302
    drill = Drill.objects.get()
    assert drill.plan == plan
    held = {"held_on": "2026-03-09", "quantity": 1, "people": 40}
    assert send(cast, "officer_b", "drill_act", drill.pk, "hold", **held).status_code == 404
    assert send(cast, "enterprise_user", "drill_act", drill.pk, "hold", **held).status_code == 302
    judged = {"evaluated_on": "2026-03-10", "evaluation": "达到目的", "grade": "good", "findings": "路线不熟\n通信不畅"}
    assert send(cast, "enterprise_user", "drill_act", drill.pk, "evaluate", **judged).status_code == 400
    assert not DrillFinding.objects.exists() and Drill.objects.get().status == "held"
    done = send(cast, "enterprise_user", "drill_act", drill.pk, "evaluate", **judged, due_on="2026-03-20")
    assert done.status_code == 302
    first, _ = DrillFinding.objects.order_by("pk")
    assert "路线不熟" in page(cast, "officer_a", "drill_detail", drill.pk).content.decode()
    assert page(cast, "officer_b", "finding_done", first.pk).status_code == 404
    assert page(cast, "leader", "finding_done", first.pk).status_code == 403
    assert page(cast, "enterprise_user", "finding_done", first.pk).status_code == 200
    mended = {"done_on": "2026-03-10", "note": "已重新演练"}
    assert send(cast, "enterprise_user", "finding_done", first.pk, **mended).status_code == 302
    assert DrillFinding.objects.open().count() == 1


def test_who_owes_a_drill(cast: Cast) -> None:
    submitted(cast)
    response = page(cast, "officer_a", "owing")
    assert keys(response) == {cast.enterprise.pk} and "东门街道" in response.content.decode()
    assert keys(page(cast, "officer_b", "owing")) == set()
    assert page(cast, "enterprise_user", "owing").status_code == 403
    Enterprise.objects.update(state="suspended")
    assert keys(page(cast, "officer_a", "owing")) == set()


def test_each_filter_narrows(cast: Cast) -> None:
    rows = {
        "draft": plan_make(cast, name="草拟"),
        "late": published(cast),
        "filed": filed(cast, plan_make(cast, name="二")),
    }
    rows["street"] = published(cast, office_plan(cast))
    Plan.objects.filter(pk=rows["late"].pk).update(file_by=dt.date(2026, 3, 9))
    Plan.objects.filter(pk=rows["filed"].pk).update(evaluate_by=dt.date(2026, 3, 9))
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"stage": "in_force"}, {"late", "filed", "street"}),
        ({"stage": "late"}, {"late"}),
        ({"stage": "evaluate"}, {"filed"}),
        ({"stage": "drafting"}, {"draft"}),
        ({"kind": "street"}, {"street"}),
        ({"area": cast.street_b.pk}, set()),
        ({"q": "草拟"}, {"draft"}),
        ({"filed_from": "2026-03-01"}, {"filed"}),
        ({"enterprise": cast.enterprise.pk}, {"draft", "late", "filed"}),
    ]
    for params, expected in cases:
        assert keys(page(cast, "bureau_clerk", "list", **params)) == {rows[key].pk for key in expected}, params
    drill = drill_make(cast)
    for params, found in (
        ({"form": "desk"}, True),
        ({"status": "planned"}, False),
        ({"day_from": "2026-03-11"}, False),
    ):
        assert (drill.pk in keys(page(cast, "bureau_clerk", "drill_list", **params))) == found, params


@pytest.mark.parametrize("rows", [0, 60])
@pytest.mark.parametrize("route", ["list", "drill_list", "owing"])
def test_a_list_costs_what_the_file_says(cast: Cast, route: str, rows: int) -> None:
    """As an officer of a street, who also is a party; the last row of each is there for all sizes."""
    model: Any = Drill if route == "drill_list" else Plan
    made: Any = drill_make(cast) if model is Drill else submitted(cast)
    one = model.objects.filter(pk=made.pk).values().get()
    for name in ("id", "search_text", "day"):
        one.pop(name, None)
    model.objects.bulk_create(model(**one) for _ in range(rows))
    client = cast.client("officer_a")
    client.get(reverse(f"plans:{route}"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(f"plans:{route}")).status_code == 200
    assert len(queries) == expected_queries(f"plans:{route}") <= 12
