# SPDX-License-Identifier: MIT
"""From what a user calls a store to a connection, and from a database's complaint to one line."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import UNAVAILABLE, ReportError
from ..files import looked_in, own_results, run_named

DEFAULT = "results/store.sqlite"
WAIT_SECONDS = 60  # for another writer
WRITER_KIB = 65536  # of SQLite's pages in memory: rows of a batch belong into many places of an index
POSTGRESQL = re.compile(r"postgres(?:ql)?(?:\+psycopg2)?://")


def sqlalchemy() -> Any:
    try:
        import sqlalchemy
    except ImportError as error:
        raise ReportError(f"a store needs Python's {error.name}; install python3-sqlalchemy", UNAVAILABLE) from error
    return sqlalchemy


def shown(url: str) -> str:
    """Without the password."""
    return re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:***@", url)


def sqlite_path(url: str) -> Path:
    """sqlite:///relative, sqlite:////absolute, or the path itself."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite://") else Path(url)


def place_of(url: str | None) -> str | Path:
    """A URL of PostgreSQL, or the path of SQLite's file."""
    if url and POSTGRESQL.match(url):
        return POSTGRESQL.sub("postgresql+psycopg2://", url, count=1)
    if url and re.match(r"\w+:", url) and not url.startswith("sqlite:///"):
        raise ReportError(f"--store {shown(url)}: expected a file's path, sqlite:///PATH or postgresql:///DATABASE")
    path = run_named(sqlite_path(url or DEFAULT))
    return path if url or path.exists() else own_results(path.name)


def sqlite_engine(path: Path, writable: bool) -> Any:
    if not path.exists() and not writable:
        raise ReportError(f"{path}: there is no store{looked_in(path)}; begin one with ./run-bench history RUN "
                          f"--store {path}")
    if path.is_dir():
        raise ReportError(f"{path}: this is a directory; --store names the store's file")
    if not path.parent.is_dir():
        raise ReportError(f"{path}: there is no directory {path.parent}; --store names the store's file")
    mode = "rwc" if writable else "ro"

    def connect() -> sqlite3.Connection:
        # isolation_level: transactions begin when we say so, as DDL is part of them, too
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=WAIT_SECONDS,
                                     isolation_level=None, check_same_thread=False)
        if writable:
            connection.execute(f"PRAGMA cache_size = -{WRITER_KIB}")
        return connection
    # Who writes keeps what it knows of the file from one transaction to the next.
    pool = sqlalchemy().pool.QueuePool if writable else sqlalchemy().pool.NullPool
    engine = sqlalchemy().create_engine("sqlite://", creator=connect, future=True, poolclass=pool)
    # A writer says so at once: two that read first and write then would each wait for the other.
    begin = "BEGIN IMMEDIATE" if writable else "BEGIN"
    sqlalchemy().event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def postgresql_engine(url: str, writable: bool) -> Any:
    options = "" if writable else "-c default_transaction_read_only=on"
    try:
        return sqlalchemy().create_engine(url, future=True, connect_args={"connect_timeout": 10, "options": options})
    except ImportError as error:
        raise ReportError(f"--store {shown(url)}: this needs Python's {error.name}; install python3-psycopg2",
                          UNAVAILABLE) from error
    except (sqlalchemy().exc.ArgumentError, ValueError) as error:
        raise ReportError(f"--store {shown(url)}: expected postgresql://[USER@][HOST[:PORT]]/DATABASE") from error


def engine_of(place: str | Path, writable: bool) -> Any:
    return sqlite_engine(place, writable) if isinstance(place, Path) else postgresql_engine(place, writable)


def name_of(place: str | Path) -> str:
    return str(place) if isinstance(place, Path) else shown(place.replace("+psycopg2", ""))


HINTS = (("readonly|read-only", "give write permission, or name another with --store"),
         ("permission denied", "its owner may GRANT the right, or name another with --store"),
         ("not a database", "--store names the store's file"),
         ("unable to open", "--store names the store's file"),
         ("locked", "another process writes to it for long; try again"),
         ("does not exist", "createdb makes a database"),
         ("disk.*full|No space", "make room; what the store had is kept"),
         ("", "is the database up? try again: a run that is in the store already is not added again"))


@contextlib.contextmanager
def said(place: str | Path) -> Iterator[None]:
    """What the database complains of, as one line."""
    try:
        yield
    except sqlalchemy().exc.DBAPIError as error:
        lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
        text = lines[0] if lines else type(error.orig).__name__
        hint = next(hint for pattern, hint in HINTS if re.search(pattern, text))
        raise ReportError(f"store {name_of(place)}: {text}; {hint}", UNAVAILABLE) from error
