from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.ReportList.as_view(), name="list"),
    path("new/", views.ReportNew.as_view(), name="new"),
    path("<int:pk>/", views.ReportDetail.as_view(), name="detail"),
    path("<int:pk>/print/", views.ReportPrint.as_view(), name="print"),
]
