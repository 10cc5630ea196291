"""Addresses of the hazard ledger."""

from django.urls import path

from emergency.core.ledger import pages
from hazards.views import ledgers, register, steps

app_name = "hazards"

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
]
