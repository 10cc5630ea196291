"""The steps of an accident's life: verified, investigated, closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from emergency.incidents.lifecycle import LIFECYCLE
from emergency.incidents.models import Accident

#: Where the words of a step stand that its timeline shows.
_NOTES = ("reason", "opinion", "cause", "approval_number")


def accident_act(
    *,
    queryset: QuerySet[Accident],
    pk: int,
    action: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    on: dt.date | None = None,
) -> Accident:
    """Take one step of the table in ``lifecycle.py``; ``queryset`` is what the actor may see.

    Raises ``Accident.DoesNotExist``, ``PermissionDenied`` or ``ValidationError``; then nothing has changed.
    """
    values = {key: value.strip() if isinstance(value, str) else value for key, value in (data or {}).items()}
    note = next((values[name] for name in _NOTES if values.get(name)), "")
    return LIFECYCLE.perform(queryset, pk=pk, action=action, actor=actor, data=values, on=on, note=note)
