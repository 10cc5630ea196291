"""All addresses: one prefix per app, the app's label; the home page at the root."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from emergency.core import health


def app_routes() -> list:
    """The urls room of every app that has one."""
    routes = []
    for app in settings.LOCAL_APPS:
        if find_spec(f"{app}.urls"):
            label = app.rpartition(".")[2]
            routes.append(path("" if label in ("core", "home") else f"{label}/", include(f"{app}.urls")))
    if find_spec("emergency.api"):
        routes.append(path("api/", include("emergency.api")))
    return routes


urlpatterns = [path("health/", health.live, name="health"), *app_routes()]
