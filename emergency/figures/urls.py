from django.urls import path

from emergency.figures import views

app_name = "figures"
urlpatterns = [
    path("", views.FiguresView.as_view(), name="list"),
    path("starts/", views.LedgerStartsView.as_view(), name="starts"),
]
