# SPDX-License-Identifier: MIT
"""A store's tables: made where there are none, brought to this version where they are older."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import UNAVAILABLE, ReportError
from .connection import sqlalchemy
from .schema import REVISION

SCRIPTS = Path(__file__).with_name("migrations")
LOCK = 0x70726F6265  # "probe": of several that find an empty database, one makes the tables


def tables_in(connection: Any) -> set[str]:
    return set(sqlalchemy().inspect(connection).get_table_names())


def revision_of(connection: Any) -> str | None:
    if "alembic_version" not in tables_in(connection):
        return None
    return connection.execute(sqlalchemy().text("SELECT version_num FROM alembic_version")).scalar()


def known_revisions() -> list[str]:
    return sorted(path.name.split("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def check_revision(connection: Any, name: str) -> str | None:
    """What the store has; refused when it is no store of ours, or one of a newer version."""
    revision = revision_of(connection)
    if revision is None:
        if foreign := sorted(tables_in(connection)):
            old = {"run", "point"} <= set(foreign)
            raise ReportError(f"{name}: " + (
                "a history from before there was a store; name its runs once more, with another --store" if old else
                f"another program's database, with a table {foreign[0]}; name another with --store"))
    elif revision not in known_revisions():
        raise ReportError(f"{name}: its schema is {revision}, this probebench knows up to {REVISION}; "
                          "use the version that wrote it, or a newer one", UNAVAILABLE)
    return revision


def check_current(connection: Any, name: str) -> None:
    """For those who only read."""
    revision = check_revision(connection, name)
    if revision != REVISION:
        has = f"its schema is {revision}" if revision else "it has no tables"
        raise ReportError(f"{name}: {has}, and reading does not change that; ./run-bench history RUN --store {name} "
                          f"brings it up to {REVISION}", UNAVAILABLE)


def bring_up_to_date(connection: Any, name: str) -> None:
    """In one transaction: all of it or nothing."""
    if check_revision(connection, name) == REVISION:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(sqlalchemy().text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    if check_revision(connection, name) == REVISION:
        return  # another was quicker
    upgrade(connection, REVISION)


def upgrade(connection: Any, revision: str) -> None:
    try:
        from alembic import command, config
    except ImportError as error:
        raise ReportError(f"a new store needs Python's {error.name}; install python3-alembic", UNAVAILABLE) from error
    setting = config.Config()
    setting.set_main_option("script_location", str(SCRIPTS))
    setting.attributes["connection"] = connection
    command.upgrade(setting, revision)
