"""Addresses of what every app shares: files and background work."""

from django.urls import path

from emergency.core import health
from emergency.core.attachments import views as attachments
from emergency.core.jobs import views as jobs

app_name = "core"

urlpatterns = [
    path("files/upload/", attachments.upload, name="upload"),
    path("files/<int:pk>/", attachments.file, name="file"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job_detail, name="job"),
    path("health/", health.live, name="health"),
]
