# SPDX-License-Identifier: MIT
"""The finding in one sentence, with its number, unit and cells."""

from __future__ import annotations

from .model import Cell, Run, Target, Unit, counts_instructions
from .wording import labels, lead_handler, lead_target, number, unit_of

# The pair that the project was made for, then others that say something alone: (dearer, cheaper, in words).
PAIRS = (
    ("kprobe-stepped", "kprobe-optimized", "an int3 kprobe", "one that is optimized to a jump"),
    ("kprobe-boosted", "kprobe-optimized", "a boosted int3 kprobe", "one that is optimized to a jump"),
    ("kprobe-ftrace", "ftrace", "a kprobe on ftrace", "a plain ftrace callback"),
    ("kretprobe-ftrace", "kprobe-ftrace", "a kretprobe on ftrace", "a kprobe on ftrace"),
)


def cost_of(cell: Cell, unit: Unit) -> str:
    metric = cell.metrics[unit.metric]
    if metric.exact:
        return number(metric.value)
    return f"{number(metric.value)} ({number(metric.low)} to {number(metric.high)})"


def again(cell: Cell, unit: Unit) -> str:
    """The second figure of a sentence: behind an interval nobody knows any more what it is of."""
    return cost_of(cell, unit) + ("" if cell.metrics[unit.metric].exact else f" {unit.words}")


def ratio(dear: Cell, cheap: Cell, unit: Unit) -> str:
    """Of two figures; of noisy ones as the interval that the two intervals leave."""
    a, b = dear.metrics[unit.metric], cheap.metrics[unit.metric]
    if b.low <= 0:
        return ""
    if a.exact and b.exact:
        return f", {a.value / b.value:.1f} times as much"
    return f", {a.low / b.high:.1f} to {a.high / b.low:.1f} times as much"


def of_pair(cells: dict[str, Cell], unit: Unit, target: Target) -> str | None:
    for dear, cheap, dear_words, cheap_words in PAIRS:
        if dear in cells and cheap in cells:
            a, b = cells[dear], cells[cheap]
            return (f"On Linux {target.label} a hit of {dear_words} ({dear}) costs {cost_of(a, unit)} "
                    f"{unit.words}, a hit of {cheap_words} ({cheap}) {again(b, unit)}{ratio(a, b, unit)}.")
    return None


def of_range(cells: list[Cell], unit: Unit, target: Target) -> str:
    names = labels(cells)
    first = min(cells, key=lambda cell: cell.metrics[unit.metric].value)
    last = max(cells, key=lambda cell: cell.metrics[unit.metric].value)
    text = f"On Linux {target.label} a hit of {names[first.name]} costs {cost_of(first, unit)} {unit.words}"
    return text + ("." if first is last else f", one of {names[last.name]} {again(last, unit)}.")


def nothing(run: Run) -> str:
    if not run.cells:
        why = next((target.ended for target in run.targets if target.ended), None)
        return "Nothing was measured: the run has no cells" + (f" ({why})." if why else ".")
    status = {name: sum(cell.status == name for cell in run.cells) for name in ("skipped", "errored", "invalid")}
    counts = ", ".join(f"{count} {name}" for name, count in status.items() if count)
    if not counts:
        return "No cost of a hit was measured: " + (run.cells[0].no_metric_reason or "the cells have no figures") + "."
    return f"Nothing was measured: of {len(run.cells)} cells {counts}."


def finding(run: Run) -> str:
    target = lead_target(run)
    if target is None:
        return nothing(run)
    unit = unit_of(run, target)
    measured = [cell for cell in run.cells_of(target) if cell.metric(unit.metric) and cell.threads == 1]
    cells = [cell for cell in measured if cell.handler == lead_handler(measured)]
    if not cells:
        return nothing(run)
    by_type = {cell.probe_type: cell for cell in reversed(cells)}
    return of_pair(by_type, unit, target) or of_range(cells, unit, target)


def caveat(run: Run) -> str:
    """What the unit is not, beside the finding."""
    clocks = {target.clock for target in run.targets if target.clock}
    if clocks and all(map(counts_instructions, clocks)):
        return ("An emulator counted these instructions, the same number in every run. It is the length of a path, "
                "not time: an exception costs far more time than its instructions suggest.")
    if "emulated-time" in clocks:
        return "These times were read inside an emulator. They are for tests of the tool, not for conclusions."
    return "Times are medians of interleaved rounds, with their intervals; they hold for this machine."
