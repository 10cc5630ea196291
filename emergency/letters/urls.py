"""Addresses of the letters."""

from django.urls import path

from emergency.core.ledger import pages
from emergency.letters.views import ledgers, register, steps

app_name = "letters"

urlpatterns = [
    path("", register.LetterList.as_view(), name="list"),
    path("new/", register.LetterNew.as_view(), name="new"),
    *pages.paths(ledgers.LetterImport, ledgers.LetterExport),
    path("<int:pk>/", register.LetterDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", register.LetterEdit.as_view(), name="edit"),
    path("<int:pk>/delete/", register.LetterDelete.as_view(), name="delete"),
    path("<int:pk>/print/", steps.LetterPrint.as_view(), name="print"),
    path("<int:pk>/act/<slug:action>/", steps.LetterAct.as_view(), name="act"),
    path("replies/<int:pk>/<slug:action>/", steps.ReplyAct.as_view(), name="reply"),
]
