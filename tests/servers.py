"""Servers of the tests' own: Redis, Valkey and PostgreSQL in throw-away folders, without durability."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.product import eventually, free_port

POSTGRES_FOLDERS = "/usr/lib/postgresql/*/bin"  # where Debian keeps what is not on the PATH


@dataclass
class Server:
    """A running server: its address, and how it is killed and started again, with nothing but what is on its disk."""

    url: str
    command: list[str]
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program, as another user where it refuses to run as root."""
        who = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command, **quiet, **who)  # type: ignore[call-overload]
        eventually(self.answers, 20, f"an answer at {self.url}")

    def answers(self) -> bool:
        try:
            if self.url.startswith("postgresql:"):
                psycopg.connect(self.url).close()
                return True
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except (psycopg.OperationalError, RedisError):
            return False

    def end(self, with_signal: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends both programs at once and in order; SIGKILL ends them for certain."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(with_signal)
            self.process.wait(timeout=15)


@contextmanager
def redis_server(program: str) -> Iterator[Server]:
    """A Redis (or Valkey) without persistence: killed and started again, it has lost everything."""
    with tempfile.TemporaryDirectory(prefix="tw-redis-") as folder:
        port = str(free_port())
        server = Server(
            f"redis://127.0.0.1:{port}/0",
            [program, "--port", port, "--save", "", "--appendonly", "no", "--dir", folder],
        )
        yield from _while_running(server)


@contextmanager
def postgres_cluster() -> Iterator[Server]:
    """A PostgreSQL cluster of its own on a free port, as user postgres when we are root."""
    initdb, postgres = needed("initdb", POSTGRES_FOLDERS), needed("postgres", POSTGRES_FOLDERS)
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="tw-postgres-") as folder:
        who = {"user": user, "group": user, "extra_groups": []} if user else {}
        if user:
            shutil.chown(folder, user, user)
        data, port = f"{folder}/data", str(free_port())
        how = ["--username=ticketwheel", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run([initdb, "-D", data, *how], check=True, capture_output=True, cwd="/", **who)  # type: ignore[call-overload]
        here = ["-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-F"]
        url = f"postgresql://ticketwheel@127.0.0.1:{port}/postgres"
        yield from _while_running(Server(url, [postgres, "-D", data, *here], user))


def needed(program: str, folders: str = "/usr/bin") -> str:
    """Where a program is; without it the test is skipped, or fails when REQUIRE_SERVERS is set."""
    anywhere = sorted(str(path) for path in Path("/").glob(f"{folders.lstrip('/')}/{program}"))
    found = shutil.which(program) or (anywhere[-1] if anywhere else None)
    if found:
        return found
    if os.environ.get("REQUIRE_SERVERS"):
        pytest.fail(f"REQUIRE_SERVERS is set, but {program} is not installed")
    pytest.skip(f"{program} is not installed")


def _while_running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.end()
