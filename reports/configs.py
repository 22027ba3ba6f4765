# SPDX-License-Identifier: MIT
"""One source built in several configurations: what an option makes possible, takes away and costs. A section of its
own, for the other sections set kernels side by side, and these are one."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator

from .cpus import REQUESTED, only
from .model import Cell, Run, Target, Unit
from .page import Section
from .table import Table, table
from .tables import kernel_row
from .wording import labels, lead_handler, number, unit_of

OPTIONS = "kernel.options"  # those that are known to change a hit, in the program's order: the widest first

# What an option stands for in a sentence.
FEATURES = {"PREEMPTION": "Preemption", "CPU_MITIGATIONS": "Mitigations", "MITIGATION_RETHUNK": "Return thunks",
            "PROVE_LOCKING": "Lockdep"}


def options_of(target: Target) -> tuple[str, ...]:
    return tuple(target.facts[OPTIONS].split())


def groups_of(run: Run) -> list[list[Target]]:
    """Kernels of one release and one CPU model that were given by their directories and do not have the same
    options."""
    groups: dict[tuple[str, ...], list[Target]] = {}
    for target in run.targets:
        if target.folder and OPTIONS in target.facts and run.cells_of(target):
            groups.setdefault((target.release, target.facts.get(REQUESTED, ""), *target.instrument), []).append(target)
    return [group for group in groups.values() if len(set(map(options_of, group))) > 1]


def split(run: Run) -> tuple[Run, Run | None]:
    """The run without such kernels, and these alone. A run that has no others stays whole, and has the section too."""
    aside = [target for group in groups_of(run) for target in group]
    rest = [target for target in run.targets if target not in aside]
    return only(run, rest) if rest and aside else run, only(run, aside) if aside else None


def listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def names_of(targets: list[Target]) -> str:
    return listed([target.folder for target in targets])


def separating(having: list[Target], lacking: list[Target]) -> tuple[list[str], bool]:
    """The options that all of the one and none of the other have; whether it is those that have the probe."""
    for ones, others, wanted in ((having, lacking, True), (lacking, having, False)):
        shared = [option for option in options_of(ones[0]) if all(option in options_of(target) for target in ones)
                  and not any(option in options_of(target) for target in others)]
        if shared:
            return shared, wanted
    return [], False


def why_lacking(run: Run, name: str, lacking: list[Target]) -> str:
    reasons = {cell.reason for target in lacking for cell in run.cells_of(target)
               if cell.probe_type == name and cell.reason}
    return f" Reason: {'; '.join(sorted(reasons))}." if reasons else ""


def existence(run: Run, group: list[Target]) -> Iterator[str]:
    """Of each probe that only some of the configurations have: which, and the options that tell them apart."""
    types = dict.fromkeys(cell.probe_type for target in group for cell in run.cells_of(target))
    for name in types:
        having = [target for target in group
                  if any(cell.measured and cell.probe_type == name for cell in run.cells_of(target))]
        lacking = [target for target in group if target not in having]
        if not having or not lacking:
            continue
        options, wanted = separating(having, lacking)
        ones, others = ("former", "latter") if wanted else ("latter", "former")
        told = f"all of the {ones} have {listed(options)}, none of the {others}" if options else (
            "no one option tells these apart")
        yield (f"{name} exists on {names_of(having)}, not on {names_of(lacking)}: {told}."
               + why_lacking(run, name, lacking))


def told_cells(run: Run, target: Target) -> dict[str, Cell]:
    """By name, of single callers with the handler that tables show."""
    cells = run.cells_of(target)
    handler = lead_handler(cells)
    return {cell.name: cell for cell in cells if cell.handler == handler and cell.threads == 1}


def figures_in(run: Run, target: Target, unit: Unit) -> dict[str, float]:
    return {name: metric.value for name, cell in told_cells(run, target).items()
            if (metric := cell.metric(unit.metric))}


def state_changes(run: Run, group: list[Target], unit: Unit) -> Iterator[str]:
    """Probes that are armed in another way than on the first; configurations of equal figures are told at once."""
    base = told_cells(run, group[0])
    names = labels(list(base.values()))
    alike: dict[tuple[str, str, str], list[Target]] = {}
    for target in group[1:]:
        changed: dict[tuple[str, str], list[str]] = {}
        for name, cell in told_cells(run, target).items():
            plain, here = base[name].metric(unit.metric) if name in base else None, cell.metric(unit.metric)
            if plain and here and base[name].state != cell.state:
                changed.setdefault((base[name].state, cell.state), []).append(
                    f"{names[name]} {number(plain.value)} and {number(here.value)}")
        for states, told in changed.items():
            alike.setdefault((*states, ", ".join(told)), []).append(target)
    for (before, after, figures), targets in alike.items():
        yield (f"What is {before} on {group[0].folder} and {after} on {names_of(targets)}, in {unit.words}: "
               f"{figures}.")


def difference(base: Target, target: Target) -> tuple[list[str], list[str]]:
    """The options that only the second has, and those that only the first has."""
    return ([option for option in options_of(target) if option not in options_of(base)],
            [option for option in options_of(base) if option not in options_of(target)])


def extreme(ratios: dict[str, float], choose: Callable[..., str], names: dict[str, str]) -> str:
    name = choose(ratios, key=ratios.__getitem__)
    return f"{ratios[name]:.2f} times ({names[name]})"


COST_COLUMNS = ("option", "with it", "without", "rows", "dearer", "the same", "cheaper", "most", "least",
                "in the middle")


def cost_row(run: Run, base: Target, target: Target, unit: Unit) -> tuple[object, ...] | None:
    """What the widest option that the two differ in costs: with it against without it, whichever is the base."""
    more, less = difference(base, target)
    option = next((one for one in (*FEATURES, *more, *less) if one in more or one in less), None)
    if option is None:
        return None
    featured, plain = (target, base) if option in more else (base, target)
    with_it, without = figures_in(run, featured, unit), figures_in(run, plain, unit)
    ratios = {name: with_it[name] / without[name] for name in without if without[name] > 0 and name in with_it}
    if not ratios:
        return None
    names = labels(list(told_cells(run, plain).values()))
    dearer, same = sum(one > 1 for one in ratios.values()), sum(one == 1 for one in ratios.values())
    return (f"{FEATURES.get(option, option)} ({option})", featured.folder, plain.folder, len(ratios), dearer, same,
            len(ratios) - dearer - same, extreme(ratios, max, names), extreme(ratios, min, names),
            f"{statistics.median(ratios.values()):.2f} times")


def in_short(rows: list[tuple[object, ...]]) -> str:
    """What each option costs; its own name and how many rows, the table has. Two configurations may have the same one,
    and cost the same."""
    told: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        option, with_it, without, *_counts, most, _least, middle = map(str, row)
        told.setdefault((option, without, middle, most), []).append(with_it)
    return " ".join(f"{option.partition(' (')[0]}, on {listed(with_it)}, not on {without}: {middle} in the middle, at "
                    f"most {most.replace(' times', '')}." for (option, without, middle, most), with_it in told.items())


def config_table(run: Run, group: list[Target], unit: Unit) -> Table:
    """A column for each, the change in it against the first."""
    cells = [told_cells(run, target) for target in group]
    told = {name: cell for column in cells for name, cell in column.items()}
    names = labels(list(told.values()))
    rows = []
    for name in told:
        row = [column.get(name) for column in cells]
        if any(cell and cell.measured for cell in row):
            pairs = [kernel_row(names[name], [row[0], cell], unit)[2] for cell in row[1:]]
            rows.append((*kernel_row(names[name], row[:1], unit), *pairs))
    return table((f"{unit.short} (change)", *(target.folder for target in group)), rows,
                 numeric=range(1, len(group) + 1))


def option_table(group: list[Target]) -> Table:
    rows = []
    for target in group:
        more, less = difference(group[0], target)
        rows.append((target.folder, target.facts.get("kernel.preemption", "–"), ", ".join(more) or "–",
                     ", ".join(less) or "–", target.facts.get("mitigations.spectre_v2", "–"),
                     target.facts.get("mitigations.spec_rstack_overflow", "–")))
    return table(("configuration", "preemption", f"has beside {group[0].folder}", "has not", "spectre_v2, as it runs",
                  "spec_rstack_overflow, as it runs"), rows)


def group_title(group: list[Target]) -> str:
    cpu = group[0].facts.get(REQUESTED)
    return f"Linux {group[0].release}" + (f" on the emulator's CPU model {cpu}" if cpu else "")


def config_section(run: Run | None) -> Section | None:
    if run is None:
        return None
    text, tables = [], []
    for group in groups_of(run):
        unit = unit_of(run, group[0], [cell for target in group for cell in told_cells(run, target).values()])
        title = group_title(group)
        costs = [row for target in group[1:] if (row := cost_row(run, group[0], target, unit))]
        text.append(" ".join((f"{title}: one source, {len(group)} configurations, each built and booted.",
                              *existence(run, group), *state_changes(run, group, unit), in_short(costs))))
        tables += [(f"{title}, by configuration; in brackets the change against {group[0].folder}",
                    config_table(run, group, unit)),
                   (f"{title}, what each option costs, in {unit.words}", table(COST_COLUMNS, costs,
                                                                               numeric=(3, 4, 5, 6))),
                   (f"{title}, what the configurations differ in", option_table(group))]
    return Section("configs", "One source, several configurations", tuple(text), tuple(tables))
