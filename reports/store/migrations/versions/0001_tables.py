# SPDX-License-Identifier: MIT
"""The first tables, as they were then: schema.py has them as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    make_tables_of_cells()
    make_tables_of_runs()


def make_tables_of_cells() -> None:
    op.create_table(
        "cell",
        sa.Column("run", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("target", sa.Integer, nullable=False),
        sa.Column("name", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("evidence", sa.BigInteger, nullable=False),
        sa.Column("expected", sa.BigInteger),
        sa.Column("counted", sa.BigInteger),
        sa.Column("missed", sa.BigInteger),
        sa.Column("cold_hit", sa.Float),
        sa.PrimaryKeyConstraint("run", "place"))
    op.create_index("cell_of_target", "cell", ["run", "target"])
    op.create_table(
        "cell_name",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("probe_type", sa.Text, nullable=False),
        sa.Column("driver", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("handler", sa.Text, nullable=False),
        sa.Column("threads", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("armed", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("decoded", sa.Text),
        sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "fact",
        sa.Column("environment", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("environment", "name"))
    op.create_table(
        "metric",
        sa.Column("name", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("run", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("cell", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("target", sa.Integer, nullable=False),
        sa.Column("evidence", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("low", sa.Float, nullable=False),
        sa.Column("high", sa.Float, nullable=False),
        sa.Column("spread", sa.Float, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("exact", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("name", "metric", "run", "cell"),
        sqlite_with_rowid=False)
    op.create_table(
        "path",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("steps", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest"))


def make_tables_of_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("asked", sa.Text),
        sa.Column("occasion", sa.Text, server_default="", nullable=False),
        sa.Column("node", sa.Text),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("rounds", sa.Integer),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("asked", "occasion", name="run_of_one_request"),
        sa.UniqueConstraint("digest", "occasion", name="run_of_one_file"))
    op.create_table(
        "anatomy",
        sa.Column("run", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("cell", sa.BigInteger, nullable=False),
        sa.Column("per_hit", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], ),
        sa.PrimaryKeyConstraint("run", "place"))
    op.create_index("anatomy_of_cell", "anatomy", ["cell"])
    op.create_table(
        "file",
        sa.Column("run", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], ),
        sa.PrimaryKeyConstraint("run", "name"))
    op.create_table(
        "request",
        sa.Column("run", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], ),
        sa.PrimaryKeyConstraint("run", "name"))
    op.create_table(
        "target",
        sa.Column("run", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("accel", sa.Text),
        sa.Column("clock", sa.Text),
        sa.Column("fingerprint", sa.Text),
        sa.Column("release", sa.Text, nullable=False),
        sa.Column("flavour", sa.Text, nullable=False),
        sa.Column("arguments", sa.Text, nullable=False),
        sa.Column("cpu", sa.Text, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("cells", sa.Integer, nullable=False),
        sa.Column("measured", sa.Integer, nullable=False),
        sa.Column("environment", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], ),
        sa.PrimaryKeyConstraint("run", "place"))
    op.create_index("target_environment", "target", ["environment"])
    op.create_index("target_series", "target", ["series"])
