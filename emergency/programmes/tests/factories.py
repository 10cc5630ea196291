"""Campaigns for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.core import clock
from emergency.organizations.tests.factories import Cast
from emergency.programmes.models import Programme


def campaign_make(cast: Cast, name: str = "危险化学品百日行动", **fields: Any) -> Programme:
    """A published campaign of the bureau from the start of 2026 on, without an end, unless told otherwise."""
    fields = {"owner": cast.bureau, "start": dt.date(2026, 1, 1), "created_by": cast.section_head} | fields
    return Programme.objects.create(name=name, created_at=clock.now(), **fields)
