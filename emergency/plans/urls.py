"""Addresses of plans and drills."""

from django.urls import include, path

from emergency.core.ledger import pages
from emergency.plans.views import drills, ledgers, register, steps

app_name = "plans"

drill_urls = [
    path("", drills.DrillList.as_view(), name="drill_list"),
    path("new/", drills.DrillNew.as_view(), name="drill_new"),
    path("owing/", drills.OwingList.as_view(), name="owing"),
    *pages.paths(ledgers.DrillImport, ledgers.DrillExport, prefix="drill_"),
    path("<int:pk>/", drills.DrillDetail.as_view(), name="drill_detail"),
    path("<int:pk>/act/<slug:action>/", steps.DrillAct.as_view(), name="drill_act"),
    path("findings/<int:pk>/", drills.FindingDone.as_view(), name="finding_done"),
]

urlpatterns = [
    path("", register.PlanList.as_view(), name="list"),
    path("new/", register.PlanNew.as_view(), name="new"),
    *pages.paths(ledgers.PlanImport, ledgers.PlanExport),
    path("<int:pk>/", register.PlanDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", register.PlanEdit.as_view(), name="edit"),
    path("<int:pk>/delete/", register.PlanDelete.as_view(), name="delete"),
    path("<int:pk>/revise/", steps.PlanRevise.as_view(), name="revise"),
    path("<int:pk>/print/", steps.PlanPrint.as_view(), name="print"),
    path("<int:pk>/act/<slug:action>/", steps.PlanAct.as_view(), name="act"),
    path("drills/", include(drill_urls)),
]
