"""Addresses of the figures, of the values entered beside the ledgers, and of the zero reports."""

from django.urls import include, path

from emergency.core.ledger import pages
from emergency.figures import views
from emergency.figures.views import given, rolling, starts, zeros

app_name = "figures"

_GIVEN = [
    path("", given.GivenList.as_view(), name="given_list"),
    path("new/", given.GivenNew.as_view(), name="given_new"),
    path("<int:pk>/", given.GivenDetail.as_view(), name="given_detail"),
    path("<int:pk>/edit/", given.GivenEdit.as_view(), name="given_edit"),
    path("<int:pk>/void/", given.GivenVoid.as_view(), name="given_void"),
    *pages.paths(given.GivenImport, given.GivenExport, prefix="given_"),
]

urlpatterns = [
    path("", views.FiguresView.as_view(), name="list"),
    path("streak/", views.StreakView.as_view(), name="streak"),
    path("roll-up/", rolling.RollUp.as_view(), name="roll_up"),
    path("starts/", starts.LedgerStartsView.as_view(), name="starts"),
    path("given/", include(_GIVEN)),
    path("zeros/", zeros.ZeroList.as_view(), name="zero_list"),
    path("zeros/confirm/", zeros.ZeroConfirm.as_view(), name="zero_confirm"),
]
