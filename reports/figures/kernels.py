# SPDX-License-Identifier: MIT
"""Cost of a hit from kernel to kernel, on machines that differ in nothing else."""

from __future__ import annotations

import math
from typing import Any

from ..model import Cell, Run, Target, Unit
from ..table import table
from ..wording import lead_handler, number, unit_of
from .figure import SERIES, Figure, one_axis

# One panel each, so that a line can be followed; (heading, probe types and the sites they are shown on).
PANELS = (
    ("into the function: int3 and jmp", (("kprobe-stepped", "mid-step"), ("kprobe-boosted", "mid"),
                                         ("kprobe-emulated", "mid-emulated"), ("kprobe-detour", "mid"),
                                         ("kprobe-optimized", "mid"))),
    ("on the function's entry", (("kprobe-ftrace", "entry"), ("fprobe-entry", "entry"), ("ftrace", "entry"),
                                 ("fentry", "entry"), ("tracepoint", "tracepoint"), ("bpf-kprobe-multi", "entry"))),
    ("on its return", (("kretprobe-int3", "notrace"), ("kretprobe-optimized", "notrace"),
                       ("kretprobe-ftrace", "entry"), ("fprobe-exit", "entry"), ("fexit", "entry"))),
    ("in user space", (("uprobe", "nop"), ("uprobe", "ret"), ("uretprobe", "nop"), ("uprobe", "nop5"),
                       ("uprobe", "nop10"))),
)
Lines = dict[str, list[float | None]]


def with_figures(run: Run, targets: list[Target], unit: Unit) -> list[Cell]:
    """Those that a logarithmic axis can show."""
    return [cell for target in targets for cell in run.cells_of(target)
            if (metric := cell.metric(unit.metric)) and metric.value > 0]


def counted(run: Run, targets: list[Target], unit: Unit) -> bool:
    """Whether there are exact figures: then only those are drawn."""
    return any(cell.metrics[unit.metric].exact for cell in with_figures(run, targets, unit))


def left_out(run: Run, targets: list[Target], unit: Unit) -> str:
    """A cell whose rounds differ has its row in the page's table."""
    places = {place for _, members in PANELS for place in members}
    names = {f"{cell.probe_type}/{cell.site}" for cell in with_figures(run, targets, unit)
             if not cell.metrics[unit.metric].exact and (cell.probe_type, cell.site) in places}
    return f" Not drawn where their rounds differ: {', '.join(sorted(names))}." \
        if names and counted(run, targets, unit) else ""


def chosen(cells: list[Cell], unit: Unit, probe_type: str, site: str, exact: bool) -> Cell | None:
    handler = lead_handler(cells)
    return next((cell for cell in cells if cell.probe_type == probe_type and cell.site == site
                 and cell.handler == handler and cell.threads == 1
                 and (metric := cell.metric(unit.metric)) and metric.exact == exact and metric.value > 0), None)


def line_of(run: Run, targets: list[Target], unit: Unit, place: tuple[str, str], exact: bool) -> list[float | None]:
    cells = [chosen(run.cells_of(target), unit, *place, exact) for target in targets]
    one_axis([target for target, cell in zip(targets, cells) if cell],
             [cell.metrics[unit.metric].exact for cell in cells if cell])
    return [cell.metrics[unit.metric].value if cell else None for cell in cells]


def panels_of(run: Run, targets: list[Target], unit: Unit) -> dict[str, Lines]:
    exact, panels = counted(run, targets, unit), {}
    for heading, members in PANELS:
        twice = [name for name, _ in members if sum(name == other for other, _ in members) > 1]
        lines = {name + ("/" + site if name in twice else ""): line_of(run, targets, unit, (name, site), exact)
                 for name, site in members}
        lines = {name: line for name, line in lines.items() if any(value is not None for value in line)}
        if lines:
            panels[heading] = lines
    return panels


def apart(heights: dict[str, float], gap: float) -> dict[str, float]:
    """Places for the lines' names, upwards from the lowest, none nearer to the next than `gap`."""
    placed, floor = {}, -math.inf
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        placed[name] = floor = max(height, floor + gap)
    return placed


def name_places(lines: Lines, gap: float) -> dict[str, tuple[int, float]]:
    """Where each line ends, and at what height its name is: apart from those of lines that end there as well."""
    ends = {name: max(at for at, value in enumerate(line) if value is not None) for name, line in lines.items()}
    places = {}
    for end in set(ends.values()):
        heights = {name: math.log10(lines[name][end]) for name, at in ends.items() if at == end}
        places.update({name: (end, 10 ** height) for name, height in apart(heights, gap).items()})
    return places


def draw_panel(axes: Any, lines: Lines, positions: range, room: float) -> None:
    """`room`: for names, beside the lines."""
    logs = [math.log10(value) for line in lines.values() for value in line if value]
    places = name_places(lines, max(max(logs) - min(logs), 0.3) * 0.085)
    for (name, line), (colour, mark) in zip(lines.items(), SERIES):
        there = [(position, value) for position, value in zip(positions, line) if value is not None]
        axes.plot(*zip(*there), color=colour, marker=mark)
        end, height = places[name]
        text = f"{name} {number(line[end])}"
        if end == positions[-1]:
            axes.annotate(text, (end, line[end]), xytext=(end + 0.03 + 0.055 * room, height), va="center", fontsize=8,
                          color=colour)
        else:  # it ends among the others: over its mark is room
            axes.annotate(text, (end, height), xytext=(0, 9), textcoords="offset points", fontsize=8, color=colour)
    from matplotlib.ticker import LogLocator, NullLocator
    axes.set_yscale("log")
    axes.set_xlim(-0.15, positions[-1] + room)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.margins(y=0.12)
    axes.grid(axis="y", alpha=0.6)


def draw(canvas: Any, panels: dict[str, Lines], targets: list[Target], unit: Unit) -> None:
    from .style import is_narrow
    narrow = is_narrow(canvas)
    all_axes = canvas.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    positions = range(len(targets))
    for axes, (heading, lines) in zip(all_axes, panels.items()):
        draw_panel(axes, lines, positions, 0.3 + 1.1 * positions[-1] if narrow else 1.1)
        axes.set_title(heading, fontsize=9, loc="left")
        axes.set_xticks(positions, [target.label for target in targets],
                        **({"rotation": 35, "ha": "right", "fontsize": 8} if narrow else {}))
        axes.tick_params(labelbottom=True)
    canvas.supylabel(unit.long, fontsize=9)


def kernels_figure(run: Run, targets: list[Target], ordinal: int) -> Figure | None:
    if len(targets) < 2:
        return None
    unit = unit_of(run, targets[0], [cell for target in targets for cell in run.cells_of(target) if cell.threads == 1])
    panels = panels_of(run, targets, unit)
    if not panels:
        return None
    rows = [(name, *(number(value) for value in line)) for lines in panels.values() for name, line in lines.items()]
    first, last = targets[0].label, targets[-1].label
    return Figure(
        f"kernels-{ordinal}", "cost", "From kernel to kernel",
        "The machines differ in the kernel only. A line that ends early belongs to a kernel that lacks the mechanism, "
        "or does not arm it in that way. The scales are logarithmic." + left_out(run, targets, unit),
        f"Lines of {len(rows)} probe types over {len(targets)} kernels, from {first} to {last}, by {unit.long}.",
        0.5 + 2.1 * len(panels), lambda canvas: draw(canvas, panels, targets, unit),
        table(("probe type", *(target.label for target in targets)), rows, numeric=range(1, len(targets) + 1)),
        narrow=0.5 + 2.4 * len(panels))
