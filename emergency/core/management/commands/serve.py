"""Run the whole portal in one terminal: web server, background worker and timetable, as processes of their own."""

import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from emergency.core import localdb
from emergency.core.staticfiles import StaticFiles

PR_SET_PDEATHSIG = 1
GRACE = 15  # seconds for a child to finish what it holds
START_TIMEOUT = 60  # seconds until the first page must answer
WORKER_RESTARTS = 3


@dataclass
class Child:
    """One process of the portal; its output goes to a log file of its own."""

    name: str
    label: str
    arguments: list[str]
    restarts: int = 0  # how often it may die and be started again
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def log(self) -> Path:
        return settings.VAR_DIR / "log" / f"{self.name}.log"

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C reaches only us; we stop the children in order
                preexec_fn=_die_with_parent,
            )

    def log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def _die_with_parent() -> None:
    """Linux: the child gets SIGTERM when this process ends, even when it was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Stop(Exception):
    """Somebody asked us to end."""


class Command(BaseCommand):
    help = "Serve the portal: web server, worker and timetable. Ctrl-C stops all."
    requires_system_checks = "__all__"
    stopping = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="migrate, and load the demonstration when empty")
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        check_port(options["host"], options["port"])
        children = make_children(options["host"], options["port"])
        started: list[Child] = []
        try:
            self.prepare(demo=options["demo"])
            for child in children:
                child.start()
                started.append(child)
            address = f"http://{options['host']}:{options['port']}/"
            wait_for(address, children[0])
            self.announce(address)
            watch(children, self.stderr.write)
        except Stop:
            self.stderr.write("正在停止")
        finally:
            self.stopping = True
            stop_children(started)
            connections.close_all()
            leave_database()

    def stop(self, signum: int, frame: Any) -> None:
        """The first signal ends the portal; a second one while it ends must not leave children behind."""
        if not self.stopping:
            self.stopping = True
            raise Stop

    def prepare(self, *, demo: bool) -> None:
        """Static files as the pages name them; for the demonstration also tables and records."""
        collect_static()
        if not demo:
            return
        call_command("migrate", interactive=False, verbosity=0)
        if not get_user_model()._default_manager.exists():
            self.stderr.write("正在载入演示数据")
            connections.close_all()
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "load_demo"]
            if subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode != 0:
                raise CommandError("演示数据没有载入，原因见上")

    def announce(self, address: str) -> None:
        logins = settings.VAR_DIR / "demo-logins.txt"
        self.stdout.write(f"门户已启动：{address}")
        if logins.exists():
            self.stdout.write(logins.read_text())
        self.stdout.flush()


def collect_static() -> None:
    """Copy, name by content and compress, which takes seconds; so only when a file has changed since the last time."""
    stamp = settings.STATIC_ROOT / "sources.sha256"
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(StaticFiles.ignore_patterns):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest.hexdigest())


def check_port(host: str, port: int) -> None:
    """Raises CommandError at once when somebody else listens there; the web server would try for a while first."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"{host}:{port} 不能使用：{error.strerror}。可用 PORT 另选端口") from error


def make_children(host: str, port: int) -> list[Child]:
    """The three processes, web server first."""
    gunicorn = ["gunicorn", "emergency.wsgi", f"--bind={host}:{port}", "--workers=2", "--threads=4", "--timeout=120"]
    celery = ["celery", "--app=emergency", "--quiet"]
    pid_file = settings.BROKER_DIR / "beat.pid"
    return [
        Child("web", "网页服务", gunicorn),
        Child("worker", "后台处理", [*celery, "worker", "--concurrency=2", "--loglevel=INFO"], WORKER_RESTARTS),
        Child("beat", "定时任务", [*celery, "beat", f"--pidfile={pid_file}", "--loglevel=WARNING"]),
    ]


def wait_for(address: str, web: Child) -> None:
    """Until the web server answers its health address. Raises CommandError when it dies or stays silent."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if web.process.poll() is not None:
            raise CommandError(f"{web.label}没有启动\n{web.log_tail()}")
        try:
            with urllib.request.urlopen(f"{address}health/", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise CommandError(f"{web.label}在 {START_TIMEOUT} 秒内没有应答\n{web.log_tail()}")


def watch(children: list[Child], say: Callable[[str], object]) -> None:
    """Until somebody stops us. A dead worker is started again a few times; any other death raises CommandError."""
    while True:
        for child in children:
            status = child.process.poll()
            if status is None:
                continue
            if child.restarts == 0:
                raise CommandError(f"{child.label}意外停止（{status}），已全部停止\n{child.log_tail()}")
            child.restarts -= 1
            say(f"{child.label}意外停止（{status}），正在重新启动")
            child.start()
        time.sleep(0.3)


def stop_children(children: list[Child]) -> None:
    """Ask all at once, wait, and kill what does not end in time, with everything it started."""
    for child in reversed(children):
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + GRACE
    for child in children:
        try:
            child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def leave_database() -> None:
    """Let the private server stop now rather than after our end, so that nothing outlives the command."""
    if not settings.GIVEN["DATABASE_URL"]:
        localdb.release()
        localdb.wait_until_stopped()
