"""Figures that only these tests declare, so that they need no ledger of another app."""

import pytest

from emergency.figures.tests.factories import OURS
from emergency.figures.vocabulary import register


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    for figure in OURS:
        monkeypatch.setitem(register._figures, figure.code, figure)
