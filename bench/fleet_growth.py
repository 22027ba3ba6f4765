#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long a sweep takes on more and more nodes: Slurm's arrays as list scheduling, with the times that targets of a
store took, beside the bound that no schedule can be below.

    PYTHONPATH=. /usr/bin/python3 bench/fleet_growth.py --store URL [--targets N] [--tick SECONDS]

An array's next element goes to the first node that is free. slurmctld looks for free nodes once in a tick, so a node
waits for the next tick after each target. Exit code 1: some makespan is more than a tenth over the bound."""

import argparse
import heapq
import math
import random
import sys

NODES = [2 ** power for power in range(10)]
MOST_OVER = 1.1


def makespan(times, nodes, tick=0.0):
    """The end of the last, each begun in order on the node that is free first."""
    free = [0.0] * nodes
    for seconds in times:
        begin = free[0] if tick == 0 else math.ceil(free[0] / tick - 1e-9) * tick
        heapq.heapreplace(free, begin + seconds)
    return max(free)


def bound(times, nodes):
    """Of any schedule: the longest target, and what is to be done shared evenly."""
    return max(max(times), sum(times) / nodes)


def drawn(measured, targets, seed):
    """As many targets, which take what measured ones took."""
    return random.Random(seed).choices(measured, k=targets)


def rows_of(measured, targets, tick, seed, nodes=None):
    times = drawn(measured, targets, seed)
    for count in nodes or NODES:
        least, took = bound(times, count), makespan(times, count, tick)
        yield count, least, took, took / least


def measured_in(url):
    from reports.store import open_store
    from reports.store.schema import run
    from sqlalchemy import select
    with open_store(url, writable=False) as store:
        return [row[0] for row in store.rows(select(run.c.seconds).where(run.c.seconds.is_not(None)))]


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", required=True)
    parser.add_argument("--targets", type=int, default=10_000)
    parser.add_argument("--tick", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    measured = measured_in(options.store)
    if not measured:
        sys.exit(f"{options.store}: no target of a sweep is in it")
    print(f"{options.targets} targets that take what {len(measured)} measured ones took, "
          f"{min(measured):.1f} to {max(measured):.1f} s")
    print(f"{'nodes':>5} {'bound s':>10} {'makespan s':>10} {'over':>7}")
    rows = list(rows_of(measured, options.targets, options.tick, options.seed))
    for count, least, took, over in rows:
        print(f"{count:5d} {least:10.0f} {took:10.0f} {100 * (over - 1):6.1f}%")
    return 0 if all(over <= MOST_OVER for *_, over in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
