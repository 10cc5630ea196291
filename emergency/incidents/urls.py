"""Addresses of the accident ledger."""

from django.urls import path

from emergency.core.ledger import pages
from emergency.incidents.views import record, register

app_name = "incidents"

urlpatterns = [
    path("", register.AccidentList.as_view(), name="list"),
    path("new/", register.AccidentNew.as_view(), name="new"),
    *pages.paths(register.AccidentImport, register.AccidentExport),
    path("<int:pk>/", record.AccidentDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", register.AccidentEdit.as_view(), name="edit"),
    path("<int:pk>/deaths/new/", record.DeathNew.as_view(), name="death_new"),
    path("<int:pk>/deaths/<int:death>/void/", record.DeathVoid.as_view(), name="death_void"),
    path("<int:pk>/act/<slug:action>/", record.AccidentAct.as_view(), name="act"),
]
