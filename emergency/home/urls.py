from django.urls import path

from emergency.home import views

app_name = "home"
urlpatterns = [
    path("", views.HomeView.as_view(), name="index"),
    path("todo/", views.TodoView.as_view(), name="todo"),
    path("search/", views.SearchView.as_view(), name="search"),
    path("town/", views.TownListView.as_view(), name="towns"),
    path("town/<str:code>/", views.TownView.as_view(), name="town"),
    path("town/<str:code>/print/", views.TownPrintView.as_view(), name="town_print"),
]
