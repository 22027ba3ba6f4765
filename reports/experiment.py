# SPDX-License-Identifier: MIT
"""What a report reads of reproduce.json, checked when it is loaded; docs/reproduce.md explains the members."""

from __future__ import annotations

from collections.abc import Iterator

from .checked import Value

TEXT, NUMBER, NUMBER_OR_NULL, TEXT_OR_NULL, COUNT = (Value.text, Value.number, Value.number_or_none,
                                                     Value.text_or_none, Value.count)
HITS = {"expected": COUNT, "counted": COUNT, "missed": COUNT}

# Lists of rows by their place, and the members each row has. A member that is absent is an error.
ROWS = {
    ("per_hit", "rows"): {"probe_type": TEXT, "state": TEXT, "per_hit": NUMBER_OR_NULL,
                          "ratio_to_stepped": NUMBER_OR_NULL, "ratio_to_boosted": NUMBER_OR_NULL},
    ("per_hit", "modelled"): {"probe_type": TEXT, "low": NUMBER, "high": NUMBER},
    ("time_curve", "points"): {"trap_ns": NUMBER},
    ("time_curve", "marks"): {"source": TEXT, "machine": TEXT},
    ("surface", "points"): {"mechanism": TEXT, "handler": TEXT, "layout": TEXT, "status": TEXT, "work": NUMBER,
                            "hits_per_op": NUMBER, "probes": COUNT, "handler_cost": NUMBER_OR_NULL,
                            "base_per_op": NUMBER_OR_NULL, "armed_per_op": NUMBER_OR_NULL,
                            "overhead_per_op": NUMBER_OR_NULL},
    ("surface", "fits"): {"mechanism": TEXT, "cost": NUMBER, "points": COUNT, "residual_median_percent": NUMBER,
                          "residual_max_percent": NUMBER, "note": TEXT_OR_NULL},
    ("workloads",): {"name": TEXT, "status": TEXT},
    ("suites",): {"name": TEXT, "functions": COUNT, "probed": COUNT, "optimizable": COUNT},
    ("pruning",): {"suite": TEXT, "mechanism": TEXT, "state": TEXT, "line_percent": NUMBER, "sites": COUNT,
                   "kept": COUNT, "sets": COUNT, "status": TEXT, "note": TEXT_OR_NULL},
    ("control_plane",): {"probe_type": TEXT, "probes": COUNT, "step": TEXT, "value": NUMBER_OR_NULL, "unit": TEXT,
                         "class": TEXT},
    ("kretprobe_misses",): {"maxactive": COUNT, "concurrent": COUNT, "hits": COUNT, "missed": COUNT},
    ("traps",): {"trap": TEXT, "status": TEXT, "reason": TEXT_OR_NULL},
}
INTERVAL = {"low": NUMBER, "high": NUMBER}
INTERVALS = {("time_curve", "points"): ("ratio",), ("time_curve", "marks"): ("trap_ns", "ratio")}
SPAN = {"value": NUMBER, **INTERVAL}
PRUNED_ROW = {"name": TEXT, "overhead_percent": NUMBER_OR_NULL, "pruned_predicted_percent": NUMBER_OR_NULL,
              "pruned_percent": NUMBER_OR_NULL}
WORKLOAD_ROW = {"mechanism": TEXT, "status": TEXT, "slowdown": NUMBER_OR_NULL, "predicted_slowdown": NUMBER_OR_NULL,
                "residual_percent": NUMBER_OR_NULL}


def rows_at(target: Value, place: tuple[str, ...]) -> Iterator[Value]:
    """A part of the experiment that was not run is absent or null."""
    for name in place:
        target = target.optional(name)
        if target.raw is None:
            return
    yield from target.elements()


def check_row(row: Value, members: dict) -> None:
    for name, read in members.items():
        read(row.member(name))


def check_hits(row: Value) -> None:
    hits = row.optional("hits")
    if hits.raw is not None:
        check_row(hits, HITS)


def check_pruning(pruning: Value) -> None:
    for name in rows_at(pruning, ("left_out",)):
        name.text()
    for row in rows_at(pruning, ("workloads",)):
        check_row(row, PRUNED_ROW)


def check_trap(trap: Value) -> None:
    for name in ("per_trap", "less_signal"):
        if (span := trap.optional(name)).raw is not None:
            check_row(span, SPAN)
    check_hits(trap)


def check_measured(target: Value) -> None:
    """The mark of the curve that is the run's own."""
    curve = target.optional("time_curve")
    if curve.raw is None or (mark := curve.optional("measured")).raw is None:
        return
    check_row(mark, ROWS[("time_curve", "marks")])
    for name in INTERVALS[("time_curve", "marks")]:
        check_row(mark.member(name), INTERVAL)


def check_experiment(target: Value) -> None:
    target.member("target").text()
    target.member("clock_unit").text()
    target.optional("verdict").text_or_none()
    for place, members in ROWS.items():
        for row in rows_at(target, place):
            check_row(row, members)
            for name in INTERVALS.get(place, ()):
                check_row(row.member(name), INTERVAL)
    check_measured(target)
    for trap in rows_at(target, ("traps",)):
        check_trap(trap)
    for pruning in rows_at(target, ("pruning",)):
        check_pruning(pruning)
    for workload in rows_at(target, ("workloads",)):
        for row in rows_at(workload, ("rows",)):
            check_row(row, WORKLOAD_ROW)
            check_hits(row)
    for suite in rows_at(target, ("suites",)):
        for refusal in rows_at(suite, ("refusals",)):
            check_row(refusal, {"reason": TEXT, "count": COUNT})
