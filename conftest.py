"""What every test gets: files of its own, and a clean lock-out counter."""

from pathlib import Path

import pytest

from emergency.organizations.tests.factories import Cast, cast_make


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path: Path) -> None:
    """Uploads of a test go to its own folder and never into the trial's."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed people and units of all tests; see organizations/tests/factories.py."""
    return cast_make()
