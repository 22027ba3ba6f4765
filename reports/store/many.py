# SPDX-License-Identifier: MIT
"""Many runs at once: read on all processors, written by one, some in a transaction."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .rows import Rows, rows_of
from .store import Store, about

BATCH = 32  # runs in one transaction


@dataclass(frozen=True)
class Files:
    """Of one run."""
    results: bytes
    source: str
    beside: dict[str, bytes] = field(default_factory=dict)


def read(files: Files) -> Rows:
    rows = rows_of(files.results, files.source, files.beside)
    return about(rows, None, "", None, None, None, files.source)


def read_all(all_files: Iterable[Files], jobs: int) -> Iterator[Rows]:
    if jobs < 2:
        yield from map(read, all_files)
        return
    # What JSON becomes has no cycles, and a third of reading it would be looking for some.
    with multiprocessing.get_context("fork").Pool(jobs, initializer=gc.disable) as pool:
        waiting = iter(all_files)
        while some := list(itertools.islice(waiting, 4 * BATCH)):  # as many as may wait for the writer
            yield from pool.imap(read, some)


def add_many(store: Store, all_files: Iterable[Files], jobs: int | None = None) -> Iterator[bool]:
    """Of each whether it is new."""
    rows = read_all(all_files, jobs or len(os.sched_getaffinity(0)))
    while batch := list(itertools.islice(rows, BATCH)):
        yield from store.add_rows(batch)
