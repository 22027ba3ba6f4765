# SPDX-License-Identifier: MIT
"""What changes when there are more probes, or more callers."""

from __future__ import annotations

from typing import Any

from ..model import Cell, Run, Target
from ..table import table
from ..wording import labels, number, target_title
from .figure import SERIES, Figure, one_axis
from .surface import target_of

LAYOUTS = {"functions": "probes on many functions, one of them called", "path": "all probes on the path that is called"}


def lines_of(reproduction: dict[str, Any], layout: str) -> dict[str, list[dict[str, Any]]]:
    points = [point for point in (reproduction.get("surface") or {}).get("points", [])
              if point["status"] == "measured" and point["layout"] == layout and point["hits_per_op"]]
    lines: dict[str, list[dict[str, Any]]] = {}
    for point in sorted(points, key=lambda point: point["probes"]):
        name = point["mechanism"] + (f", {point['handler']}" if point["handler"] != "nop" else "")
        lines.setdefault(name, []).append(point)
    return {name: line for name, line in lines.items() if len({point["probes"] for point in line}) > 1}


def per_hit(point: dict[str, Any]) -> float:
    return point["overhead_per_op"] / point["hits_per_op"]


def draw_probes(canvas: Any, panels: dict[str, dict[str, list[dict[str, Any]]]], unit: str) -> None:
    from .style import above, is_narrow
    all_axes = canvas.subplots(len(panels), 1, squeeze=False)[:, 0]
    for axes, (layout, lines) in zip(all_axes, panels.items()):
        seen = {}
        for (name, line), (colour, mark) in zip(lines.items(), SERIES):
            seen[name], = axes.plot([point["probes"] for point in line], [per_hit(point) for point in line],
                                    marker=mark, color=colour)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter("{x:g}")
        axes.grid()
        axes.set_xlabel(f"{LAYOUTS[layout]}," + ("\n" if is_narrow(canvas) else " ") + "number armed")
        axes.set_ylabel(f"{unit} per hit")
        above(axes, seen, columns=2)


def probes_figure(run: Run, reproduction: dict[str, Any], ordinal: int) -> Figure | None:
    panels = {layout: lines for layout in LAYOUTS if (lines := lines_of(reproduction, layout))}
    if not panels:
        return None
    rows = [(layout, name, point["probes"], number(per_hit(point))) for layout, lines in panels.items()
            for name, line in lines.items() for point in line]
    most = max(point["probes"] for lines in panels.values() for line in lines.values() for point in line)
    return Figure(
        f"probes-{ordinal}", "reproduce", f"Number of armed probes, {target_of(run, reproduction)}",
        "The overhead of an operation divided by its hits. A line rises because of the lookup: the kernel keeps "
        "kprobes in a hash table of 64 buckets.",
        f"Cost of a hit against the number of armed probes, up to {most}, for "
        f"{', '.join(dict.fromkeys(name for lines in panels.values() for name in lines))}.",
        0.4 + 2.9 * len(panels), lambda canvas: draw_probes(canvas, panels, reproduction["clock_unit"]),
        table(("layout", "mechanism", "armed", "per hit"), rows, numeric=(2, 3)), narrow=0.4 + 3.2 * len(panels))


def draw_threads(canvas: Any, lines: dict[str, list[Cell]]) -> None:
    from .style import above
    axes = canvas.add_subplot()
    seen = {}
    for (name, cells), (colour, mark) in zip(lines.items(), SERIES):
        metrics = [cell.metrics["hits_per_second"] for cell in cells]
        axes.vlines([cell.threads for cell in cells], [metric.low / 1e6 for metric in metrics],
                    [metric.high / 1e6 for metric in metrics], color=colour, linewidth=2)
        seen[name], = axes.plot([cell.threads for cell in cells], [metric.value / 1e6 for metric in metrics],
                                marker=mark, color=colour)
    axes.set_xticks(sorted({cell.threads for cells in lines.values() for cell in cells}))
    axes.set_ylim(bottom=0)
    axes.grid()
    axes.set_xlabel("callers at once")
    axes.set_ylabel("million hits per second")
    above(axes, seen, columns=4)


def threads_figure(run: Run, target: Target, ordinal: int) -> Figure | None:
    cells = [cell for cell in run.cells_of(target) if cell.metric("hits_per_second")]
    names = labels([cell for cell in cells if cell.threads == 1])
    lines: dict[str, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: cell.threads):
        alone = cell.name.rsplit("/", 1)[0] + "/threads:1"
        if alone in names:
            lines.setdefault(names[alone], []).append(cell)
    lines = {name: line for name, line in list(lines.items()) if len(line) > 1}
    if not lines:
        return None
    one_axis([target], [cell.metrics["hits_per_second"].exact for line in lines.values() for cell in line])
    rows = [(name, cell.threads, number(cell.metrics["hits_per_second"].value),
             f"{number(cell.metrics['hits_per_second'].low)} to {number(cell.metrics['hits_per_second'].high)}")
            for name, line in lines.items() for cell in line]
    shown = dict(list(lines.items())[:len(SERIES)])
    left = len(lines) - len(shown)
    return Figure(
        f"threads-{ordinal}", "cost", f"Several callers, {target_title(target)}",
        "Hits per second of all callers together, calls included; the line is the interval of the median."
        + (f" {left} more are in the table." if left else ""),
        f"Throughput of {len(shown)} probe types against the number of callers.",
        3.6, lambda canvas: draw_threads(canvas, shown),
        table(("probe type", "callers", "hits/s", "interval"), rows, numeric=(1, 2)), narrow=4.2)
