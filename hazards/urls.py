"""Addresses of the ledgers of hazards and of risk points."""

from django.urls import include, path

from emergency.core.ledger import pages
from hazards.views import ledgers, register, risk_steps, risks, steps

app_name = "hazards"

risk_urls = [
    path("", risks.RiskList.as_view(), name="risk_list"),
    path("new/", risks.RiskNew.as_view(), name="risk_new"),
    path("void/", risk_steps.RiskVoid.as_view(), name="risk_void"),
    *pages.paths(risks.RiskImport, risks.RiskExport, prefix="risk_"),
    path("<int:pk>/", risks.RiskDetail.as_view(), name="risk_detail"),
    path("<int:pk>/edit/", risks.RiskEdit.as_view(), name="risk_edit"),
    path("<int:pk>/act/<slug:action>/", risk_steps.RiskAct.as_view(), name="risk_act"),
]

urlpatterns = [
    path("", register.HazardList.as_view(), name="list"),
    path("new/", register.HazardNew.as_view(), name="new"),
    path("recheck/", steps.HazardSweep.as_view(), name="recheck"),
    path("void/", steps.HazardVoid.as_view(), name="void"),
    *pages.paths(ledgers.HazardImport, ledgers.HazardExport),
    path("<int:pk>/", register.HazardDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", register.HazardEdit.as_view(), name="edit"),
    path("<int:pk>/delete/", register.HazardDelete.as_view(), name="delete"),
    path("<int:pk>/split/", steps.HazardSplit.as_view(), name="split"),
    path("<int:pk>/act/<slug:action>/", steps.HazardAct.as_view(), name="act"),
    path("risks/", include(risk_urls)),
]
