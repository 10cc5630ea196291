"""Addresses of the ledger of activities."""

from django.urls import path

from emergency.activities.views import categories, filing, ledgers, register
from emergency.core.ledger import pages

app_name = "activities"

urlpatterns = [
    path("", register.ActivityList.as_view(), name="list"),
    path("new/", filing.ActivityNew.as_view(), name="new"),
    path("void/", filing.ActivityVoid.as_view(), name="void"),
    *pages.paths(ledgers.ActivityImport, ledgers.ActivityExport),
    path("<int:pk>/", register.ActivityDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", filing.ActivityEdit.as_view(), name="edit"),
    path("<int:pk>/delete/", filing.ActivityDelete.as_view(), name="delete"),
    path("<int:pk>/act/<slug:action>/", filing.ActivityAct.as_view(), name="act"),
    path("categories/", categories.CategoryList.as_view(), name="categories"),
    path("categories/new/", categories.CategoryNew.as_view(), name="category_new"),
    path("categories/<int:pk>/edit/", categories.CategoryEdit.as_view(), name="category_edit"),
]
