# SPDX-License-Identifier: MIT
"""Noisy cells round by round: how the rounds are distributed, and whether they drift."""

from __future__ import annotations

from typing import Any

from ..checked import Value
from ..model import Cell, Run, Target
from ..table import table
from ..wording import labels, number, target_title
from .figure import SERIES, Figure, one_axis

SHOWN = 6  # lines that can still be told apart


def slope(pair: Value) -> float:
    calls = pair.member("n").member("calls")
    if not calls.count():
        raise calls.fail("calls")
    return (pair.member("twice_n").member("ticks").count() - pair.member("n").member("ticks").count()) / calls.raw


def rounds_of(cell: Cell) -> list[float]:
    """The raw rounds, in ticks: what is drawn are the samples themselves, in no case an estimate."""
    samples = [Value(cell.name, f"samples[{at}]", sample) for at, sample in enumerate(cell.samples)]
    return [slope(sample.member("armed")) - slope(sample.member("baseline")) for sample in samples]


def relative_spread(cell: Cell) -> float:
    metric = cell.metrics["ticks_per_hit"]
    return metric.spread / metric.value if metric.value > 0 else 0.0


def plain_labels(axis: Any, digits: tuple[int, ...]) -> None:
    """matplotlib's own labels of a logarithmic axis are mathematics, which style.py switches off."""
    from matplotlib.ticker import LogLocator, NullLocator
    axis.set_major_locator(LogLocator(subs=digits))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter("{x:g}")


def draw(canvas: Any, rounds: dict[str, list[float]]) -> None:
    from .style import above, is_narrow
    left, right = canvas.subplots(*((2, 1) if is_narrow(canvas) else (1, 2)))
    seen = {}
    for (name, values), (colour, mark) in zip(rounds.items(), SERIES):
        ordered = sorted(values)
        shares = [(place + 1) / len(ordered) for place in range(len(ordered))]
        left.step(ordered, shares, where="post", color=colour)
        left.plot(ordered, shares, mark, color=colour, markersize=3)
        seen[name], = right.plot(range(1, len(values) + 1), values, marker=mark, color=colour, linewidth=0.8)
    if all(value > 0 for values in rounds.values() for value in values):
        left.set_xscale("log")
        right.set_yscale("log")
        drawn = [value for values in rounds.values() for value in values]
        for axis in (left.xaxis, right.yaxis):
            plain_labels(axis, (1,) if max(drawn) > 10 * min(drawn) else (1, 2, 5))
    left.set_xlabel("TSC ticks per hit")
    left.set_ylabel("share of rounds at or below")
    right.set_xlabel("round")
    right.set_ylabel("TSC ticks per hit")
    left.grid()
    right.grid()
    above(left, seen, columns=2)


def distribution_figure(run: Run, target: Target, ordinal: int) -> Figure | None:
    cells = [cell for cell in run.cells_of(target)
             if (metric := cell.metric("ticks_per_hit")) and not metric.exact and len(cell.samples) > 1]
    cells = sorted(cells, key=relative_spread, reverse=True)[:SHOWN]
    if not cells:
        return None
    one_axis([target], [False for _ in cells])
    names = labels(cells)
    rounds = {names[cell.name]: rounds_of(cell) for cell in cells}
    rows = [(name, len(values), number(min(values)), number(sorted(values)[len(values) // 2]), number(max(values)),
             ", ".join(number(value) for value in values)) for name, values in rounds.items()]
    return Figure(
        f"distribution-{ordinal}", "distribution", f"Round by round, {target_title(target)}",
        f"The {len(cells)} cells with the largest relative spread. Left: the share of rounds at or below a cost. "
        "Right: the rounds in the order in which they ran; a slope there is drift, a step a disturbance. Each round is "
        "the armed slope less the baseline slope, from the raw samples.",
        f"Empirical distribution and run order of the rounds of {', '.join(rounds)}.",
        4.2, lambda canvas: draw(canvas, rounds),
        table(("cell", "rounds", "least", "middle", "greatest", "in order"), rows, numeric=(1, 2, 3, 4)), narrow=6.4)
