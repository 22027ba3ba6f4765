# SPDX-License-Identifier: MIT
"""How much a jump saves over int3, by the handler's cost and the other work: both authors on one picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ..model import Run
from ..table import table
from ..wording import number
from .figure import CALL, GRID, INK, INT3, JUMP, MUTED, PAPER, Figure

DEAR = ("kprobe-stepped", "kprobe-boosted")  # int3: what the kernel makes of it
CHEAP = "kprobe-optimized"
LEAST_SHOWN = 20.0  # a handler of no cost has no place on a logarithmic scale: it stands here
ROOM_ON_A_PHONE = 6  # times one column of numbers, for the next to leave room between them

CORNERS = ("Hiramatsu's corner: empty handler, hit after hit", "Reeves' corner: work in the handler and between hits")

LEVELS = (1.02, 1.1, 1.25, 1.5, 2, 3)  # of the lines that are drawn


@dataclass(frozen=True)
class Gain:
    """Two points of the surface that differ in the mechanism only."""
    handler: str
    handler_cost: float
    hits: float
    base: float        # per operation
    stepped: float
    optimized: float

    @property
    def work(self) -> float:
        return self.base / self.hits

    @property
    def ratio(self) -> float:
        return self.stepped / self.optimized


def key_of(point: dict[str, Any]) -> tuple:
    return tuple(point[name] for name in ("handler", "work", "hits_per_op", "probes", "layout"))


def gains_of(reproduction: dict[str, Any]) -> list[Gain]:
    measured = [point for point in (reproduction.get("surface") or {}).get("points", [])
                if point["status"] == "measured" and point["layout"] == "one" and point["hits_per_op"]]
    cheap = {key_of(point): point for point in measured if point["mechanism"] == CHEAP}
    return [Gain(point["handler"], point["handler_cost"], point["hits_per_op"], point["base_per_op"],
                 point["armed_per_op"], cheap[key_of(point)]["armed_per_op"])
            for point in measured if point["mechanism"] in DEAR and key_of(point) in cheap]


def costs_of(reproduction: dict[str, Any]) -> tuple[float, float] | None:
    """What the fit says a hit of either costs."""
    fits: dict[str, float] = {}
    for fit in reproduction["surface"].get("fits", []):
        fits.setdefault(fit["mechanism"], fit["cost"])  # the plain model comes first
    dear = next((fits[name] for name in DEAR if name in fits), None)
    return (dear, fits[CHEAP]) if dear is not None and CHEAP in fits else None


def draw_model(axes: Any, places: list[float], costs: tuple[float, float], told: float) -> None:
    """`told`: the work at the corner whose name stands above it."""
    import numpy
    from .style import is_narrow
    handler = numpy.geomspace(*axes.get_xlim(), 80)
    work = numpy.geomspace(*axes.get_ylim(), 80)
    spent = handler[None, :] + work[:, None]
    drawn = axes.contour(handler, work, (spent + costs[0]) / (spent + costs[1]), levels=LEVELS, colors=[CALL],
                         linewidths=0.9, linestyles="--", zorder=0.5)
    narrow = is_narrow(axes.get_figure())
    labels = label_places(places, axes.get_ylim()[0], costs, ROOM_ON_A_PHONE if narrow else 1)
    if narrow:  # a corner's name is as wide as what is between two columns
        labels = [place for place in labels if not 0.8 * told < place[1] < 6 * told]
    axes.clabel(drawn, fmt="%gx", fontsize=7.5, colors=[INK], manual=labels)


def label_places(places: list[float], low: float, costs: tuple[float, float],
                 room: float) -> list[tuple[float, float]]:
    """Between the columns of points, where no number is; on the line of a level its two costs have one sum. Not
    between columns of which one is less than `room` times the other."""
    columns = apart(sorted(set(places)))
    gaps = [1.25 * math.sqrt(left * right) for left, right in zip(columns, columns[1:]) if right > room * left]
    if room < 3:  # the axis has that behind the last column
        gaps.append(1.9 * columns[-1])
    found = []
    for level in LEVELS:
        total = (costs[0] - level * costs[1]) / (level - 1)
        free = [gap for gap in gaps if total - gap > max(1.5 * low, 0.15 * total)]
        if free:
            found.append((free[-1], total - free[-1]))
    return found


def mark_corner(axes: Any, gain: Gain, text: str, colour: str, low: bool) -> None:
    from .style import is_narrow
    place = max(gain.handler_cost, LEAST_SHOWN)
    rightwards = place**2 < math.prod(axes.get_xlim())  # where the room is
    if is_narrow(axes.get_figure()):
        text = text.partition(":")[0]
    axes.annotate(f"{text}\nhere {gain.ratio:.2f}x", (place, gain.work),
                  xytext=(14 if rightwards else -14, -30 if low else 26), textcoords="offset points", fontsize=8.5,
                  color=colour, ha="left" if rightwards else "right", va="center", fontweight="bold",
                  bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
                  arrowprops={"arrowstyle": "->", "color": colour})


def draw(canvas: Any, gains: list[Gain], costs: tuple[float, float] | None, unit: str) -> None:
    axes = canvas.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    places = [max(gain.handler_cost, LEAST_SHOWN) for gain in gains]
    axes.set_xlim(LEAST_SHOWN / 1.6, max(places) * 3)
    axes.set_ylim(min(gain.work for gain in gains) / 5, max(gain.work for gain in gains) * 6)
    axes.plot(places, [gain.work for gain in gains], "o", color=MUTED, markersize=3.5)
    corners = corners_of(gains)
    for gain, place in legible(gains, places):
        axes.annotate(f"{gain.ratio:.2f}", (place, gain.work), xytext=(4, 0), textcoords="offset points",
                      fontsize=7.5, va="center", color=INK,
                      bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6})  # no line strikes it through
    if costs:
        draw_model(axes, places, costs, corners[1].work)
    mark_corner(axes, corners[0], CORNERS[0], JUMP, low=True)
    mark_corner(axes, corners[1], CORNERS[1], INT3, low=False)
    ticks = apart(sorted(set(places)))
    axes.set_xticks(ticks, ["0" if tick == LEAST_SHOWN else number(tick) for tick in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(color=GRID)
    axes.set_xlabel(f"handler's cost, {unit} per hit")
    axes.set_ylabel(f"other work, {unit} per hit")


def legible(gains: list[Gain], places: list[float]) -> list[tuple[Gain, float]]:
    """Points whose number has room; those of the corners are told already, and the table has all."""
    kept = [(gain, max(gain.handler_cost, LEAST_SHOWN)) for gain in corners_of(gains)]
    for gain, place in zip(gains, places):
        free = all(abs(math.log10(gain.work / other.work)) > 0.13 or abs(math.log10(place / there)) > 0.25
                   for other, there in kept)
        if free:
            kept.append((gain, place))
    return kept[2:]


def apart(ticks: list[float]) -> list[float]:
    """Handlers' costs differ a little between mechanisms: of those close by, one is written."""
    kept: list[float] = []
    for tick in ticks:
        if not kept or tick > 1.3 * kept[-1]:
            kept.append(tick)
    return kept


