"""The portal's one clock, so that a demonstration and a test can stand on another day.

`now()` is an aware datetime, `today()` the date in Asia/Shanghai (the connection and the machine may think in UTC,
where before 08:00 it is still yesterday). SQL never asks the time: callers pass `on=clock.today()`.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from contextvars import ContextVar

from django.utils import timezone

_stopped_at: ContextVar[dt.datetime | None] = ContextVar("clock_stopped_at", default=None)


def now() -> dt.datetime:
    """The present moment, or the one that `at` has set."""
    return _stopped_at.get() or timezone.now()


def today() -> dt.date:
    """The present date in the portal's time zone."""
    return timezone.localdate(now())


@contextlib.contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Stop the clock at `moment` (aware) for the code inside; other threads and processes go on.

    Raises ValueError for a naive datetime, which would mean another moment on another machine.
    """
    if timezone.is_naive(moment):
        raise ValueError("clock.at() needs an aware datetime")
    token = _stopped_at.set(moment)
    try:
        yield
    finally:
        _stopped_at.reset(token)
