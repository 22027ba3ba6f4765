# SPDX-License-Identifier: MIT
"""The finding in one sentence, with its number, unit and cells."""

from __future__ import annotations

from .model import Cell, Run, Target, Unit, counts_instructions
from .wording import labels, lead_handler, lead_target, number, unit_of

# The pair that the project was made for, then others that say something alone: (dearer, cheaper, in words).
PAIRS = (
    ("kprobe-stepped", "kprobe-optimized", "int3", "jmp"),
    ("kprobe-boosted", "kprobe-optimized", "boosted int3", "jmp"),
    ("kprobe-ftrace", "ftrace", "by ftrace", "without a kprobe"),
    ("kretprobe-ftrace", "kprobe-ftrace", "return", "entry"),
)

# What one chooses between today: in words, and the probe types that stand for it, the plainest first.
CHOICE = (("kprobe on an entry", ("kprobe-ftrace", "bpf-kprobe")), ("fentry", ("fentry",)),
          ("raw tracepoint", ("raw-tp",)), ("uprobe", ("uprobe",)))


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
        return f": {a.value / b.value:.1f} times"
    return f": {a.low / b.high:.1f} to {a.high / b.low:.1f} times"


def of_pair(cells: dict[str, Cell], unit: Unit, target: Target) -> str | None:
    for dear, cheap, dear_words, cheap_words in PAIRS:
        if dear in cells and cheap in cells:
            a, b = cells[dear], cells[cheap]
            return (f"A hit on Linux {target.label}, in {unit.words}: {dear} ({dear_words}) {cost_of(a, unit)}, "
                    f"{cheap} ({cheap_words}) {cost_of(b, unit)}{ratio(a, b, unit)}.")
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
    if any(known.too_noisy for cell in run.cells for name in cell.metrics if (known := cell.interval_of(name))):
        return "No cost of a hit was measured: the intervals are too wide to be figures."
    status = {name: sum(cell.status == name for cell in run.cells) for name in ("skipped", "errored", "invalid")}
    counts = ", ".join(f"{count} {name}" for name, count in status.items() if count)
    if not counts:
        return "No cost of a hit was measured: " + (run.cells[0].no_metric_reason or "the cells have no figures") + "."
    return f"Nothing was measured: of {len(run.cells)} cells {counts}."


def lead_cells(run: Run, target: Target, unit: Unit) -> list[Cell]:
    measured = [cell for cell in run.cells_of(target) if cell.metric(unit.metric) and cell.threads == 1]
    handler = lead_handler(measured)
    return [cell for cell in measured if cell.handler == handler]


def finding(run: Run) -> str:
    target = lead_target(run)
    if target is None:
        return nothing(run)
    unit = unit_of(run, target)
    cells = lead_cells(run, target, unit)
    if not cells:
        return nothing(run)
    by_type = {cell.probe_type: cell for cell in reversed(cells)}
    return of_pair(by_type, unit, target) or of_range(cells, unit, target)


def choice(run: Run) -> str | None:
    """Today's mechanisms beside each other; what only one of them has is no choice."""
    target = lead_target(run)
    if target is None:
        return None
    unit = unit_of(run, target)
    cells = {cell.probe_type: cell for cell in reversed(lead_cells(run, target, unit))}
    told = [f"{words} {cost_of(cells[name], unit)}" for words, names in CHOICE
            if (name := next((name for name in names if name in cells), None))]
    noisy = any(not cell.metrics[unit.metric].exact for cell in cells.values())
    in_unit = f", in {unit.words}" if noisy else ""  # what is counted has the finding's before it
    return f"To choose from today{in_unit}: {', '.join(told)}." if len(told) > 1 else None


def caveat(run: Run) -> str:
    """What the unit of the finding is not, beside it."""
    target = lead_target(run)
    clocks = {target.clock} if target and target.clock else set()
    if clocks and all(map(counts_instructions, clocks)):
        return ("An emulator counted these instructions, the same number in every run. It is the length of a path, "
                "not time: an exception costs far more time than its instructions suggest.")
    if "emulated-time" in clocks:
        return "These times were read inside an emulator. They are for tests of the tool, not for conclusions."
    return "Times are medians of interleaved rounds, with their intervals; they hold for this machine."
