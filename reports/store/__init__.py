# SPDX-License-Identifier: MIT
"""Results of many machines in one database: SQLite as a file, or PostgreSQL."""

from .store import Store, open_store

__all__ = ["Store", "open_store"]
