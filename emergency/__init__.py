"""The portal of a district's emergency-management bureau. Celery's application is loaded with it, so tasks find it."""

from emergency.celery import app as celery_app

__all__ = ["celery_app"]
