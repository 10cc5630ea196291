"""Settings, checks, health, clock and middleware: the ground that every page stands on."""

import datetime as dt
import os
import subprocess
import sys
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import crontab
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError
from django.http import HttpResponse

from emergency.core import checks, clock, health, middleware
from emergency.core.jobs.models import Heartbeat, ScheduledRun
from emergency.core.sessions import SessionStore

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONG_KEY = "k3y-" + "abcdefghijkl0123456789" * 3
NOON = dt.datetime(2026, 3, 5, 12, 0, tzinfo=SHANGHAI)

# ------------------------------------------------------------------------------------------------ checks


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"])
def test_production_insists_on_its_own(settings, name: str) -> None:
    settings.PRODUCTION = True
    settings.GIVEN = {key: key != name for key in checks.REQUIRED}
    assert [(error.id, name in error.msg) for error in checks.production_settings()] == [(checks.REQUIRED[name], True)]


def test_a_complete_production_and_a_trial_have_nothing_to_mend(settings) -> None:
    settings.GIVEN = dict.fromkeys(checks.REQUIRED, True)
    settings.PRODUCTION = True
    assert checks.production_settings() == []
    settings.GIVEN = dict.fromkeys(checks.REQUIRED, False)
    settings.PRODUCTION = False
    assert checks.production_settings() == []


def test_a_mistyped_environment_is_an_error(settings) -> None:
    settings.PORTAL_ENV = "prodution"
    assert [error.id for error in checks.portal_environment()] == ["core.E005"]


def run_check(**given: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in checks.REQUIRED and name != "PORTAL_ENV"}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"],
        cwd=settings.BASE_DIR,
        env={**kept, "PORTAL_ENV": "production", **given},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_real_production_start_without_settings_is_refused() -> None:
    """Nothing of the trial steps in: no private database, no folder as broker, no local host names."""
    done = run_check(SECRET_KEY=LONG_KEY)
    assert done.returncode == 1
    assert [code for code in checks.REQUIRED.values() if code in done.stderr] == ["core.E002", "core.E003", "core.E004"]


def test_a_real_production_start_without_a_key_is_refused() -> None:
    done = run_check()
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr


def test_a_full_production_start_passes_the_deployment_check() -> None:
    done = run_check(
        SECRET_KEY=LONG_KEY,
        DATABASE_URL="postgresql://emergency@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1/0",
        ALLOWED_HOSTS="portal.example.gov.cn",
    )
    assert done.returncode == 0, done.stderr


# ------------------------------------------------------------------------------------------------ clock


def test_the_day_is_shanghai_s_while_utc_is_still_yesterday() -> None:
    with clock.at(dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC)):
        assert clock.today() == dt.date(2026, 3, 5)


def test_the_clock_goes_on_after_a_stop_even_when_it_failed() -> None:
    with pytest.raises(RuntimeError), clock.at(NOON):
        assert clock.now() == NOON
        raise RuntimeError
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.at(NOON.replace(tzinfo=None)):
        pass


# ------------------------------------------------------------------------------------------------ health


@pytest.mark.django_db
def test_the_health_address_says_ok_with_the_headers_of_every_page(client) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.content) == (200, b"ok")
    assert response.headers["Content-Security-Policy"] == settings.CONTENT_SECURITY_POLICY
    assert "unsafe" not in settings.CONTENT_SECURITY_POLICY
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_health_address_says_503_without_a_database(rf, monkeypatch) -> None:
    def broken() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=broken))
    assert health.live(rf.get("/health/")).status_code == 503


@pytest.mark.django_db
def test_a_silent_worker_is_red() -> None:
    with clock.at(NOON):
        assert health.worker().ok is False
        beat = Heartbeat.objects.create(name="worker", at=NOON - dt.timedelta(seconds=120))
        assert health.worker().ok is True
        beat.at -= dt.timedelta(seconds=1)
        beat.save()
        assert health.worker().ok is False


@pytest.mark.django_db
def test_only_a_success_counts_for_the_timetable() -> None:
    ScheduledRun.objects.create(name="core.sweep_jobs", started_at=NOON, ok=False)
    assert health.scheduled("core.sweep_jobs", "补发", 20.0).ok is None
    ScheduledRun.objects.create(name="core.sweep_jobs", started_at=NOON - dt.timedelta(seconds=100), ok=True)
    with clock.at(NOON):
        part = health.scheduled("core.sweep_jobs", "补发", 20.0)
    assert (part.ok, part.at) == (True, NOON - dt.timedelta(seconds=100))
    with clock.at(NOON + dt.timedelta(seconds=60)):
        assert health.scheduled("core.sweep_jobs", "补发", 20.0).ok is False


def test_a_nightly_run_is_late_an_hour_after_its_next_time() -> None:
    ran = dt.datetime(2026, 3, 5, 2, 10, 5, tzinfo=SHANGHAI)
    assert health.latest_next(ran, crontab(hour=2, minute=10)).astimezone(SHANGHAI) == dt.datetime(
        2026, 3, 6, 3, 10, tzinfo=SHANGHAI
    )


@pytest.mark.django_db
def test_every_entry_of_the_timetable_has_a_line() -> None:
    labels = [part.label for part in health.parts()]
    assert labels == ["后台处理", *(entry["label"] for entry in settings.TIMETABLE.values())]


# ------------------------------------------------------------------------------------------------ middleware


def visit(rf, session: SessionStore, **headers: str) -> None:
    request = rf.get("/", **headers)
    request.session = session
    request.user = SimpleNamespace(is_authenticated=True)
    middleware.idle_session(lambda _request: HttpResponse())(request)


@pytest.mark.django_db
def test_work_renews_the_session_and_polling_does_not(rf) -> None:
    session = SessionStore()
    visit(rf, session, HTTP_X_POLLING="1")
    assert not session.modified
    visit(rf, session)
    assert session.modified


@pytest.mark.django_db
def test_the_session_is_written_at_most_once_a_minute(rf) -> None:
    session = SessionStore()
    visit(rf, session)
    session.modified = False
    visit(rf, session)
    assert not session.modified
    session[middleware.SESSION_SEEN] -= middleware.SESSION_RENEW_EVERY
    session.modified = False
    visit(rf, session)
    assert session.modified


@pytest.mark.django_db
def test_renewing_a_session_is_one_statement(django_assert_num_queries) -> None:
    session = SessionStore()
    session["work"] = 1
    session.save()
    session["work"] = 2
    with django_assert_num_queries(1):
        session.save()
    assert SessionStore(session.session_key)["work"] == 2


@pytest.mark.django_db
def test_a_page_that_ends_after_the_sign_out_does_not_bring_the_session_back() -> None:
    session = SessionStore()
    session.save()
    late = SessionStore(session.session_key)
    late["work"] = 1
    session.delete()
    with pytest.raises(UpdateError):
        late.save()
    assert not session.exists(late.session_key)
