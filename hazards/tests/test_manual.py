"""The manual's diagram is the life-cycle table itself."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from hazards.lifecycle import LIFECYCLE
from hazards.models import Status


def test_the_manual_shows_the_present_table() -> None:
    text = (Path(settings.BASE_DIR) / "docs/manual/hazards.md").read_text()
    diagram = LIFECYCLE.mermaid(dict(Status.choices))
    assert diagram in text, "replace the diagram in docs/manual/hazards.md by LIFECYCLE.mermaid(...)"
