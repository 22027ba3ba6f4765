#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long a store takes for a million cells: to be loaded, and for the views of serve.

    bench/store_size.py [--cells N] [--store URL] [--jobs N]

The runs are the published one of each probe type, a target each, with other kernels, counts and times of day. The store
must be new: a URL of an empty database, or a file that is not there (without --store: one that goes away again)."""

import argparse
import functools
import gzip
import json
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from reports.store import open_store  # noqa: E402  (found through the line above)
from reports.store.many import Files, add_many  # noqa: E402
from reports.store.questions import cells_of, changes, names, newest, target_of_key, targets, trends  # noqa: E402

PUBLISHED = ROOT / "reports/published/data/1-all/results.json.gz"
WEEKS = 52
REPEATS = 5


# What tells runs apart, in place of what the published one has there.
MARKS = re.compile(rb"(@release@|@started@|@model@|@value@)")


@functools.cache
def templates():
    """A run of one target each, in pieces between the marks: putting them together takes next to no time."""
    return list(made())


def made():
    document = json.loads(gzip.decompress(PUBLISHED.read_bytes()))
    for target in document["targets"]:
        cells = [cell for cell in document["cells"] if cell["target"] == target["id"]]
        release = target["environment"]["facts"]["kernel.release"]
        text = json.dumps({**document, "targets": [target], "cells": cells}, separators=(",", ":"))
        for old, mark in ((release, "@release@"), (document["started"], "@started@"),
                          ('"qemu.cpu_model":"max"', '"qemu.cpu_model":"@model@"'),
                          ('"instructions_per_hit":{"value":4', '"instructions_per_hit":{"value":@value@')):
            text = text.replace(old, mark)
        yield MARKS.split(text.encode()), release, len(cells)


def fleet(cells):
    """Names of runs until there are so many cells: each week the same targets, which are told apart by their CPU."""
    models = -(-cells // (WEEKS * sum(count for *_rest, count in templates())))
    total = 0
    for week in range(WEEKS):
        for model in range(models):
            for number, (*_rest, count) in enumerate(templates()):
                if total >= cells:
                    return
                total += count
                yield week, model, number


def files_of(name):
    """As if they were read: this takes as long as reading a file that is in memory."""
    week, model, number = name
    pieces, release, _count = templates()[number]
    now = {b"@release@": re.sub(r"^\d+\.\d+\.\d+", rf"\g<0>{week:02d}", release).encode(),
           b"@started@": f"2026-{week // 5 + 1:02d}-{week % 5 * 7 + 1:02d}T00:00:00Z".encode(),
           b"@model@": b"model-%d" % model, b"@value@": b"5" if week % 10 == 9 else b"4"}  # a count that changes
    return Files(b"".join([now.get(piece, piece) for piece in pieces]), f"week {week}, model {model}")


def best(action):
    """The middle of some, in milliseconds, waiting and computing: who looks at a page has looked at another before."""
    taken, used = [], []
    for _ in range(REPEATS):
        began, began_cpu = time.perf_counter(), time.process_time()
        found = action()
        taken.append(time.perf_counter() - began)
        used.append(time.process_time() - began_cpu)
    return sorted(taken)[REPEATS // 2] * 1000, sorted(used)[REPEATS // 2] * 1000, found


def rows_in(found):
    if isinstance(found, dict):
        return sum(map(len, found.values()))
    return len(found) if isinstance(found, list) else 1


def views(store):
    known = names(store)
    name = next(number for number, text in known.items() if text.startswith("kprobe-optimized/"))
    rows = targets(store)
    first, last = rows[0], newest(rows)[0]
    metric = ("instructions_per_hit",)
    yield "the targets", best(lambda: targets(store))
    yield "one target", best(lambda: target_of_key(store, first.key))
    yield "trend of a cell in one series", best(lambda: trends(store, {name: known[name]}, metric,
                                                               [f"series={first.series}"]))
    yield "trend of a cell in all series", best(lambda: trends(store, {name: known[name]}, metric))
    yield "two targets compared", best(lambda: cells_of(store, [first.key, last.key], metric))
    yield "every exact change", best(lambda: changes(store))


def size_of(store):
    if store.engine.dialect.name == "sqlite":
        return store.place.stat().st_size
    return store.rows(__import__("sqlalchemy").text("SELECT pg_database_size(current_database())"))[0][0]


def measure(url, cells, jobs):
    with open_store(url) as store:
        began = time.monotonic()
        runs = sum(add_many(store, files_of, fleet(cells), jobs))
        taken = time.monotonic() - began
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        ours = sum(one.ru_utime + one.ru_stime for one in used)
        print(f"{store.engine.dialect.name}: {runs} runs of {cells} cells loaded in {taken:.1f} s "
              f"({ours:.1f} s of our CPU time), {size_of(store) / 1e6:.0f} MB")
    with open_store(url, writable=False) as store:
        for what, (milliseconds, ours, found) in views(store):
            print(f"{what}: {milliseconds:.0f} ms ({ours:.0f} ms of our CPU time), {rows_in(found)} rows")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--store", metavar="URL")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(options.store or f"{folder}/store.sqlite", options.cells, options.jobs)


if __name__ == "__main__":
    main()
