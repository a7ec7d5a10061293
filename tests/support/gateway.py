"""The real server, started as a user starts it: `manage.py serve` in a process of its own, with a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from requestlog.exchange import uuid7
from tests.support.log_reader import LogReader, Row
from tests.support.waiting import wait_until

PROJECT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 30
_STOP_SECONDS = 20
_MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)"
_PRINT_REVISION = "from gateway.models import Revision; print(Revision.current())"
_SET_PROVIDER = """
from providers.models import Provider
provider = Provider.objects.filter(name={name!r}).first() or Provider(name={name!r})
values = {values!r}
if "credential" in values:
    provider.set_credential(values.pop("credential"))
for field, value in values.items():
    setattr(provider, field, value)
provider.full_clean()
provider.save()
"""


class RunningGateway:
    """A gateway in front of `upstream` (`host:port`), alive while the context is entered.

    `settings` are environment variables, such as `WORKERS="2"`; the database is SQLite below `folder` unless
    `DATABASE_URL` says otherwise. What the process prints is in `output()`.
    """

    def __init__(self, folder: Path, upstream: str, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._upstream = upstream
        self._environment = self._base_environment() | settings
        self._output = folder / "output.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._prepared = False
        self._since = uuid.UUID(int=0)
        self.log = LogReader(self._environment["DATABASE_URL"])

    def __enter__(self) -> Self:
        if not self._prepared:
            self.prepare()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def prepare(self) -> None:
        """Make the database, with the default provider pointed at the upstream; configure the rest afterwards."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.shell(_MIGRATE + self._provider_code("anthropic", base_url=f"http://{self._upstream}"))
        self._prepared = True

    def start(self) -> None:
        """Start the server on the database as it is and wait until it answers. Raises `RuntimeError` if it does not."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=PROJECT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(self._answers, _START_SECONDS, f"an answer on port {self.port}")
        except (TimeoutError, ChildProcessError) as error:
            self.kill_all()
            raise RuntimeError(f"the gateway did not start: {error}. It printed:\n{self.output()}") from error

    def stop(self) -> None:
        """End the server as a service manager does (SIGTERM), and wait until its recorder has ended too."""
        if self._process is None:
            return
        family = self._family()
        self._process.terminate()
        _, alive = psutil.wait_procs(family, timeout=_STOP_SECONDS)
        _kill(alive)
        self._process.wait()
        self._process = None
        if alive:
            raise TimeoutError(f"the gateway did not end within {_STOP_SECONDS} s: {alive}\n{self.output()}")

    def kill(self) -> None:
        """End the server's process at once (SIGKILL); its recorder is left to notice that."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def kill_all(self) -> None:
        """End the server and all of its processes at once (SIGKILL), as when the machine goes down."""
        family = self._family()
        self.kill()
        _kill(family)

    @property
    def pid(self) -> int:
        assert self._process is not None, "the gateway does not run"
        return self._process.pid

    def output(self) -> str:
        """What the server has printed so far, over all of its starts."""
        return self._output.read_text(errors="replace") if self._output.exists() else ""

    def shell(self, code: str) -> str:
        """Run Python code in the gateway's project and database, beside the server; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code],
            cwd=PROJECT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"the code failed in the gateway's shell:\n{code}\n{done.stderr}")
        return done.stdout

    def configure(self, code: str) -> str:
        """As `shell()`, for code that changes the configuration; returns when the server, if it runs, is on the change.

        Of several workers one is asked; the others follow within a second.
        """
        printed, _, revision = self.shell(f"{code}\n{_PRINT_REVISION}").rstrip().rpartition("\n")
        if self._process is not None:
            wait_until(lambda: self._revision() >= int(revision), what=f"revision {revision} in the running gateway")
        return printed

    def set_provider(self, name: str = "anthropic", **values: Any) -> None:
        """Change or add a provider; `credential` is what a user would enter. See `configure()`."""
        self.configure(self._provider_code(name, **values))

    def set_openai_provider(self, name: str, upstream: str, **values: Any) -> None:
        """Add a provider of the Chat Completions format at `upstream` (`host:port`). See `configure()`."""
        fixed = {"kind": "openai", "base_url": f"http://{upstream}/v1"}
        self.set_provider(
            name, **({"credential_source": "none"} if "credential" not in values else {}), **fixed, **values
        )

    def issue_key(self, name: str) -> str:
        """Make a client key and return it. From then on every request needs one. See `configure()`."""
        return self.configure(f"from gateway.models import ClientKey; print(ClientKey.issue({name!r})[1])")

    def forget_log(self) -> None:
        """Let `log_entries()` leave out the exchanges so far: they belong to another test."""
        self._since = uuid7()

    def log_entries(self, count: int, timeout: float = 10) -> list[Row]:
        """The entries since `forget_log()`, oldest first, once `count` of them are in the database with their outcome.

        More than `count` is an `AssertionError`, fewer a `TimeoutError`.
        """
        entries = wait_until(lambda: self._finished(count), timeout, f"{count} finished entries")
        assert len(entries) == count, [(entry["method"], entry["path"], entry["outcome"]) for entry in entries]
        return entries

    def _finished(self, count: int) -> list[Row]:
        entries = [entry for entry in self.log.entries() if entry["id"] > self._since]
        in_flight = any(entry["outcome"] == "in_flight" for entry in entries)
        return [] if in_flight or len(entries) < count else entries

    def _base_environment(self) -> dict[str, str]:
        # Every setting that could lead out of the folder is set, so that a developer's own `.env` has no say.
        return {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "settings.base",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WORKERS": "1",
            "VAR_DIR": str(self.folder),
            "JOURNAL_DIR": str(self.folder / "journal"),
            "DATABASE_URL": f"sqlite:///{self.folder / 'db.sqlite3'}",
            "REDIS_URL": "",
            "FORWARDED_ALLOW_IPS": "",
            "CLIENT_CREDENTIAL_HOSTS": self._upstream,
            "ALLOWED_HOSTS": "127.0.0.1",
            "AGENT_DEFINITION_DIRS": "",
            "DEBUG": "false",
            "LOG_LEVEL": "INFO",
        }

    @staticmethod
    def _provider_code(name: str, **values: Any) -> str:
        return _SET_PROVIDER.format(name=name, values=values)

    def _revision(self) -> int:
        try:
            response = urllib.request.urlopen(f"{self.base_url}/readyz", timeout=5)
        except urllib.error.HTTPError as error:  # another part is not ready yet; the snapshot is told all the same
            response = error
        with response:
            return int(json.load(response)["snapshot"].get("revision", -1))

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise ChildProcessError(f"it ended with code {self._process.returncode}")
        try:
            with urllib.request.urlopen(f"{self.base_url}/healthz", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):  # the last one: a worker that is still starting
            return False

    def _family(self) -> list[psutil.Process]:
        """The server and what it has started; nothing when it has ended by itself."""
        if self._process is None or self._process.poll() is not None:
            return []
        server = psutil.Process(self.pid)
        return [server, *server.children(recursive=True)]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=10)
