"""Every setting of the product: environment variables, read once into one frozen object."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workers.errors import BadSetting


@dataclass(frozen=True)
class Settings:
    """What the environment asked for; each field is the environment variable of the same name in capitals."""

    host: str
    port: int
    data_dir: Path
    redis_url: str  # empty: an embedded Valkey in the data folder
    database_url: str  # empty: SQLite in the data folder
    secret_key: str
    operator_secret: str
    metrics: bool
    discussion: bool  # under each lesson
    embed_origins: str  # who may show a run in a frame: origins with spaces between, or "*"; empty: nobody
    experiments_at_once: int
    smtp_address: str  # "host:port" of the catching mail server; set by `make run`
    partner_url: str  # the partner's webhook; set by `make run`
    web_url: str  # where the flood's customers find the shop; set by `make run`

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the ledger."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'ticketwheel.sqlite3'}"
        return self.database_url.replace("postgres://", "postgresql://").replace(
            "postgresql://", "postgresql+psycopg://"
        )

    @property
    def broker(self) -> str:
        """The Redis address of the queues."""
        return self.redis_url or f"unix://{self.valkey_socket}"

    @property
    def valkey_socket(self) -> Path:
        """The embedded server's socket; a Unix socket's path takes 107 bytes, so a deep folder's goes to /tmp."""
        beside_data = self.data_dir / "valkey.sock"
        if len(os.fsencode(beside_data)) < 100:
            return beside_data
        return Path("/tmp") / f"ticketwheel-{self.data_dir.stat().st_ino}.sock"


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read and check all settings. Raises BadSetting, which names the variable and what it takes."""
    data_dir = _data_dir(environ.get("DATA_DIR") or ".data")
    return Settings(
        host=environ.get("HOST") or "127.0.0.1",
        port=_port(environ.get("PORT") or "8000"),
        data_dir=data_dir,
        redis_url=_url("REDIS_URL", environ.get("REDIS_URL", ""), ("redis://", "rediss://", "unix://")),
        database_url=_url(
            "DATABASE_URL", environ.get("DATABASE_URL", ""), ("postgresql://", "postgres://", "sqlite:///")
        ),
        secret_key=environ.get("SECRET_KEY") or _kept_secret(data_dir / "secret-key"),
        operator_secret=environ.get("OPERATOR_SECRET") or _kept_secret(data_dir / "operator-secret"),
        metrics=_flag("METRICS", environ.get("METRICS", "")),
        discussion=_flag("DISCUSSION", environ.get("DISCUSSION") or "true"),
        embed_origins=_origins("EMBED_ORIGINS", environ.get("EMBED_ORIGINS", "")),
        experiments_at_once=_count("EXPERIMENTS_AT_ONCE", environ.get("EXPERIMENTS_AT_ONCE") or "4"),
        smtp_address=environ.get("SMTP_ADDRESS", ""),
        partner_url=environ.get("PARTNER_URL", ""),
        web_url=environ.get("WEB_URL", ""),
    )


@lru_cache
def current() -> Settings:
    """The settings of this process."""
    return from_environment(os.environ)


def _data_dir(value: str) -> Path:
    folder = Path(value).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink(missing_ok=True)  # several processes start at once, and all of them look
    except OSError as error:
        raise BadSetting("DATA_DIR", str(folder), f"must be a folder that can be written ({error.strerror})") from error
    return folder


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise BadSetting("PORT", value, "must be a number from 1 to 65535")
    return int(value)


def _count(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 32:
        raise BadSetting(name, value, "must be a number from 1 to 32")
    return int(value)


def _url(name: str, value: str, schemes: tuple[str, ...]) -> str:
    if value and not value.startswith(schemes):
        raise BadSetting(name, value, f"must begin with {' or '.join(schemes)}")
    return value


def _origins(name: str, value: str) -> str:
    """What a Content-Security-Policy takes: anything else in it would be another policy."""
    origin = re.compile(r"https?://[A-Za-z0-9.*-]+(:\d{1,5})?")
    if value.strip() != "*" and not all(origin.fullmatch(each) for each in value.split()):
        raise BadSetting(name, value, "must be origins with spaces between (https://school.example), or *")
    return " ".join(value.split())


def _flag(name: str, value: str) -> bool:
    known = {"1": True, "true": True, "yes": True} | dict.fromkeys(("", "0", "false", "no", "off"), False)
    if value.lower() not in known:
        raise BadSetting(name, value, "must be true or false")
    return known[value.lower()]


def _kept_secret(path: Path) -> str:
    """A random secret, made on the first start and kept, so that cookies outlive a restart."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(32))
    return path.read_text()
