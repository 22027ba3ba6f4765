# SPDX-License-Identifier: MIT
"""How a claim of each kind is held against a run. What the run cannot say is not comparable, with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .model import Anatomy, Cell, Metric, Run, Target, Unit, counts_instructions
from .wording import lead_target, number, unit_of

CONFIRMED, REFUTED, OUTDATED, UNDECIDED = "confirmed", "refuted", "outdated", "undecided"
NOT_COMPARABLE = "not comparable"
WORDS = (CONFIRMED, REFUTED, OUTDATED, UNDECIDED, NOT_COMPARABLE)
DECIDED = (CONFIRMED, REFUTED, OUTDATED)
Test = dict[str, Any]

NOTHING = "–"  # of the run
NOT_TIME = "instructions are counted here, and the claim is about time"
EMULATED = "these are times inside an emulator"


@dataclass(frozen=True)
class Verdict:
    word: str
    why: str
    here: str = NOTHING  # what the run has to say, with its cells


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


def find_all(run: Run, selectors: list[str], state: str | None = None, last: str | None = None) -> Iterator[Found]:
    """Cells of one machine, all measured; with `state`, where the first was observed in it, with `last`, the last.
    Where time was measured first: it can decide more."""
    for target in sorted(targets_of(run), key=lambda target: obstacle(target) is not None):
        unit = unit_of(run, target)
        by_name = {cell.name: cell for cell in run.cells_of(target) if cell.interval_of(unit.metric)}
        cells = [by_name.get(f"{selector}/threads:1") for selector in selectors]
        known = [cell for cell in cells if cell]
        if len(known) == len(cells) and state in (None, known[0].state) and last in (None, known[-1].state):
            yield Found(target, unit, known)


def find(run: Run, selectors: list[str], state: str | None = None, last: str | None = None) -> Found | None:
    return next(find_all(run, selectors, state, last), None)


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


def within(low: float, high: float, expected: list[float]) -> str:
    """Where an interval lies against the expected one: inside, outside, or across its edge."""
    if expected[0] <= low and high <= expected[1]:
        return CONFIRMED
    return REFUTED if high < expected[0] or low > expected[1] else UNDECIDED


ACROSS = "; the interval reaches across that limit"


def ratio(run: Run, test: Test) -> Verdict:
    found = find(run, [test["over"], test["under"]], test.get("state"), test.get("under_state"))
    if found is None:
        return unmeasured([test["over"], test["under"]])
    over, under = found.metrics()
    here = f"{over.value / under.value:.1f}x: {found.text()}"
    if why := obstacle(found.target):
        return Verdict(NOT_COMPARABLE, why + "; a ratio of counts is not one of times", here)
    if under.low <= 0:
        return Verdict(NOT_COMPARABLE, "the smaller cost cannot be told from zero", here)
    low, high = over.low / under.high, over.high / under.low
    word = within(low, high, test["expected"])
    span = f"{number(test['expected'][0])} to {number(test['expected'][1])}"
    return Verdict(word, f"taken to mean {span} times; measured here on another CPU"
                   + (ACROSS if word == UNDECIDED else ""), f"{low:.2f}x to {high:.2f}x: {found.text()}")


def rate(run: Run, test: Test) -> Verdict:
    for target in targets_of(run):
        for cell in run.cells_of(target):
            metric = cell.interval_of("hits_per_second")
            if cell.name == f"{test['cell']}/threads:1" and metric:
                here = f"{number(metric.value)} hits/s: {cell.name} on {target.label}"
                if why := obstacle(target):
                    return Verdict(NOT_COMPARABLE, why, here)
                word = within(metric.low, metric.high, [test["at_least"], math.inf])
                return Verdict(word, "hits per second" + (ACROSS if word == UNDECIDED else ""), here)
    if any(counts_instructions(target.clock) for target in run.targets):
        return Verdict(NOT_COMPARABLE, "a count of instructions says nothing about seconds")
    return unmeasured([test["cell"]])


def contained(run: Run, target: Target, small: Cell, large: Cell) -> bool:
    """Whether the one's recorded path goes through all functions that the other's goes through, as long in each. Then
    it takes longer by any clock."""
    paths = {one.cell: one for one in run.anatomies if one.target == target.id}
    if small.name not in paths or large.name not in paths:
        return False
    inner, outer = (sums_of(paths[cell.name], ("call", "handler")) for cell in (small, large))
    return all(outer.get(symbol, 0) >= count for symbol, count in inner.items())


def dearer(run: Run, found: Found, one: int, another: int) -> bool | None:
    """Whether a cell costs more than another. Times: by their intervals. Counts: where a path contains the other."""
    a, b = found.metrics()[one], found.metrics()[another]
    if obstacle(found.target):
        if contained(run, found.target, found.cells[another], found.cells[one]):
            return True
        return False if contained(run, found.target, found.cells[one], found.cells[another]) else None
    return True if a.low > b.high else False if a.high < b.low else None


def order_at(run: Run, low: list[str], high: str, state: str | None) -> list[Verdict]:
    """Each of `low` against `high`. A claim about mechanisms pairs cells of one site: another is armed in another
    way. With a state, only where `low` was observed in it."""
    verdicts = []
    for selector in low:
        known = [(found, dearer(run, found, 0, 1)) for found in find_all(run, [selector, high], state)]
        if not known:
            verdicts.append(unmeasured([selector, high]))
            continue
        found, decided = next((one for one in known if one[1] is not None), known[0])
        word = {True: REFUTED, False: CONFIRMED, None: UNDECIDED}[decided]
        if word == UNDECIDED and obstacle(found.target):
            word = NOT_COMPARABLE
        verdicts.append(Verdict(word, selector.split("/")[0], found.text()))
    return verdicts


def order(run: Run, test: Test) -> Verdict:
    """One pair that lies the other way refutes the claim; to confirm it takes all."""
    verdicts = [one for pair in test["pairs"] for one in order_at(run, pair["low"], pair["high"], pair.get("state"))]
    for word, why in ((REFUTED, "costs more than the probe it is said to undercut"),
                      (NOT_COMPARABLE, "cannot be put beside it: counts tell a longer path only where it contains the "
                                       "other"), (UNDECIDED, "cannot be told apart from it")):
        if told := [one for one in verdicts if one.word == word]:
            if told[0].here == NOTHING:
                return told[0]  # which was not measured
            return Verdict(word, f"{' and '.join(dict.fromkeys(one.why for one in told))} {why}",
                           "; ".join(one.here for one in told))
    return Verdict(CONFIRMED, "the order holds", "; ".join(one.here for one in verdicts))


def sums_of(one: Anatomy, without: tuple[str, ...]) -> dict[str, int]:
    """Instructions by function."""
    sums: dict[str, int] = {}
    for step in one.steps:
        if step.phase not in without:
            sums[step.symbol] = sums.get(step.symbol, 0) + step.instructions
    return sums


def anatomy(run: Run, selector: str) -> tuple[Target, Anatomy] | None:
    for target in targets_of(run):
        for one in run.anatomies:
            if one.target == target.id and one.cell == f"{selector}/threads:1":
                return target, one
    return None


def unrecorded(selector: str) -> Verdict:
    return Verdict(NOT_COMPARABLE, f"the path of {selector} was not recorded: ./run-bench anatomy")


def superseded(test: Test, why: str, here: str) -> Verdict:
    """What held for the kernels of its time is not refuted by a later one."""
    if "until" in test:
        return Verdict(OUTDATED, f"outdated since Linux {test['until']}: {why}", here)
    return Verdict(REFUTED, why, here)


def state(run: Run, test: Test) -> Verdict:
    """How a site was armed, on kernels from a release on."""
    least, end = release_of(test["from"]), release_of(test.get("before", "999.0"))
    seen = [(target, cell) for target in targets_of(run) for cell in run.cells_of(target)
            if cell.name == f"{test['cell']}/threads:1" and cell.measured and least <= release_of(target.release) < end]
    if not seen:
        return Verdict(NOT_COMPARABLE, f"{test['cell']} was not measured on Linux {test['from']} or later"
                       + (f", before {test['before']}" if "before" in test else ""))
    here = ", ".join(f"{cell.state} on {target.label}" for target, cell in seen)
    word = CONFIRMED if all(cell.state == test["expected"] for _, cell in seen) else REFUTED
    return Verdict(word, f"observed at the site; said is {test['expected']}", f"{test['cell']}: {here}")


def release_of(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def exceptions(run: Run, test: Test) -> Verdict:
    known = anatomy(run, test["cell"])
    if known is None:
        return unrecorded(test["cell"])
    target, one = known
    entered = [step.symbol for step in one.steps if step.arrival == "exception"]
    here = f"{', '.join(entered) or 'no exception'}: {test['cell']} on {target.label}"
    if entered == test["expected"]:
        return Verdict(CONFIRMED, "the recorded path takes exactly these exceptions", here)
    return superseded(test, "the recorded path takes other exceptions", here)


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
        return superseded(test, f"not on the recorded path: {', '.join(absent)}", here)
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


def span_of(values: list[tuple[float, float]], what: str) -> str:
    low, high = min(low for low, _ in values), max(high for _, high in values)
    return f"{low:.2f}x to {high:.2f}x over {len(values)} {what}"


def slowdown_of(row: Test) -> tuple[float, float]:
    """The interval that the rounds leave; of what was measured once, or written by an earlier version, a point."""
    base, armed = row.get("base_rounds") or [], row.get("armed_rounds") or []
    if not base or not armed or min(base) <= 0:
        return row["slowdown"], row["slowdown"]
    return min(armed) / max(base), max(armed) / min(base)


def counted_or(run: Run, word: str, why: str, here: str) -> Verdict:
    timed = [one["target"] for one in run.reproductions if not counts_instructions(one["clock_unit"])]
    return Verdict(word, why, here) if timed else Verdict(NOT_COMPARABLE, NOT_TIME, here)


def over_all(values: list[tuple[float, float]], expected: list[float]) -> str:
    """A claim about every workload: one that is outside refutes it, to confirm it takes all."""
    words = [within(low, high, expected) for low, high in values]
    return next((word for word in (REFUTED, UNDECIDED) if word in words), CONFIRMED)


def workload_gain(run: Run, test: Test) -> Verdict:
    over, under = (workload_rows(run, mechanisms, test.get("suite")) for mechanisms in (test["over"], [test["under"]]))
    pairs = [(slowdown_of(row), slowdown_of(under[key])) for key, row in over.items() if key in under]
    if not pairs:
        return Verdict(NOT_COMPARABLE, "no workload was run with both: ./run-bench reproduce")
    gains = [(dear[0] / cheap[1], dear[1] / cheap[0]) for dear, cheap in pairs]
    return counted_or(run, over_all(gains, test["expected"]),
                      "whole workloads, int3 against jmp, by the range of their rounds",
                      "int3 costs a whole workload " + span_of(gains, "workloads") + " of what jmp does")


def pruned(run: Run, test: Test) -> Verdict:
    """Every workload, with the sites left out that make it exceed the line."""
    known = [(label_of(run, one["target"]), made) for one in run.reproductions for made in one.get("pruning") or []
             if made["suite"] == test["suite"] and made["mechanism"] in test["mechanisms"]
             and made["status"] == "measured"]
    rows = [row for _, made in known for row in made["workloads"] if row["pruned_percent"] is not None]
    if not rows:
        return Verdict(UNDECIDED, "no pruned suite was measured: ./run-bench reproduce --part pruning")
    here = "; ".join(f"{made['mechanism']} on {label}: {made['kept']} of {made['sites']} sites kept"
                     for label, made in known)
    here = f"at most {max(row['pruned_percent'] for row in rows):.1f} % over {len(rows)} workloads ({here})"
    spans = [(row.get("pruned_low_percent"), row.get("pruned_high_percent")) for row in rows]
    word = UNDECIDED if any(None in span for span in spans) else over_all(spans, test["expected"])
    return counted_or(run, word, "every workload of the pruned suite, by the range of its rounds", here)
