"""Addresses of the ledger of visits."""

from django.urls import path

from emergency.core.ledger import pages
from inspections.views import checklists, filing, ledgers, register

app_name = "inspections"

urlpatterns = [
    path("", register.VisitList.as_view(), name="list"),
    path("new/", filing.VisitNew.as_view(), name="new"),
    path("bulk/", filing.VisitBulkNew.as_view(), name="bulk"),
    *pages.paths(ledgers.VisitImport, ledgers.VisitExport),
    path("<int:pk>/", register.VisitDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", filing.VisitEdit.as_view(), name="edit"),
    path("<int:pk>/act/<slug:action>/", filing.VisitAct.as_view(), name="act"),
    path("checklists/", checklists.ChecklistIndex.as_view(), name="checklists"),
    path("checklists/new/", checklists.ChecklistEdit.as_view(), name="checklist_new"),
    path("checklists/<int:pk>/", checklists.ChecklistDetail.as_view(), name="checklist"),
    path("checklists/<int:pk>/edit/", checklists.ChecklistEdit.as_view(), name="checklist_edit"),
]
