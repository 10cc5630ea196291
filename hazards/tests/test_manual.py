"""The manual's diagrams are the life-cycle tables themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from hazards.lifecycle import LIFECYCLE, RISK_LIFECYCLE
from hazards.models import RiskStatus, Status


@pytest.mark.parametrize(
    ("page", "table", "states"), [("hazards", LIFECYCLE, Status), ("risks", RISK_LIFECYCLE, RiskStatus)]
)
def test_the_manual_shows_the_present_table(page: str, table: Any, states: Any) -> None:
    text = (Path(settings.BASE_DIR) / f"docs/manual/{page}.md").read_text()
    assert table.mermaid(dict(states.choices)) in text, f"replace the diagram in docs/manual/{page}.md"
