# SPDX-License-Identifier: MIT
"""How a claim of each kind is held against a run. What the run cannot say is not comparable, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .model import Anatomy, Cell, Metric, Run, Target, Unit, counts_instructions
from .wording import lead_target, number, unit_of

CONFIRMED, REFUTED, NOT_COMPARABLE = "confirmed", "refuted", "not comparable"
Test = dict[str, Any]

NOT_TIME = "instructions are counted here, and the claim is about time"
EMULATED = "these are times inside an emulator"


@dataclass(frozen=True)
class Verdict:
    word: str
    why: str
    here: str = "–"  # what the run has to say, with its cells


@dataclass(frozen=True)
class Found:
    target: Target
    unit: Unit
    cells: list[Cell]

    def metrics(self) -> list[Metric]:
        return [cell.metrics[self.unit.metric] for cell in self.cells]

    def text(self) -> str:
        values = ", ".join(f"{cell.probe_type}/{cell.site} {number(metric.value)}"
                           for cell, metric in zip(self.cells, self.metrics()))
        return f"{values} {self.unit.short} on {self.target.label}"


def targets_of(run: Run) -> list[Target]:
    """The lead machine first."""
    lead = lead_target(run)
    return sorted(run.targets, key=lambda target: target is not lead)


def find(run: Run, selectors: list[str], state: str | None = None) -> Found | None:
    """Cells of one machine, all measured; with `state`, where the first was observed in it."""
    for target in targets_of(run):
        unit = unit_of(run, target)
        by_name = {cell.name: cell for cell in run.cells_of(target) if cell.metric(unit.metric)}
        cells = [by_name.get(f"{selector}/threads:1") for selector in selectors]
        known = [cell for cell in cells if cell]
        if len(known) == len(cells) and (state is None or known[0].state == state):
            return Found(target, unit, known)
    return None


def unmeasured(selectors: list[str]) -> Verdict:
    return Verdict(NOT_COMPARABLE, f"no machine of the run has measured {' and '.join(selectors)}")


def obstacle(target: Target) -> str | None:
    """Why a time of this machine says nothing about a claim of time."""
    if counts_instructions(target.clock):
        return NOT_TIME
    return EMULATED if target.clock == "emulated-time" else None


def none(_run: Run, test: Test) -> Verdict:
    return Verdict(NOT_COMPARABLE, test["reason"])


def time(run: Run, test: Test) -> Verdict:
    """An absolute time holds for the CPU it was measured on; no run repeats it."""
    found = find(run, test["cells"], test.get("state"))
    if "label" in test:
        return Verdict(NOT_COMPARABLE, f"its label names another mechanism: {test['label']}",
                       found.text() if found else "–")
    if found is None:
        return unmeasured(test["cells"])
    cpu = found.target.facts.get("cpu.model", "unknown")
    return Verdict(NOT_COMPARABLE, obstacle(found.target) or f"another CPU: here it is {cpu}", found.text())


def within(low: float, high: float, expected: list[float]) -> str | None:
    """Where an interval lies against the expected one: inside, outside, or across its edge."""
    if expected[0] <= low and high <= expected[1]:
        return CONFIRMED
    return REFUTED if high < expected[0] or low > expected[1] else None


def ratio(run: Run, test: Test) -> Verdict:
    found = find(run, [test["over"], test["under"]], test.get("state"))
    if found is None:
        return unmeasured([test["over"], test["under"]])
    over, under = found.metrics()
    here = f"{over.value / under.value:.1f}x: {found.text()}"
    if why := obstacle(found.target):
        return Verdict(NOT_COMPARABLE, why + "; a ratio of counts is not one of times", here)
    if under.low <= 0:
        return Verdict(NOT_COMPARABLE, "the smaller cost cannot be told from zero", here)
    word = within(over.low / under.high, over.high / under.low, test["expected"])
    span = f"{number(test['expected'][0])} to {number(test['expected'][1])}"
    return Verdict(word or NOT_COMPARABLE, f"taken to mean {span} times; measured here on another CPU"
                   + ("" if word else "; the interval reaches across that limit"), here)


def rate(run: Run, test: Test) -> Verdict:
    for target in targets_of(run):
        for cell in run.cells_of(target):
            metric = cell.metric("hits_per_second")
            if cell.name == f"{test['cell']}/threads:1" and metric:
                here = f"{number(metric.value)} hits/s: {cell.name} on {target.label}"
                if why := obstacle(target):
                    return Verdict(NOT_COMPARABLE, why, here)
                return Verdict(CONFIRMED if metric.low > test["at_least"] else REFUTED, "hits per second", here)
    if any(counts_instructions(target.clock) for target in run.targets):
        return Verdict(NOT_COMPARABLE, "a count of instructions says nothing about seconds")
    return unmeasured([test["cell"]])


def order(run: Run, test: Test) -> Verdict:
    found = find(run, [*test["low"], *test["high"]])
    if found is None:
        return unmeasured([*test["low"], *test["high"]])
    cost = {cell.name: metric.value for cell, metric in zip(found.cells, found.metrics())}
    low, high = found.cells[:len(test["low"])], found.cells[len(test["low"]):]
    dear = max(low, key=lambda cell: cost[cell.name])
    cheap = min(high, key=lambda cell: cost[cell.name])
    if cost[dear.name] < cost[cheap.name]:
        return Verdict(CONFIRMED, f"the order holds, by {found.unit.long}", found.text())
    return Verdict(REFUTED, f"by {found.unit.long}, {dear.probe_type}/{dear.site} costs more than "
                            f"{cheap.probe_type}/{cheap.site}: what is attached does not decide how the site is armed",
                   found.text())


def anatomy(run: Run, selector: str) -> tuple[Target, Anatomy] | None:
    for target in targets_of(run):
        for one in run.anatomies:
            if one.target == target.id and one.cell == f"{selector}/threads:1":
                return target, one
    return None


def unrecorded(selector: str) -> Verdict:
    return Verdict(NOT_COMPARABLE, f"the path of {selector} was not recorded: ./run-bench anatomy")


def exceptions(run: Run, test: Test) -> Verdict:
    known = anatomy(run, test["cell"])
    if known is None:
        return unrecorded(test["cell"])
    target, one = known
    entered = [step.symbol for step in one.steps if step.arrival == "exception"]
    here = f"{', '.join(entered) or 'no exception'}: {test['cell']} on {target.label}"
    if entered == test["expected"]:
        return Verdict(CONFIRMED, "the recorded path takes exactly these exceptions", here)
    return Verdict(REFUTED, "the recorded path takes other exceptions", here)


def path(run: Run, test: Test) -> Verdict:
    known = anatomy(run, test["cell"])
    if known is None:
        return unrecorded(test["cell"])
    target, one = known
    symbols = [step.symbol.split(" [")[0] for step in one.steps]
    absent = [symbol for symbol in test["expected"] if symbol not in symbols]
    walked = list(dict.fromkeys(symbol for symbol in symbols if "int3" in symbol or "kprobe" in symbol))
    here = f"{', '.join(walked)}: {test['cell']} on {target.label}"
    if absent:
        return Verdict(REFUTED, f"not on the recorded path: {', '.join(absent)}", here)
    return Verdict(CONFIRMED, "all of it is on the recorded path", here)


def interrupts(run: Run, test: Test) -> Verdict:
    known = [(selector, anatomy(run, selector)) for selector in test["cells"]]
    if missing := [selector for selector, found in known if found is None]:
        return unrecorded(missing[0])
    counts = [(found[1].exceptions, selector.split("/")[0], found[0].label) for selector, found in known]
    here = ", ".join(f"{name} {count}" for count, name, _ in counts) + f" exceptions per hit on {counts[0][2]}"
    free = [name for count, name, _ in counts if count == 0]
    if free:
        return Verdict(REFUTED, f"{' and '.join(free)} take no exception", here)
    return Verdict(CONFIRMED, "each takes an exception", here)


def label_of(run: Run, identity: str) -> str:
    return next((target.label for target in run.targets if target.id == identity), identity)


def misses(run: Run, test: Test) -> Verdict:
    rows = [(label_of(run, one["target"]), row)
            for one in run.reproductions for row in one.get("kretprobe_misses") or []
            if row.get("status", "measured") == "measured"
            and row["maxactive"] == test["maxactive"] and row["concurrent"] == test["concurrent"]]
    if not rows:
        return Verdict(NOT_COMPARABLE, f"no run of {test['concurrent']} concurrent calls with maxactive "
                                       f"{test['maxactive']}: ./run-bench reproduce")
    here = ", ".join(f"{row['missed']} missed on {target}" for target, row in rows)
    kept = all(row["missed"] == test["missed"] for _, row in rows)
    return Verdict(CONFIRMED if kept else REFUTED, "counted by the kernel", here)


def optimizable(run: Run, _test: Test) -> Verdict:
    suites = [(label_of(run, one["target"]), suite) for one in run.reproductions for suite in one.get("suites") or []
              if suite["functions"]]
    here = ", ".join(f"{suite['name']} {suite['optimizable']} of {suite['probed']} on {target}"
                     for target, suite in suites)
    return Verdict(NOT_COMPARABLE, "other sites on another kernel", here or "–")


def workload_rows(run: Run, mechanisms: list[str], suite: str | None = None) -> dict[tuple[str, ...], Test]:
    return {(one["target"], *(str(workload.get(part)) for part in ("name", "suite", "handler"))): row
            for one in run.reproductions for workload in one.get("workloads") or []
            if suite is None or workload.get("suite") == suite
            for row in workload["rows"]
            if row["mechanism"] in mechanisms and row["status"] == "measured" and row["slowdown"] is not None}


def span_of(values: list[float], what: str) -> str:
    return f"{min(values):.2f}x to {max(values):.2f}x over {len(values)} {what}"


def counted_or(run: Run, word: str, why: str, here: str) -> Verdict:
    timed = [one["target"] for one in run.reproductions if not counts_instructions(one["clock_unit"])]
    return Verdict(word, why, here) if timed else Verdict(NOT_COMPARABLE, NOT_TIME, here)


def workload_gain(run: Run, test: Test) -> Verdict:
    over, under = workload_rows(run, test["over"]), workload_rows(run, [test["under"]])
    gains = [row["slowdown"] / under[key]["slowdown"] for key, row in over.items() if key in under]
    if not gains:
        return Verdict(NOT_COMPARABLE, "no workload was run with both: ./run-bench reproduce")
    holds = within(min(gains), max(gains), test["expected"]) == CONFIRMED
    return counted_or(run, CONFIRMED if holds else REFUTED, "whole workloads, int3 against jmp",
                      "int3 costs a whole workload " + span_of(gains, "workloads") + " of what jmp does")


def workload_slowdown(run: Run, test: Test) -> Verdict:
    rows = workload_rows(run, [test["mechanism"]], test["suite"])
    if not rows:
        return Verdict(NOT_COMPARABLE,
                       f"the workloads of the suite {test['suite']} were not run: ./run-bench reproduce")
    values = [row["slowdown"] for row in rows.values()]
    holds = within(min(values), max(values), test["expected"]) == CONFIRMED
    return counted_or(run, CONFIRMED if holds else REFUTED, "other probes, other workloads",
                      f"{test['mechanism']}: " + span_of(values, "workloads"))
