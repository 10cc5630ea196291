"""The manual's diagram is the life-cycle table itself."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from emergency.incidents.lifecycle import LIFECYCLE
from emergency.incidents.models import Status


def test_the_manual_shows_the_present_table() -> None:
    text = (Path(settings.BASE_DIR) / "docs/manual/incidents.md").read_text()
    diagram = LIFECYCLE.mermaid(dict(Status.choices))
    assert diagram in text, "replace the diagram in docs/manual/incidents.md by LIFECYCLE.mermaid(...)"
