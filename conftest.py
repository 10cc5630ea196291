"""What every test gets: files of its own, and a clean lock-out counter."""

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.test import TransactionTestCase

from emergency.core import triggers
from emergency.organizations.tests.factories import Cast, cast_make


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path: Path) -> None:
    """Uploads of a test go to its own folder and never into the trial's."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True, scope="session")
def flush_says_so() -> Iterator[None]:
    """A test with real commits is cleaned by TRUNCATE, which the append-only tables let pass only when told."""
    flush = TransactionTestCase._fixture_teardown

    def told(case: TransactionTestCase) -> None:
        with triggers.allow_flush():
            flush(case)

    with mock.patch.object(TransactionTestCase, "_fixture_teardown", told):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed people and units of all tests; see organizations/tests/factories.py."""
    return cast_make()
