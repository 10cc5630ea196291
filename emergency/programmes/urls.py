"""Addresses of the campaigns, and of the problems of a year."""

from django.urls import include, path

from emergency.core.ledger import pages
from emergency.programmes.views import campaigns, problems

app_name = "programmes"

problem_routes = [
    path("", problems.ProblemList.as_view(), name="problem_list"),
    path("new/", problems.ProblemNew.as_view(), name="problem_new"),
    *pages.paths(problems.ProblemImport, problems.ProblemExport, prefix="problem_"),
    path("<int:pk>/", problems.ProblemDetail.as_view(), name="problem_detail"),
    path("<int:pk>/edit/", problems.ProblemEdit.as_view(), name="problem_edit"),
    path("<int:pk>/void/", problems.ProblemVoid.as_view(), name="problem_void"),
]

urlpatterns = [
    path("", campaigns.ProgrammeList.as_view(), name="list"),
    path("new/", campaigns.ProgrammeNew.as_view(), name="new"),
    path("problems/", include(problem_routes)),
    path("<int:pk>/", campaigns.ProgrammeDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", campaigns.ProgrammeEdit.as_view(), name="edit"),
]
