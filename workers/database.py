"""The ledger: one SQL database, SQLite in the data folder or PostgreSQL, reached through short transactions."""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, Table, TypeDecorator, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError as DatabaseAway

from workers.settings import current

__all__ = [
    "DatabaseAway",
    "UtcDateTime",
    "begin",
    "forget_connections",
    "held",
    "in_commit_order",
    "insert_new",
    "insert_once",
    "leave_parents_connections",
    "migrate",
    "read",
    "show_when_busy",
    "undisturbed",
    "utc_now",
]


class _WriterQueue:
    """SQLite has one writer at a time and lets the others poll for it, up to 100 ms apart; here they stand in line.

    Threads wait for a lock, processes for one on the data folder, which the kernel takes back from a dead process.
    """

    def __init__(self) -> None:
        self.threads = threading.RLock()
        self.file: int | None = None

    def __enter__(self) -> None:
        self.threads.acquire()
        if self.file is None:
            self.file = os.open(current().data_dir, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            fcntl.flock(self.file, fcntl.LOCK_UN)
        self.threads.release()

    def leave(self) -> None:
        """After a fork: the parent's handle would count as ours; open another one."""
        self.threads, file, self.file = threading.RLock(), self.file, None
        if file is not None:
            os.close(file)


_writers = _WriterQueue()
_held = threading.local()  # the connection that this thread keeps for a while, if it does
_shown: list[mmap.mmap] = []  # at most one: where this process shows that it uses the database


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC; SQLite forgets the zone, so it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def begin() -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on an error."""
    engine = _engine()
    with undisturbed(), _writers if engine.dialect.name == "sqlite" else nullcontext(), _transaction(engine) as db:
        yield db


@contextmanager
def read() -> Iterator[Connection]:
    """A connection for reading only, which blocks nobody."""
    with undisturbed(), _reader().connect() as db:
        yield db


@contextmanager
def held() -> Iterator[None]:
    """Keep one connection open: until the end, the write transactions of this thread run on it."""
    with undisturbed():
        connection = _engine().connect()
    try:
        _held.connection = connection
        yield
    finally:
        _held.connection = None
        with undisturbed():
            connection.close()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    kept: Connection | None = getattr(_held, "connection", None)
    if kept is None or kept.in_transaction():
        with engine.begin() as db:
            yield db
    else:
        with kept.begin():
            yield kept


def show_when_busy(byte: mmap.mmap) -> None:
    """From now on the first byte of this shared memory is not 0 while this process uses the database.

    For a process with one thread that does: whoever stops it must not leave others standing in line behind it.
    """
    _shown[:] = [byte]


def in_commit_order(db: Connection) -> None:
    """Make sequence numbers visible in the order in which they were drawn, so that a reader never skips one.

    SQLite has a single writer and does so anyway; PostgreSQL needs a lock that is held until the commit.
    """
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(746)"))


def insert_once(db: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless its key is there already; True if this call inserted it."""
    # an INSERT's rowcount is not to be had from psycopg
    return db.execute(_insert_once(db.dialect.name, table), values).first() is not None


def insert_new(db: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert those of the rows whose keys are not there yet."""
    if rows:
        db.execute(_unless_there(db.dialect.name, table), rows)


@lru_cache
def _insert_once(dialect: str, table: Table) -> Any:
    return _unless_there(dialect, table).returning(table.primary_key.columns[0])


@lru_cache
def _unless_there(dialect: str, table: Table) -> Any:
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return make(table).on_conflict_do_nothing()


def migrate() -> None:
    """Bring the schema up to date."""
    from alembic import command  # only the launcher needs it, and every process would wait for it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, "head")


@contextmanager
def undisturbed() -> Iterator[None]:
    """For as long as others may have to wait for this process: it shows that it must not be stopped now."""
    # Set before the first lock is asked for, and taken back after the last one is given up. Reading counts as well:
    # for a moment a reader of SQLite locks a part of its index that other readers need.
    if not _shown:
        yield
        return
    _shown[0][0] += 1
    try:
        yield
    finally:
        _shown[0][0] -= 1


def leave_parents_connections() -> None:
    """For a process that was just forked: open own connections, and keep the statements that are compiled already."""
    _writers.leave()
    if _engine.cache_info().currsize:
        _engine().dispose(close=False)


def forget_connections() -> None:
    """Go back to the state before the first connection; the settings may name another database now."""
    _writers.leave()
    if _engine.cache_info().currsize:
        _engine().dispose()
    _engine.cache_clear()
    _reader.cache_clear()


@lru_cache
def _engine() -> Engine:
    url = current().database
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=5, max_overflow=15, pool_pre_ping=True)  # a server takes 100 of all of us
    engine = create_engine(url, pool_size=20, max_overflow=160, connect_args={"timeout": 15})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediately)
    return engine


@lru_cache
def _reader() -> Engine:
    # With SQLite it is enough to say no BEGIN: changing the driver's mode costs more than a query.
    engine = _engine()
    sqlite_file = engine.dialect.name == "sqlite"
    return (
        engine.execution_options(reads=True) if sqlite_file else engine.execution_options(isolation_level="AUTOCOMMIT")
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediately(db: Connection) -> None:
    # A transaction that reads first and writes later fails with "database is locked" whatever the time-out.
    if not db.get_execution_options().get("reads"):
        db.exec_driver_sql("BEGIN IMMEDIATE")
