# SPDX-License-Identifier: MIT
"""The tables of the experiment: ratios against both denominators, modelled times, the fit, the control plane."""

from __future__ import annotations

from typing import Any

from .figures.surface import target_of
from .model import Run
from .table import Table, table
from .wording import number

Found = dict[str, Any]


def times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}x"


def ratio_table(one: Found) -> Table | None:
    rows = [(row["probe_type"], row.get("handler"), row["state"], number(row["per_hit"]),
             times(row["ratio_to_stepped"]), times(row["ratio_to_boosted"]))
            for row in (one.get("per_hit") or {}).get("rows", [])]
    return table(("probe type", "handler", "state", f"{one['clock_unit']} per hit", "stepped is", "boosted is"), rows,
                 numeric=(3, 4, 5)) if rows else None


def modelled_table(one: Found) -> Table | None:
    rows = [(row["probe_type"], number(row["ns"]), f"{number(row['low'])} to {number(row['high'])}", row["source"])
            for row in (one.get("per_hit") or {}).get("modelled") or []]
    columns = ("probe type", "modelled ns per hit", "range", "constants from")
    return table(columns, rows, numeric=(1,)) if rows else None


def fit_table(one: Found) -> Table | None:
    rows = [(fit["mechanism"], fit.get("model", "hits x (cost + handler)"), number(fit["cost"]),
             number(fit.get("lookup")), fit["points"], f"{fit['residual_median_percent']:.2f} %",
             f"{fit['residual_max_percent']:.2f} %", fit["note"]) for fit in (one.get("surface") or {}).get("fits", [])]
    columns = ("mechanism", "overhead =", "cost", "lookup", "points", "median residual", "largest", "note")
    return table(columns, rows, numeric=(2, 3, 4, 5, 6)) if rows else None


def control_table(one: Found) -> Table | None:
    rows = [(row["probe_type"], row["probes"], row["step"], number(row["value"]), row["unit"], row["class"],
             row.get("reason") or row.get("note"))
            for row in one.get("control_plane") or []]
    columns = ("probe type", "probes", "step", "value", "unit", "class", "note")
    return table(columns, rows, numeric=(1, 3)) if rows else None


def misses_table(one: Found) -> Table | None:
    rows = [(row["maxactive"], row["concurrent"], row["hits"], row["missed"])
            for row in one.get("kretprobe_misses") or []]
    return table(("maxactive", "calls at once", "hits", "missed"), rows, numeric=range(4)) if rows else None


def suites_table(one: Found) -> Table | None:
    rows = [(suite["name"], suite["functions"], suite["probed"], suite["optimizable"],
             "; ".join(f"{refusal['reason']}: {refusal['count']}" for refusal in suite["refusals"]) or "–")
            for suite in one.get("suites") or []]
    return table(("suite", "functions", "probed", "optimizable", "why not the rest"), rows,
                 numeric=(1, 2, 3)) if rows else None


def workloads_absent(one: Found) -> Table | None:
    rows = [(workload["name"], workload.get("suite"), workload["status"], workload.get("reason"))
            for workload in one.get("workloads") or [] if workload["status"] != "measured"]
    return table(("workload", "suite", "status", "why"), rows) if rows else None


# Heading, table, and whether it stands openly; in this order.
TABLES = (
    ("How many times as much a stepped, a boosted int3 probe costs", ratio_table, True),
    ("Modelled times; nothing here was measured", modelled_table, True),
    ("The fit of the surface", fit_table, True),
    ("Functions of the suites, and which can be optimized", suites_table, True),
    ("Workloads that were not measured", workloads_absent, True),
    ("Missed returns by maxactive", misses_table, False),
    ("Registering, arming, disarming", control_table, False),
)


def reproduction_tables(run: Run, openly: bool) -> list[tuple[str, Table]]:
    """A file of another part of the experiment lacks members: what cannot be read is not shown as if it were empty."""
    return [(f"{heading}, {target_of(run, one)}", made) for one in run.reproductions
            for heading, make, shown in TABLES if shown == openly and (made := make(one))]


def verdicts(run: Run) -> list[str]:
    texts = []
    for one in run.reproductions:
        note = (one.get("per_hit") or {}).get("note")
        texts += [f"{target_of(run, one)}: {text}" for text in (one.get("verdict"), note) if text]
    return texts
