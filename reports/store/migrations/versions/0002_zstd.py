# SPDX-License-Identifier: MIT
"""Files and paths are compressed by zstd from here on. Those that zlib compressed are read as ever; a version that
knows only zlib has to be told that this store is not for it."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nothing in the tables changes."""
