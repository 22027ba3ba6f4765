# SPDX-License-Identifier: MIT
"""The tables of the experiment: ratios against both denominators, modelled times, fit, pruning, control plane."""

from __future__ import annotations

from typing import Any

from .figures.surface import target_of
from .model import Run
from .table import Table, table
from .wording import number

Found = dict[str, Any]


def times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}x"


def name_of(row: Found) -> str:
    """With the site, for a type can sit on several."""
    parts = row.get("cell", row["probe_type"]).split("/")
    return f"{parts[0]}/{parts[2]}" if len(parts) > 2 else parts[0]


def span(low: float, high: float) -> str:
    texts = f"{low:.3g}", f"{high:.3g}"
    return texts[0] if texts[0] == texts[1] else " to ".join(texts)


def modelled_of(one: Found) -> dict[tuple[str, str], str]:
    """(probe type, state) -> range of times, over all sources."""
    ranges: dict[tuple[str, str], tuple[float, float]] = {}
    for row in (one.get("per_hit") or {}).get("modelled") or []:
        key = row["probe_type"], row.get("state", "")
        low, high = ranges.get(key, (row["low"], row["high"]))
        ranges[key] = min(low, row["low"]), max(high, row["high"])
    return {key: f"{number(round(low))} to {number(round(high))}" for key, (low, high) in ranges.items()}


def ratios(one: Found, rows: list[Found], modelled: dict[tuple[str, str], str]) -> Table | None:
    texts = [(name_of(row), row.get("handler"), row["state"], number(row["per_hit"]), times(row["ratio_to_stepped"]),
              times(row["ratio_to_boosted"]),
              *([modelled.get((row["probe_type"], row["state"]))] if modelled else [])) for row in rows]
    columns = ("probe type", "handler", "state", f"{one['clock_unit']} per hit", "stepped is", "boosted is",
               *(["modelled ns, over all sources"] if modelled else []))
    return table(columns, texts, numeric=(3, 4, 5)) if texts else None


def ratio_table(one: Found) -> Table | None:
    """With an empty handler, and beside it the time that was modelled for it."""
    rows = [row for row in (one.get("per_hit") or {}).get("rows", []) if row.get("handler", "nop") == "nop"]
    return ratios(one, rows, modelled_of(one))


def handlers_table(one: Found) -> Table | None:
    rows = [row for row in (one.get("per_hit") or {}).get("rows", []) if row.get("handler", "nop") != "nop"]
    return ratios(one, rows, {})


def fit_table(one: Found) -> Table | None:
    rows = [(fit["mechanism"], fit.get("model", "hits x (cost + handler)"), number(fit["cost"]),
             number(fit.get("lookup")), fit["points"], f"{fit['residual_median_percent']:.2f} %",
             f"{fit['residual_max_percent']:.2f} %", fit["note"]) for fit in (one.get("surface") or {}).get("fits", [])]
    columns = ("mechanism", "overhead =", "cost", "lookup", "points", "median residual", "largest", "note")
    return table(columns, rows, numeric=(2, 3, 4, 5, 6)) if rows else None


def curve_table(one: Found) -> Table | None:
    rows = [(number(point["trap_ns"]), span(**point["ratio"]))
            for point in (one.get("time_curve") or {}).get("points", [])]
    return table(("a trap takes, ns", "int3 is so many times dearer"), rows, numeric=(0, 1)) if rows else None


def marks_table(one: Found) -> Table | None:
    curve = one.get("time_curve") or {}
    rows = [(mark["source"], mark["machine"], span(**mark["trap_ns"]), span(**mark["ratio"]))
            for mark in (*curve.get("marks", []), curve.get("measured")) if mark]
    return table(("source", "machine", "a trap took, ns", "int3 is so many times dearer"), rows,
                 numeric=(2, 3)) if rows else None


def middle(found: Found | None) -> str | None:
    if found is None:
        return None
    value, low, high = (number(round(found[name])) for name in ("value", "low", "high"))
    return value if low == high else f"{value} ({low} to {high})"


def traps_table(one: Found) -> Table | None:
    rows = [(row["trap"], middle(row.get("per_trap")), middle(row.get("less_signal")),
             (row.get("hits") or {}).get("counted"), row["status"], row.get("reason"))
            for row in one.get("traps") or []]
    columns = ("trap", f"{one['clock_unit']}", "less the signal", "taken", "status", "reason")
    return table(columns, rows, numeric=(1, 2, 3)) if rows else None


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


def pruning_table(one: Found) -> Table | None:
    rows = [(pruning["suite"], pruning["mechanism"], pruning["state"], f"{number(pruning['line_percent'])} %",
             pruning["sites"], len(pruning["left_out"]), pruning["kept"],
             percent(max((row["pruned_percent"] for row in pruning["workloads"] if row["pruned_percent"] is not None),
                         default=None)), pruning["sets"], pruning["note"])
            for pruning in one.get("pruning") or [] if pruning["status"] != "skipped"]
    columns = ("suite", "mechanism", "most sites are", "line", "sites", "left out", "kept", "slowest then", "sets",
               "note")
    return table(columns, rows, numeric=(3, 4, 5, 6, 7, 8)) if rows else None


def pruned_table(one: Found) -> Table | None:
    rows = [(row["name"], pruning["mechanism"], percent(row["overhead_percent"]),
             percent(row["pruned_predicted_percent"]), percent(row["pruned_percent"]))
            for pruning in one.get("pruning") or [] for row in pruning["workloads"]]
    return table(("workload", "mechanism", "every site", "pruned, predicted", "pruned, measured"), rows,
                 numeric=(2, 3, 4)) if rows else None


def left_out_table(one: Found) -> Table | None:
    rows = [(pruning["mechanism"], ", ".join(pruning["left_out"])) for pruning in one.get("pruning") or []
            if pruning["left_out"]]
    return table(("mechanism", "left out, the hottest first"), rows) if rows else None


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
    """Whole workloads, and mechanisms under those that were measured: one row for each reason."""
    reasons: dict[tuple[str, str, str, str], list[str]] = {}
    for workload in one.get("workloads") or []:
        for row in (workload, *workload["rows"]):
            if row["status"] != "measured":
                key = (workload["name"], workload.get("suite") or "–", row["status"], row.get("reason") or "–")
                reasons.setdefault(key, []).append(row.get("mechanism", "all"))
    rows = [(name, suite, ", ".join(mechanisms), *rest) for (name, suite, *rest), mechanisms in reasons.items()]
    return table(("workload", "suite", "mechanisms", "status", "why"), rows) if rows else None


# Heading, table, and whether it stands openly; in this order.
TABLES = (
    ("Cost of int3, stepped and boosted, as a multiple of each row; times are modelled", ratio_table, False),
    ("How many times dearer int3 is than a jump in time, by what a trap takes; modelled", curve_table, False),
    ("The machines that published times", marks_table, False),
    ("What a trap takes a process, without any probe", traps_table, False),
    ("Sites left out until no workload is above the line", pruning_table, True),
    ("The fit of the surface", fit_table, False),
    ("Functions of the suites, and which can be optimized", suites_table, False),
    ("Workloads that were not measured", workloads_absent, False),
    ("The same with other handlers", handlers_table, False),
    ("Workloads before and after pruning", pruned_table, False),
    ("What was left out", left_out_table, False),
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
