from django.urls import path

from reports.views import dating, desk, text

app_name = "reports"
urlpatterns = [
    path("", desk.ReportList.as_view(), name="list"),
    path("new/", desk.ReportNew.as_view(), name="new"),
    path("<int:pk>/", desk.ReportDetail.as_view(), name="detail"),
    path("<int:pk>/print/", desk.ReportPrint.as_view(), name="print"),
    path("<int:pk>/period/", dating.ReportPeriod.as_view(), name="period"),
    path("<int:pk>/text/", text.ReportText.as_view(), name="text"),
    path("<int:pk>/preview/", text.ReportPreview.as_view(), name="preview"),
    path("<int:pk>/figures/", text.ReportFigures.as_view(), name="figures"),
    path("<int:pk>/text/<slug:section>/new/", text.ParagraphNew.as_view(), name="paragraph_new"),
    path("<int:pk>/text/<slug:section>/<slug:key>/", text.ParagraphView.as_view(), name="paragraph"),
    path("<int:pk>/text/<slug:section>/<slug:key>/act/", text.ParagraphAct.as_view(), name="paragraph_act"),
]
