"""Addresses of the register."""

from django.urls import path

from emergency.core.ledger import pages
from emergency.enterprises.views import accounts, industries, pick, record, register

app_name = "enterprises"

urlpatterns = [
    path("", register.EnterpriseList.as_view(), name="list"),
    path("pick/", pick.Pick.as_view(), name="autocomplete"),
    path("new/", register.EnterpriseNew.as_view(), name="new"),
    path("quick/", register.EnterpriseQuick.as_view(), name="quick"),
    path("<int:pk>/", record.EnterpriseDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", register.EnterpriseEdit.as_view(), name="edit"),
    path("<int:pk>/phone/", record.EnterprisePhone.as_view(), name="phone"),
    path("<int:pk>/act/<slug:action>/", record.EnterpriseAct.as_view(), name="act"),
    path("<int:pk>/accounts/new/", accounts.AccountNew.as_view(), name="account_new"),
    path("<int:pk>/accounts/<int:member>/revoke/", accounts.AccountRevoke.as_view(), name="account_revoke"),
    path("industries/", industries.IndustryList.as_view(), name="industry_list"),
    path("industries/new/", industries.IndustryNew.as_view(), name="industry_new"),
    path("industries/<int:pk>/edit/", industries.IndustryEdit.as_view(), name="industry_edit"),
    *pages.paths(register.EnterpriseImport, register.EnterpriseExport),
]
