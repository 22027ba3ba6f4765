# SPDX-License-Identifier: MIT
"""The tables of a store, of one form in SQLite and PostgreSQL. The files of a run are kept as they came; all else is
made from them, for questions to be asked of it.

Rows of a run have its number and their place in its file for a key, so no number but the run's is ever handed out.
What recurs from run to run (names of cells, evidence, environments, paths) is kept once, by its digest."""

from __future__ import annotations

from sqlalchemy import (BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, Table,
                        Text, UniqueConstraint)

REVISION = "0002"  # the newest of migrations/versions

metadata = MetaData()


def of_run() -> Column:
    return Column("run", Integer, ForeignKey("run.id"), primary_key=True, autoincrement=False)


def of_many_rows() -> Column:
    """Without the key's check, which costs more than the row: a run and its rows are written at once or not at all."""
    return Column("run", Integer, primary_key=True, autoincrement=False)


run = Table(
    "run", metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False),                        # of results.json
    Column("asked", Text),                                         # the key of what was asked for
    Column("occasion", Text, nullable=False, server_default=""),   # why the same was measured again
    Column("node", Text),                                          # the machine that it ran on
    Column("started", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("ended", Text),
    Column("rounds", Integer),
    Column("tool", Text, nullable=False),
    Column("source", Text),                                        # the file that it came from
    Column("seconds", Float),                                      # it took
    UniqueConstraint("digest", "occasion", name="run_of_one_file"),
    UniqueConstraint("asked", "occasion", name="run_of_one_request"))

# What was asked for, in words: kernel, cpu, arguments.
request = Table(
    "request", metadata,
    of_run(),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False))

file = Table(
    "file", metadata,
    of_run(),
    Column("name", Text, primary_key=True),  # results.json, anatomy.json
    Column("content", LargeBinary, nullable=False))

target = Table(
    "target", metadata,
    of_run(),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),      # its id in the file
    Column("series", Text, nullable=False),    # of a trend: all but the build of the kernel and of the module
    Column("kind", Text, nullable=False),
    Column("accel", Text),
    Column("clock", Text),
    Column("fingerprint", Text),
    Column("release", Text, nullable=False),
    Column("flavour", Text, nullable=False),   # amd64, cloud-amd64, rt-amd64
    Column("arguments", Text, nullable=False),
    Column("cpu", Text, nullable=False),
    Column("ended", Text),
    Column("cells", Integer, nullable=False),
    Column("measured", Integer, nullable=False),  # of the cells
    Column("environment", BigInteger, nullable=False),
    Index("target_series", "series"),
    Index("target_environment", "environment"))

fact = Table(
    "fact", metadata,
    Column("environment", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False))

cell_name = Table(
    "cell_name", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("probe_type", Text, nullable=False),
    Column("driver", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("handler", Text, nullable=False),
    Column("threads", Integer, nullable=False))

evidence = Table(
    "evidence", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("before", Text),
    Column("armed", Text),
    Column("after", Text),
    Column("decoded", Text))

cell = Table(
    "cell", metadata,
    of_many_rows(),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("target", Integer, nullable=False),
    Column("name", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("evidence", BigInteger, nullable=False),
    Column("expected", BigInteger),
    Column("counted", BigInteger),
    Column("missed", BigInteger),
    Column("cold_hit", Float),
    Index("cell_of_target", "run", "target"))

# With the cell's name, target and evidence once more, so that a trend is read without a look at each cell.
metric = Table(
    "metric", metadata,
    Column("name", BigInteger, primary_key=True, autoincrement=False),
    Column("metric", Text, primary_key=True),
    of_many_rows(),
    Column("cell", Integer, primary_key=True, autoincrement=False),
    Column("target", Integer, nullable=False),
    Column("evidence", BigInteger, nullable=False),
    Column("value", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("spread", Float, nullable=False),
    Column("n", Integer, nullable=False),
    Column("exact", Boolean, nullable=False),
    Column("note", Text),
    sqlite_with_rowid=False)

path = Table(
    "path", metadata,
    Column("digest", Text, primary_key=True),
    Column("steps", LargeBinary, nullable=False))

anatomy = Table(
    "anatomy", metadata,
    of_run(),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("target", Text, nullable=False),
    Column("cell", BigInteger, nullable=False),
    Column("per_hit", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    Index("anatomy_of_cell", "cell"))
