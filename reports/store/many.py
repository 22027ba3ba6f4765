# SPDX-License-Identifier: MIT
"""Many runs at once, by all processors: each reads runs of its own. What was read is written by one process to SQLite,
which takes one writer at a time, and to PostgreSQL by whoever read it."""

from __future__ import annotations

import collections
import contextlib
import gc
import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .connection import engine_of
from .rows import Rows, rows_of
from .store import Store, about

BATCH = 128          # runs in one transaction
WAITING = 2 * BATCH  # as many may wait for the writer


@dataclass(frozen=True)
class Files:
    """Of one run."""
    results: bytes
    source: str
    beside: dict[str, bytes] = field(default_factory=dict)


FilesOf = Callable[[Any], Files]  # of a name of a run: the one who reads it opens them


def read(files_of: FilesOf, name: Any) -> Rows:
    files = files_of(name)
    rows = rows_of(files.results, files.source, files.beside)
    return about(rows, None, "", None, None, None, files.source)


def add(store: Store, files_of: FilesOf, names: list[Any]) -> list[bool]:
    return store.add_rows([read(files_of, name) for name in names])


@contextlib.contextmanager
def no_cycles() -> Iterator[None]:
    """What JSON becomes has none, and a third of reading it would be looking for some."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


class Reader:
    """What a process of the pool keeps."""
    store: Store

    @classmethod
    def begin(cls, place: str | Path) -> None:
        if not isinstance(place, Path):
            cls.store = Store(engine_of(place, writable=True), place)


def add_by_reader(files_of: FilesOf, names: list[Any]) -> list[bool]:
    return add(Reader.store, files_of, names)


def batches(all_of_them: Iterable[Any]) -> Iterator[list[Any]]:
    waiting = iter(all_of_them)
    while some := list(itertools.islice(waiting, BATCH)):
        yield some


def in_order(pool: Any, action: Callable[..., Any], files_of: FilesOf, each: Iterable[Any], most: int) -> Iterator[Any]:
    """What comes of each, so many of them ahead of who takes it."""
    begun: collections.deque[Any] = collections.deque()
    for one in each:
        begun.append(pool.apply_async(action, (files_of, one)))
        if len(begun) >= most:
            yield begun.popleft().get()
    while begun:
        yield begun.popleft().get()


def add_many(store: Store, files_of: FilesOf, names: Iterable[Any], jobs: int | None = None) -> Iterator[bool]:
    """Of each whether it is new."""
    jobs = jobs or len(os.sched_getaffinity(0))
    with no_cycles():
        if jobs < 2:
            for some in batches(names):
                yield from add(store, files_of, some)
        else:
            yield from add_by_all(store, files_of, names, jobs)


def add_by_all(store: Store, files_of: FilesOf, names: Iterable[Any], jobs: int) -> Iterator[bool]:
    with multiprocessing.get_context("fork").Pool(jobs, Reader.begin, (store.place,)) as pool:
        if isinstance(store.place, Path):
            for some in batches(in_order(pool, read, files_of, names, WAITING)):
                yield from store.add_rows(some)
        else:
            for new in in_order(pool, add_by_reader, files_of, batches(names), 2 * jobs):
                yield from new
            store.analyze()
