"""A running portal with its worker, and browsers for the people of the cast."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from emergency.celery import app
from emergency.home.tests.journeys.desk import SCREENS, Desk
from emergency.organizations.models import User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: No sandbox inside a container; and nothing of the browser's own that would go out.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """One browser for all journeys.

    While Playwright runs, its loop is this thread's. Django then takes every query for one from asynchronous code, which
    it is not, and opens another connection, which must know what the first was told to restore after each flush.
    """
    written_by_migrations = connection._test_serialized_contents
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        connection._test_serialized_contents = written_by_migrations
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, env=os.environ | {"LANGUAGE": "zh_CN"}
        )
        yield browser
        browser.close()
        connection.close()


@pytest.fixture
def portal(django_db_serialized_rollback: None, live_server: Any) -> str:
    """The address of a portal with real commits, holding what its migrations wrote."""
    return live_server.url


@pytest.fixture
def worker(portal: str) -> Iterator[None]:
    """A Celery worker in a thread of its own, so that background work takes its whole way."""
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield


@pytest.fixture
def desk(portal: str, chromium: Browser) -> Iterator[Callable[..., Desk]]:
    """``desk("phone", user)``: a browser of that size in which the user has signed in; checked once more at the end."""
    opened: list[Desk] = []

    def sit_down(screen: str, user: User | None = None, *, script: bool = True) -> Desk:
        context = chromium.new_context(locale="zh-CN", java_script_enabled=script, **SCREENS[screen])
        one = Desk(context, portal, screen, script=script)
        opened.append(one)
        return one.sign_in(user) if user is not None else one

    yield sit_down
    for one in opened:
        one.leave()
