"""Sessions in the database, renewed by one plain update.

Django's own store wraps each save in a savepoint and so asks three statements where one does. A page that is opened once a minute
would pay them on top of its own.
"""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError


class SessionStore(db.SessionStore):
    def save(self, must_create: bool = False) -> None:
        """Write the session. Raises ``UpdateError`` where it has been deleted meanwhile: a sign-out is not undone by a late page."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        row = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]
        kept = self.model.objects.filter(pk=row.pk).update(session_data=row.session_data, expire_date=row.expire_date)
        if not kept:
            raise UpdateError
