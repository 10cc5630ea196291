"""Addresses of the ledgers of visits and measures."""

from django.urls import include, path

from emergency.core.ledger import pages
from inspections.views import checklists, filing, ledgers, measures, register

app_name = "inspections"

_measures = [
    path("", measures.MeasureList.as_view(), name="measure_list"),
    path("new/", measures.MeasureNew.as_view(), name="measure_new"),
    *pages.paths(ledgers.MeasureImport, ledgers.MeasureExport, prefix="measure_"),
    path("<int:pk>/", measures.MeasureDetail.as_view(), name="measure_detail"),
    path("<int:pk>/edit/", measures.MeasureEdit.as_view(), name="measure_edit"),
    path("<int:pk>/act/<slug:action>/", measures.MeasureAct.as_view(), name="measure_act"),
]

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
    path("measures/", include(_measures)),
]
