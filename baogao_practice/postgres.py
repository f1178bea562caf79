"""A PostgreSQL server for tests and demonstrations, in a temporary folder, without a network port.

It listens on a socket in its folder. PostgreSQL does not run as root: then it runs as the first
unprivileged user that is found.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

if os.name == "posix":
    import pwd

USER: Final = "baogao"

_PR_SET_PDEATHSIG: Final = 1
_PRCTL: Final = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

_DEBIAN: Final = Path("/usr/lib/postgresql")
_UNPRIVILEGED: Final = ("postgres", "nobody")
_WAIT_S: Final = 60.0
_SETTINGS: Final = (
    "listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=100",
    "shared_buffers=16MB",
)  # fmt: skip


class AbsentError(Exception):
    """There is no PostgreSQL on this machine, or nobody who may run it; the message says which."""


class FailedError(Exception):
    """One of PostgreSQL's programs failed; the message has its last words."""


class PostgreSQL:
    """A server, started when it is entered. `dsn` names its database."""

    def __init__(self) -> None:
        """Look for the programs.

        Raises:
            AbsentError: they are not there, or may not be run.
        """
        self._bin = binaries()
        self._as: dict[str, Any] = _unprivileged()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="baogao-pg-"))
        try:
            if self._as:
                os.chown(self.folder, self._as["user"], self._as["group"])
            self._run(
                "initdb", "--pgdata", str(self._data), "--username", USER, "--auth", "trust",
                "--encoding", "UTF8", "--locale", "C", "--no-sync",
            )  # fmt: skip
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    @property
    def dsn(self) -> str:
        """The address of its database."""
        return self.dsn_of("postgres")

    def dsn_of(self, database: str, user: str = USER) -> str:
        """Return the address of a database."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), safe='/')}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = [word for setting in _SETTINGS for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603  (PostgreSQL's own program)
                [self._bin / "postgres", "-D", self._data, "-k", self.folder, *options],
                stdout=log, stderr=log, cwd="/", start_new_session=True,
                preexec_fn=_stop_with_parent,  # noqa: PLW1509  (one call of the system)
                **self._as,
            )  # fmt: skip
        due = time.monotonic() + _WAIT_S
        while not self._answers():
            if time.monotonic() > due or self._server.poll() is not None:
                said = (self.folder / "log").read_text("utf-8", "replace")
                raise FailedError(f"PostgreSQL does not start: {_reason(said)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it; clients are disconnected."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(_WAIT_S)

    def _remove(self) -> None:
        """Stop it at once, since nothing is kept."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(_WAIT_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self, pause_s: float = 0.0) -> None:
        """Stop it and start it again."""
        self.stop()
        time.sleep(pause_s)
        self.start()

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run SQL and return what it prints, without headers."""
        return self._run(
            "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host",
            str(self.folder), "--username", USER, "--dbname", database, "--command", statement,
        ).strip()  # fmt: skip

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _answers(self) -> bool:
        asked = subprocess.run(  # noqa: S603
            [self._bin / "pg_isready", "--quiet", "--host", self.folder], check=False, cwd="/"
        )
        return asked.returncode == 0

    def _run(self, program: str, *arguments: str) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603
            [self._bin / program, *arguments], check=False, capture_output=True, text=True,
            cwd="/", **self._as,
        )  # fmt: skip
        if done.returncode:
            raise FailedError(f"{program} fails: {_reason(done.stderr)}")
        return done.stdout


def _stop_with_parent() -> None:
    """Have the server disconnect its clients and stop when this process is killed (Linux)."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGINT)


def _reason(said: str) -> str:
    """Return the line that says why a program failed; hints may follow it."""
    lines = [line for line in said.splitlines() if line.strip()] or ["it does not say why"]
    return next((line for line in lines if "FATAL" in line or "error:" in line), lines[-1])


@lru_cache(maxsize=1)
def binaries() -> Path:
    """Return the folder of PostgreSQL's programs, of the newest version.

    Raises:
        AbsentError: there is none.
    """
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise AbsentError("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    return versions[-1].parent


def _unprivileged() -> dict[str, Any]:
    """Return under which user to run it: this one, or another if this is root."""
    if os.name != "posix":
        raise AbsentError("this machine has no sockets in folders")
    if os.geteuid() != 0:
        return {}
    for name in _UNPRIVILEGED:
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": ()}
    raise AbsentError("PostgreSQL does not run as root, and there is no user such as nobody")
