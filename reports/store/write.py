# SPDX-License-Identifier: MIT
"""Rows into a store. Whoever is second to write what is there already writes nothing."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Table, exc, text

from . import schema
from .rows import Row, Rows

TARGETS = ("name", "series", "kind", "accel", "clock", "fingerprint", "release", "flavour", "arguments", "cpu", "ended",
           "place", "environment", "cells", "measured")
CELLS = ("place", "target", "name", "status", "reason", "evidence", "expected", "counted", "missed", "cold_hit")
METRICS = ("name", "metric", "cell", "target", "evidence", "value", "low", "high", "spread", "n", "exact", "note")
ANATOMIES = ("place", "target", "cell", "per_hit", "path")
NO_RUN = dict.fromkeys(column.name for column in schema.run.columns if column.name != "id")
# As text, which SQLAlchemy compiles once; both databases have it.
INSERT_RUN = text(f"INSERT INTO run ({', '.join(NO_RUN)}) VALUES ({', '.join(f':{name}' for name in NO_RUN)}) "
                  "ON CONFLICT DO NOTHING RETURNING id")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def marks(rows: Sequence[Row]) -> str:
    return ", ".join("?" * len(rows[0]))


def copied(value: Any) -> str:
    """As COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    return "ft"[value] if isinstance(value, bool) else repr(value)


@contextlib.contextmanager
def own_cursor(connection: Any) -> Iterator[Any]:
    """psycopg2's, for what SQLAlchemy has no words for; what it complains of is told as if SQLAlchemy had asked."""
    with connection.connection.cursor() as cursor:
        try:
            yield cursor
        except connection.dialect.dbapi.Error as error:
            lost = connection.dialect.is_disconnect(error, connection.connection, cursor)
            if lost:
                connection.invalidate(error)
            raise exc.DBAPIError(None, None, error, connection_invalidated=lost) from error


def insert_many(connection: Any, table: Table, columns: Sequence[str], rows: list[Row]) -> None:
    """New rows in the way that is fastest for each database: several million of them are no rarity."""
    insert = f"{table.name} ({quoted(columns)})"
    if connection.dialect.name == "sqlite":
        if rows:
            connection.exec_driver_sql(f"INSERT INTO {insert} VALUES ({marks(rows)})", rows)
        return
    lines = io.StringIO("".join("\t".join(map(copied, row)) + "\n" for row in rows))
    with own_cursor(connection) as cursor:
        cursor.copy_expert(f"COPY {insert} FROM STDIN", lines)


def insert_known(connection: Any, table: Table, rows: list[Row]) -> None:
    """Those that recur. Sorted: two writers that wait for each other's rows would wait for ever."""
    if not rows:
        return
    rows.sort(key=lambda row: row[:2])
    insert = f"INSERT INTO {table.name} ({quoted(table.columns.keys())}) VALUES "
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"{insert}({marks(rows)}) ON CONFLICT DO NOTHING", rows)
        return
    from psycopg2.extras import execute_values
    with own_cursor(connection) as cursor:
        execute_values(cursor, f"{insert}%s ON CONFLICT DO NOTHING", rows, page_size=1000)


class Recurring:
    """What the store has of that which recurs, as far as this writer knows."""
    TABLES = (schema.cell_name, schema.evidence, schema.fact, schema.path)

    def __init__(self) -> None:
        self._known: dict[str, set[Any]] = {table.name: set() for table in self.TABLES}

    def new_in(self, batch: Sequence[Rows]) -> dict[str, dict[Any, list[Row]]]:
        known = self._known
        found: dict[str, dict[Any, list[Row]]] = {name: {} for name in known}
        for rows in batch:
            for name, each in (("cell_name", rows.names), ("evidence", rows.evidence), ("fact", rows.facts),
                               ("path", rows.paths)):
                found[name].update((key, each[key]) for key in each.keys() - known[name])
        return found

    def write(self, engine: Any, batch: Sequence[Rows]) -> None:
        """In a transaction of its own: these rows are true of any run, and others need not wait for this one's end."""
        new = self.new_in(batch)
        if not any(new.values()):
            return
        with engine.begin() as connection:
            for table in self.TABLES:
                insert_known(connection, table, [row for rows in new[table.name].values() for row in rows])
        for name, rows in new.items():
            self._known[name].update(rows)


def number_of_new(connection: Any, rows: Rows) -> int | None:
    """The run's; None: it is there already."""
    return connection.execute(INSERT_RUN, {**NO_RUN, **rows.run}).scalar()


def insert_named(connection: Any, table: Table, values: list[dict[str, Any]]) -> None:
    if values:
        connection.execute(table.insert(), values)


def insert_runs(connection: Any, batch: Sequence[Rows]) -> list[bool]:
    """Of each whether it is new."""
    order = sorted(range(len(batch)), key=lambda at: batch[at].run["digest"])  # of all writers: none waits for ever
    numbers = {at: number_of_new(connection, batch[at]) for at in order}
    new = [(numbers[at], rows) for at, rows in enumerate(batch) if numbers[at] is not None]
    for table, columns, rows_in in ((schema.target, TARGETS, lambda rows: rows.targets),
                                    (schema.cell, CELLS, lambda rows: rows.cells),
                                    (schema.metric, METRICS, lambda rows: rows.metrics),
                                    (schema.anatomy, ANATOMIES, lambda rows: rows.anatomies)):
        insert_many(connection, table, ("run", *columns),
                    [(number, *row) for number, rows in new for row in rows_in(rows)])
    insert_named(connection, schema.file, [{"run": number, "name": name, "content": content}
                                           for number, rows in new for name, content in rows.files.items()])
    insert_named(connection, schema.request, [{"run": number, "name": name, "value": value}
                                              for number, rows in new for name, value in sorted(rows.request.items())])
    return [numbers[at] is not None for at in range(len(batch))]
