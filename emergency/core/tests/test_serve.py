"""`manage.py serve`: everything starts, answers, and leaves nothing behind, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.services


class Portal:
    """A running `serve` and every process that it started, known by a mark in their environment."""

    def __init__(self, var: Path, port: int) -> None:
        self.mark = uuid.uuid4().hex
        self.address = f"http://127.0.0.1:{port}/"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PORTAL_ENV"))}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", f"--port={port}"],
            cwd=settings.BASE_DIR,
            env={**kept, "VAR_DIR": str(var), "DEV_DB": settings.DATABASES["default"]["NAME"], "SERVE_MARK": self.mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for_line(self) -> str:
        """The line with the address; when there is none, what it said instead."""
        return self.process.stdout.readline() or self.process.stderr.read()

    def processes(self) -> dict[int, str]:
        """Process number → command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return {pid: command for pid, command in found.items() if command and "localdb.py" not in command}

    def pid_of(self, words: str) -> int:
        """The oldest process whose command line has the words."""
        return min(pid for pid, command in self.processes().items() if words in command)

    def finish(self, number: int) -> tuple[int, str]:
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, str]:
        _output, errors = self.process.communicate(timeout=40)
        return self.process.returncode, errors


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What these portals write; one for all, so that static files are collected once."""
    folder = tmp_path_factory.mktemp("var")
    (folder / "assets").symlink_to(settings.ASSETS_DIR)
    return folder


@pytest.fixture
def portal(var: Path, port: int) -> Iterator[Portal]:
    running = Portal(var, port)
    with running.process:  # closes its pipes
        yield running
        running.process.kill()


def eventually(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_one_signal_ends_everything(portal: Portal, number: int) -> None:
    assert portal.address in portal.wait_for_line()
    with urllib.request.urlopen(portal.address + "health/", timeout=5) as response:
        assert response.read() == b"ok"
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    commands = " ".join(portal.processes().values())
    assert "gunicorn" in commands
    assert " worker " in commands
    assert " beat " in commands
    code, errors = portal.finish(number)
    assert (code, errors.strip()) == (0, "正在停止")
    assert portal.processes() == {}


def test_a_killed_worker_is_started_again(portal: Portal) -> None:
    portal.wait_for_line()
    first = portal.pid_of(" worker ")
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: any(" worker " in c and p > first for p, c in portal.processes().items()))
    code, errors = portal.finish(signal.SIGTERM)
    assert code == 0
    assert "后台处理意外停止" in errors
    assert portal.processes() == {}


def test_a_dead_timetable_ends_all_with_an_error(portal: Portal) -> None:
    portal.wait_for_line()
    os.kill(portal.pid_of(" beat "), signal.SIGKILL)
    code, errors = portal.end()
    assert code == 1
    assert "定时任务意外停止" in errors
    assert portal.processes() == {}


def test_when_serve_itself_is_killed_its_children_end(portal: Portal) -> None:
    portal.wait_for_line()
    portal.process.kill()
    assert eventually(lambda: portal.processes() == {})


def test_a_taken_port_is_said(var: Path, port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        code, errors = Portal(var, port).end()
    assert code == 1
    assert f"127.0.0.1:{port} 不能使用" in errors
