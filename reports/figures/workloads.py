# SPDX-License-Identifier: MIT
"""Whole workloads: the slowdown that was predicted from single hits, against the one that was measured."""

from __future__ import annotations

from typing import Any

from ..model import Run
from ..table import table
from .figure import GRID, SERIES, Figure
from .surface import target_of


def measured_rows(reproduction: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(workload, row) for workload in reproduction.get("workloads") or [] for row in workload["rows"]
            if row["status"] == "measured" and row["slowdown"]]


def title_of(workload: dict[str, Any], told: list[str]) -> str:
    parts = [str(workload[part]) for part in told if workload.get(part)]
    return workload["name"] + (f" ({', '.join(parts)})" if parts else "")


def draw(canvas: Any, names: list[str], mechanisms: list[str], rows: list[tuple[str, dict[str, Any]]]) -> None:
    from .style import above, is_narrow
    narrow = is_narrow(canvas)
    axes = canvas.add_subplot()
    seen: dict[str, Any] = {}
    for name, row in rows:
        colour, mark = SERIES[mechanisms.index(row["mechanism"]) % len(SERIES)]
        place = names.index(name) + (mechanisms.index(row["mechanism"]) - (len(mechanisms) - 1) / 2) * 0.18
        seen[row["mechanism"]], = axes.plot([row["slowdown"]], [place], mark, color=colour, markersize=4.5)
        if row.get("predicted_slowdown"):
            axes.plot([row["predicted_slowdown"]], [place], mark, color=colour, markersize=8, fillstyle="none",
                      markeredgewidth=0.8)
    for place in range(len(names) - 1):
        axes.axhline(place + 0.5, color=GRID, linewidth=0.5)
    axes.set_yticks(range(len(names)), [name.replace(" (", "\n(") if narrow else name for name in names],
                    fontsize=8 if narrow else None)
    axes.set_ylim(len(names) - 0.4, -0.6)
    if max(row["slowdown"] for _, row in rows) > 3:
        from matplotlib.ticker import LogLocator, NullLocator
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1, 1.5, 2, 3, 5)))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}x")
    axes.axvline(1, color=GRID)
    axes.grid(axis="x")
    axes.set_xlabel("whole workload, times" + ("\n" if narrow else " ") + "as much as without probes")
    above(axes, seen, columns=4)


def hits_text(row: dict[str, Any]) -> str:
    hits = row.get("hits")
    return f"{hits['counted']} of {hits['expected']}, {hits['missed']} missed" if hits else "–"


def note_of(row: dict[str, Any]) -> str | None:
    """A slowdown that the runs without probes scatter as much as is no finding."""
    unresolved = "within the scatter of the runs without probes" if row.get("resolved") is False else None
    return "; ".join(text for text in (unresolved, row.get("note")) if text) or None


def workloads_figure(run: Run, reproduction: dict[str, Any], ordinal: int) -> Figure | None:
    rows = measured_rows(reproduction)
    if not rows:
        return None
    told = [part for part in ("suite", "handler") if len({workload.get(part) for workload, _ in rows}) > 1]
    named = [(title_of(workload, told), row) for workload, row in rows]
    names = list(dict.fromkeys(name for name, _ in named))
    mechanisms = list(dict.fromkeys(row["mechanism"] for _, row in rows))
    texts = [(name, row["mechanism"], f"{row['slowdown']:.3f}x",
              f"{row['predicted_slowdown']:.3f}x" if row.get("predicted_slowdown") else "–",
              f"{row['residual_percent']:+.1f} %" if row.get("residual_percent") is not None else "–", hits_text(row),
              note_of(row))
             for name, row in named]
    return Figure(
        f"workloads-{ordinal}", "reproduce", f"Whole workloads, {target_of(run, reproduction)}",
        "A filled mark is measured; the hollow mark is predicted, as the sum of hits times the cost of a hit.",
        f"Measured and predicted slowdown of {len(names)} workloads with {', '.join(mechanisms)}; the largest measured "
        f"one is {max(row['slowdown'] for _, row in rows):.2f} times.",
        1.2 + 0.16 * len(names) * max(2, len(mechanisms)), lambda canvas: draw(canvas, names, mechanisms, named),
        table(("workload", "mechanism", "slowdown", "predicted", "residual", "hits", "note"), texts, numeric=(2, 3, 4)),
        narrow=1.5 + 0.16 * len(names) * max(2, len(mechanisms)))