def corners_of(gains: list[Gain]) -> tuple[Gain, Gain]:
    """Where int3 costs most more than a jump, and where least."""
    return max(gains, key=lambda gain: gain.ratio), min(gains, key=lambda gain: gain.ratio)


def surface_figure(run: Run, reproduction: dict[str, Any], ordinal: int) -> Figure | None:
    gains = gains_of(reproduction)
    if not gains:
        return None
    costs, unit = costs_of(reproduction), reproduction["clock_unit"]
    corner, opposite = corners_of(gains)
    rows = [(gain.handler, number(gain.handler_cost), number(gain.hits), number(gain.base), number(gain.stepped),
             number(gain.optimized), f"{gain.ratio:.2f}x") for gain in gains]
    return Figure(
        f"surface-{ordinal}", "reproduce", f"int3 against jmp, {target_of(run, reproduction)}",
        "Each point is one operation measured twice, with its probe as int3 and as jmp: the number is the cost of the "
        "whole operation with int3 divided by its cost with jmp."
        + (" The dashed lines show the same ratio computed from the fitted costs, f(c + h)." if costs else "")
        + f" Both scales are logarithmic; an empty handler stands at 0. {'. '.join(CORNERS)}.",
        "Ratio of whole operations with int3 and with jmp over handler cost and other work: "
        f"{corner.ratio:.2f} at most, with handler {corner.handler} and {number(corner.work)} of other work per hit, "
        f"{opposite.ratio:.2f} at least, with handler {opposite.handler} and {number(opposite.work)}.",
        5.2, lambda canvas: draw(canvas, gains, costs, unit),
        table(("handler", "its cost", "hits per operation", "operation without probe", "int3", "jmp", "ratio"),
              rows, numeric=range(1, 7)), narrow=5.2)


def target_of(run: Run, reproduction: dict[str, Any]) -> str:
    from ..wording import target_title
    known = next((target for target in run.targets if target.id == reproduction["target"]), None)
    return target_title(known) if known else reproduction["target"]
