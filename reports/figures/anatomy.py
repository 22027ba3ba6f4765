# SPDX-License-Identifier: MIT
"""Where the instructions of a hit go: bars by phase, and one hit drawn function by function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..model import Anatomy, Run, Step, Target
from ..table import table
from ..wording import labels, target_title
from .figure import ON_PHASE, PHASES, PHASE_NAMES, Figure

MEANING = ("call: the probed call itself; entry: into the probe; dispatch: to the handler and back; lookup: finding "
           "the probe; slot: the replaced instruction; exit: out of the probe.")
ONE_HIT = ("kprobe-stepped", "kprobe-optimized", "kretprobe-ftrace")  # that are drawn function by function


def name_of(run: Run, one: Anatomy) -> str:
    names = labels([cell for cell in run.cells_of(run.target(one.target))
                    if any(other.cell == cell.name and other.target == one.target for other in run.anatomies)])
    return names.get(one.cell, one.cell)


def phase_legend(axes: Any, phases: Iterable[str]) -> None:
    from matplotlib.patches import Patch
    from .style import above
    above(axes, {phase: Patch(facecolor=PHASES[phase], edgecolor=ON_PHASE, linewidth=0.4) for phase in phases}, 7)


def draw_phases(canvas: Any, anatomies: list[Anatomy], names: list[str]) -> None:
    from .style import is_narrow
    axes, narrow = canvas.add_subplot(), is_narrow(canvas)
    longest = max(sum(one.phases.values()) for one in anatomies)
    shortest_told = longest * (0.06 if narrow else 0.035)
    for row, one in enumerate(anatomies):
        left = 0
        for phase, colour in PHASES.items():
            width = one.phases.get(phase, 0)
            axes.barh(row, width, left=left, color=colour, edgecolor=ON_PHASE, linewidth=0.4,
                      height=0.5 if narrow else 0.72)
            if width > shortest_told:
                axes.text(left + width / 2, row, str(width), ha="center", va="center", fontsize=7.5, color=ON_PHASE)
            left += width
        told = f"{one.per_hit}" + (f", {one.exceptions} exception{'s' if one.exceptions > 1 else ''}"
                                   if one.exceptions else "")
        if narrow:  # over the bar, which has all of the width then
            axes.annotate(f"{names[row]}: {told}", (0, row - 0.36), xytext=(0, 1), textcoords="offset points",
                          fontsize=8)
        else:
            axes.annotate(told, (left, row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(range(len(anatomies)), [""] * len(names) if narrow else names)
    axes.set_ylim(len(anatomies) - 0.4, -1 if narrow else -0.6)
    axes.set_xlim(0, longest * (1 if narrow else 1.25))
    axes.set_xlabel("executed instructions of one call with its hit;"
                    + ("\nover the bar, of the hit alone" if narrow else " at the bar's end, of the hit alone"))
    phase_legend(axes, PHASES)


def in_user_space(one: Anatomy) -> bool:
    """Such a hit is some times as long, and would take the others' room."""
    return one.cell.split("/")[1] == "user"


def phases_figure(run: Run, target: Target, ordinal: int, user: bool) -> Figure | None:
    anatomies = sorted((one for one in run.anatomies if one.target == target.id and in_user_space(one) == user),
                       key=lambda one: one.per_hit)
    if not anatomies:
        return None
    names = [name_of(run, one) for one in anatomies]
    rows = [(name, one.per_hit, one.exceptions, *(one.phases.get(phase, 0) for phase in PHASE_NAMES))
            for name, one in zip(names, anatomies)]
    return Figure(
        f"phases-{'user-' if user else ''}{ordinal}", "anatomy",
        f"Anatomy of a hit {'in user space ' if user else ''}by phase, {target_title(target)}", MEANING,
        f"Stacked bars of {len(rows)} probe types by phase; the shortest path is {names[0]} with "
        f"{anatomies[0].per_hit} instructions per hit, the longest {names[-1]} with {anatomies[-1].per_hit}.",
        1.2 + 0.3 * len(rows), lambda canvas: draw_phases(canvas, anatomies, names),
        table(("probe type", "per hit", "exceptions", *PHASE_NAMES), rows, numeric=range(1, 10)),
        narrow=1.6 + 0.36 * len(rows))


def frames_of(steps: list[Step]) -> list[tuple[int, int, int, str, str]]:
    """(depth, begin, length, symbol, phase): a function reaches from its first instruction to its last, over what
    it called meanwhile."""
    frames, open_frames, begin = [], {}, 0
    for step in steps:
        for depth in [depth for depth in open_frames if depth > step.depth]:
            frames.append(open_frames.pop(depth))
        frame = open_frames.get(step.depth)
        if frame and frame[3] == step.symbol and step.arrival != "call":
            frame[2] = begin + step.instructions - frame[1]
        else:
            if frame:
                frames.append(frame)
            open_frames[step.depth] = [step.depth, begin, step.instructions, step.symbol, step.phase]
        for depth, frame in open_frames.items():
            if depth < step.depth:
                frame[2] = begin + step.instructions - frame[1]
        begin += step.instructions
    return sorted(tuple(frame) for frame in (*frames, *open_frames.values()))


def short(symbol: str) -> str:
    return symbol.split(" [")[0]


def draw_icicle(canvas: Any, one: Anatomy) -> None:
    from .style import is_narrow
    axes = canvas.add_subplot()
    characters = 54 if is_narrow(canvas) else 105
    frames = frames_of(one.steps)
    total = sum(step.instructions for step in one.steps)
    for depth, begin, length, symbol, phase in frames:
        axes.barh(depth, length, left=begin, height=0.94, color=PHASES.get(phase, "#b3b9c0"), edgecolor=ON_PHASE,
                  linewidth=0.35)
        room = int(length / total * characters)
        text = short(symbol)
        if room >= 4:
            shown = text if len(text) <= room else text[:room - 1] + "…"
            axes.text(begin + length / 2, depth, shown, ha="center", va="center", fontsize=6.5, color=ON_PHASE)
    axes.set_ylim(max(frame[0] for frame in frames) + 0.6, -0.6)
    axes.set_xlim(0, total)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("executed instructions, in order")
    phase_legend(axes, [phase for phase in PHASES if one.phases.get(phase)])


def icicle_figure(run: Run, one: Anatomy, ordinal: int) -> Figure:
    name, target = name_of(run, one), run.target(one.target)
    rows = [("· " * step.depth + short(step.symbol), step.phase, step.arrival, step.instructions)
            for step in one.steps]
    depth = max(step.depth for step in one.steps) + 1
    return Figure(
        f"hit-{ordinal}-{name.replace('/', '-')}", "anatomy", f"One hit of {name}, {target_title(target)}",
        "Instructions run to the right; below a function stands what it called or what interrupted it. The colour "
        "is the phase of the function's first instructions.",
        f"Icicle of one hit of {name}: {one.per_hit} instructions and {one.exceptions} exceptions in {len(rows)} "
        f"turns of functions, {depth} levels deep.",
        1.2 + 0.27 * depth, lambda canvas: draw_icicle(canvas, one),
        table(("function", "phase", "reached by", "instructions"), rows, numeric=(3,)), narrow=1.4 + 0.27 * depth)


def icicle_figures(run: Run, target: Target, ordinal: int) -> list[Figure]:
    chosen = [next((one for one in run.anatomies if one.target == target.id and one.cell.startswith(kind + "/")), None)
              for kind in ONE_HIT]
    return [icicle_figure(run, one, ordinal) for one in chosen if one]
