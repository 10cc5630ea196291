"""Addresses of the campaigns."""

from django.urls import path

from emergency.programmes import views

app_name = "programmes"

urlpatterns = [
    path("", views.ProgrammeList.as_view(), name="list"),
    path("new/", views.ProgrammeNew.as_view(), name="new"),
    path("<int:pk>/", views.ProgrammeDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.ProgrammeEdit.as_view(), name="edit"),
]
