# SPDX-License-Identifier: MIT
"""How figures, units and cells are named, everywhere alike."""

from __future__ import annotations

from collections import defaultdict

from .model import Cell, Metric, Run, Target, Unit, counts_instructions


def unit_of(run: Run, target: Target, cells: list[Cell] | None = None) -> Unit:
    """Of what may lead on the target's clock the first that all the cells have; without cells, its single callers."""
    units = [unit for unit in run.metrics
             if unit.leads == ("counted" if counts_instructions(target.clock) else "timed")]
    if cells is None:
        cells = [cell for cell in run.cells_of(target) if cell.threads == 1]
    measured = [cell.metrics for cell in cells if cell.measured]
    told = [metrics for metrics in measured if any(metrics.get(unit.metric) for unit in units)]
    return next((unit for unit in units if told and all(metrics.get(unit.metric) for metrics in told)), units[-1])


def number(value: float | None) -> str:
    if value is None:
        return "–"
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def no_figure(cell: Cell, unit: Unit) -> str:
    """In place of a cell's figure."""
    if not cell.measured:
        return cell.status
    return "too noisy" if cell.interval_of(unit.metric) else "–"


def interval(metric: Metric | None) -> str:
    if metric is None:
        return "–"
    if metric.exact:
        return "exact"
    return f"{number(metric.low)} to {number(metric.high)}"


def labels(cells: list[Cell]) -> dict[str, str]:
    """Cell names shortened by what all of them share: the site, the handler and the callers are named only
    where they tell cells apart."""
    parts = [("site", lambda cell: cell.site), ("driver", lambda cell: cell.driver),
             ("handler", lambda cell: cell.handler), ("threads", lambda cell: f"{cell.threads} callers")]
    texts = {cell.name: cell.probe_type for cell in cells}
    for part, text in parts:
        if part in ("handler", "threads"):
            told = cells if len({text(cell) for cell in cells}) > 1 else []
        else:
            alike: dict[tuple[str, str, int], set[str]] = defaultdict(set)
            for cell in cells:
                alike[texts[cell.name], cell.handler, cell.threads].add(text(cell))
            told = [cell for cell in cells if len(alike[texts[cell.name], cell.handler, cell.threads]) > 1]
        for cell in told:
            texts[cell.name] += "/" + text(cell)
    return texts


def lead_handler(cells: list[Cell]) -> str:
    """Tables of one handler show this one."""
    handlers = [cell.handler for cell in cells if cell.measured]
    for wanted in ("nop", "count"):
        if wanted in handlers:
            return wanted
    return handlers[0] if handlers else "nop"


def lead_target(run: Run) -> Target | None:
    """Whose figures come first: the target with the most measured cells, the first of those."""
    def measured(target: Target) -> int:
        return sum(cell.measured for cell in run.cells_of(target))
    return max(run.targets, key=measured, default=None)


def foreign_work(target: Target) -> str:
    """What others had on while it was measured, as the program's table says it (harness/host/text/text.cpp)."""
    tracer, kprobes = target.facts.get("tracer", "nop"), target.facts.get("kprobes.foreign", "0")
    said = [f"the tracer {tracer} was on, and every traced function on a path cost more"] if tracer != "nop" else []
    said += [f"kprobes of others were attached ({kprobes})"] if kprobes != "0" else []
    return "; ".join(said)


def target_title(target: Target) -> str:
    place = {"tcg": "virtual machine, emulated", "kvm": "virtual machine, KVM"}.get(target.accel or "", target.kind)
    return f"Linux {target.label} ({place})"
