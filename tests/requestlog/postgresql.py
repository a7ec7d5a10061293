"""A PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.support.parts import require

_INSTALLED = "/usr/lib/postgresql"


def _program(name: str) -> str | None:
    """On the PATH, or where Debian hides it; the newest version."""
    found = sorted(Path(_INSTALLED).glob(f"*/bin/{name}")) if Path(_INSTALLED).exists() else []
    return shutil.which(name) or (str(found[-1]) if found else None)


class PostgreSQL:
    """Runs on a free port of 127.0.0.1, trusts everybody, and does not sync to the disk."""

    def __init__(self) -> None:
        initdb, control = _program("initdb"), _program("pg_ctl")
        require(bool(initdb and control), "PostgreSQL is not installed", "install the package `postgresql`")
        assert initdb and control
        self._control = control
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="gateway-tests-pg-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._run(initdb, "--auth=trust", "--username=gateway", "--encoding=UTF8", "--no-sync", "-D", str(self._data))
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgres://gateway@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        options = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c fsync=off"
        )
        self._run(self._control, "-D", str(self._data), "-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def stop(self) -> None:
        self._run(self._control, "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL)
