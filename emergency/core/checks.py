"""System checks: what a production site must have before it may start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

REQUIRED = {
    "SECRET_KEY": "core.E001",
    "DATABASE_URL": "core.E002",
    "REDIS_URL": "core.E003",
    "ALLOWED_HOSTS": "core.E004",
}


@register(Tags.security)
def production_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """In production the key, the database, the broker and the host names are the site's own, never the trial's."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(f"{name} must be set when PORTAL_ENV is production.", id=code)
        for name, code in REQUIRED.items()
        if not settings.GIVEN[name]
    ]


@register()
def portal_environment(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """A mistyped PORTAL_ENV would silently run a production site as a trial."""
    if settings.PORTAL_ENV in ("trial", "production", "test"):
        return []
    return [Error("PORTAL_ENV must be trial or production.", id="core.E005")]
