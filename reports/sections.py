# SPDX-License-Identifier: MIT
"""The sections of the page, in a reader's order."""

from __future__ import annotations

import contextlib
import shlex
import tomllib
from dataclasses import replace
from pathlib import Path

from .claims import claims_table, judge, tally
from .configs import config_section
from .configs import split as split_configs
from .counts_time import Change, Series, all_series, changes
from .cpus import cpu_section, split
from .figures.all import all_figures
from .figures.comparison import comparison_texts
from .figures.figure import Figure
from .files import project
from .finding import caveat, choice, finding
from .model import Run, Source, Target
from .page import Page, Section
from .reproduction import reproduction_tables, verdicts
from .table import Table, table, titled
from .tables import REP_ONCE, absent_table, common_table, cost_table, difference_table, kernel_table, state_table
from .wording import foreign_work, lead_target, number, target_title

METHOD = (
    "The measured loop calls a probe site N and 2N times with interrupts off and takes the slope, so costs that do not "
    "grow with the number of calls drop out. The slope of the same loop around an unprobed twin, measured in the same "
    "round, is subtracted. The difference is the cost of a hit.",
    "A figure is shown only with its proof. State and bytes are what was found at the site while the probe was armed; "
    "hits were counted by a counting handler and must equal the calls; misses must be zero. A cell that breaks one of "
    "these rules is invalid: it is named, and no figure of it is used.",
    "Exact means that three rounds or more gave the same count. What is counted is the guest's executed instructions, "
    "by the emulator. The count does not depend on the host, its load or its speed, and it is the same in every run. "
    "It is not time: caches, branch prediction and above all exceptions make one instruction cost much more than "
    "another. So a ratio of counts is a ratio of path lengths, and it confirms or refutes no claim about time.",
    "Counts and times never share an axis, nor do different machines. Kernels stand side by side only where the "
    "emulator, its CPU and its clock are the same.",
)


PMU_TEXT = (f"The column \"{REP_ONCE}\" is what a CPU's own counter would show. Emulation counts each repetition of a "
            "string instruction (rep), a counter the whole instruction once. It is known where the path of a hit was "
            "recorded.")


def comparable_groups(run: Run) -> list[list[Target]]:
    """Targets that differ in the kernel only, in the order of the run."""
    groups: dict[tuple[str, ...], list[Target]] = {}
    for target in run.targets:
        if target.clock:
            groups.setdefault(target.instrument, []).append(target)
    return list(groups.values())


def architectures(run: Run) -> list[Target]:
    """Of the lead target's kernel, one for each architecture; empty where there is one only."""
    lead = lead_target(run)
    found = {target.arch: target for target in reversed(run.targets)
             if target.clock and lead and target.clock == lead.clock
             and (target.version, target.addition) == (lead.version, lead.addition)}
    return [target for target in run.targets if found.get(target.arch) is target] if len(found) > 1 else []


def warning(target: Target) -> str:
    return f". Warning: {said}" if (said := foreign_work(target)) else ""


def cost_section(run: Run) -> Section:
    tables, folded = [], []
    lead = lead_target(run)
    for target in run.targets:
        if made := cost_table(run, target, lead=True):
            where = tables if target is lead else folded
            where.append(titled(f"Every probe type, {target_title(target)}{warning(target)}", made))
        if made := cost_table(run, target, lead=False):
            folded.append(titled(f"Other handlers and callers, {target_title(target)}{warning(target)}", made))
    for group in comparable_groups(run):
        if len(group) > 1 and (made := kernel_table(run, group, lead=True)):
            folded.insert(0, titled("The same on each kernel; in brackets the change against the kernel to the left",
                                    made))
        if len(group) > 1 and (made := kernel_table(run, group, lead=False)):
            folded.append(titled("Other handlers and callers on each kernel", made))
    if (sides := architectures(run)) and (made := kernel_table(run, sides, lead=True)):
        asked = sides[0].version + sides[0].addition
        tables.insert(0, titled(f"Linux {asked} on each architecture; their instructions are not the same", made))
    if made := state_table(run):
        tables.append(("What the states mean", made))
    return Section("cost", "Cost of a hit", (), tuple(tables), tuple(folded), figures_first=1)


def method_section(run: Run) -> Section:
    repeated = any(one.repetitions is not None for one in run.anatomies)
    return Section("method", "Method and limits", (*METHOD, PMU_TEXT) if repeated else METHOD)


def absent_section(run: Run) -> Section | None:
    made, text = absent_table(run), absent_text(run)
    if made is None and not text:
        return None
    tables = (titled("Cells without a figure, and why", made),) if made else ()
    return Section("absent", "What was not measured", text, tables)


def environment_section(run: Run) -> Section:
    differences, common = difference_table(run), common_table(run)
    text = "Facts that were recorded on each machine."
    if len(run.targets) > 1:
        text += " First those in which the machines of this page differ."
    return Section("environment", "Environment", (text,),
                   (("What differs between the machines", differences),) if differences else (),
                   (("What is the same on all" if len(run.targets) > 1 else "All recorded facts", common),)
                   if common else ())


def command_of(source: Source) -> str:
    """As it is typed: the program is behind run-bench, and the place of the results is the reader's own."""
    words = [word for word in source.command[1:]]
    if "--output" in words:
        place = words.index("--output")
        del words[place:place + 2]
    return shlex.join(["./run-bench", *words])


def source_section(run: Run) -> Section:
    lines = tuple(f"{command_of(source)}\n# {Path(source.path).name}, SHA-256 {source.sha256}"
                  + ("" if source.complete else f"\n# not complete: {source.ended or 'the run ended early'}")
                  for source in run.sources)
    text = "The commands that made the files this page was made from, with the checksum of each."
    return Section("data", "Raw data, and how to get it again", (text,), commands=lines)


def names_of_kernels() -> list[str]:
    with contextlib.suppress(OSError, tomllib.TOMLDecodeError):
        return [kernel["name"] for kernel in tomllib.loads((project() / "ci/kernels.toml").read_text())["kernel"]]
    return []


def pinned_name(target: Target) -> str | None:
    """What --kernel takes a version of: `auto` and `stock` choose among kernels that have names of their own."""
    name = target.facts.get("kernel.name")
    if name not in ("auto", "stock"):
        return name
    series = ".".join(target.release.split(".")[:2])
    return series if series in names_of_kernels() else None


def cite(run: Run) -> tuple[tuple[str, str], ...]:
    """What another text needs to name this run: which kernels, by which build, by which command, which file."""
    kernels = [" ".join(filter(None, (target.release, target.facts.get("kernel.package_version"))))
               for target in run.targets]
    rows = [("kernel package" if len(kernels) == 1 else "kernel packages", "; ".join(dict.fromkeys(kernels)))]
    again = [f"{name}@{version}" for name, version in
             ((pinned_name(target), target.facts.get("kernel.package_version")) for target in run.targets)
             if name and version and not set("/@") & set(name)]
    rows += [("the same again", "--kernel " + ",".join(dict.fromkeys(again)))] if again else []
    if run.sources:
        first = run.sources[0]
        rows += [("measured by", "; ".join(dict.fromkeys(source.tool for source in run.sources))),
                 ("command", command_of(first)), ("SHA-256 of its results", first.sha256)]
    return tuple(row for row in rows if row[1])


def head_lines(run: Run) -> tuple[str, ...]:
    lines = ["Machines: " + "; ".join(target_title(target) for target in run.targets) + "."] if run.targets else []
    lines.append("Measured " + ", ".join(dict.fromkeys(source.started for source in run.sources)) + ".")
    lines += [f"This run is not complete: {source.ended or 'it ended early'}."
              for source in run.sources if not source.complete]
    return (*lines, *(f"Note: {note}." for note in run.notes))


# Sections that are made of figures, in this order.
FIGURE_SECTIONS = (
    ("anatomy", "Where a hit goes"),
    ("handlers", "Mechanism and handler"),
    ("distribution", "Noisy cells, round by round"),
)

# What a page can have and this one has not, in one sentence each.
LACKS = (
    (lambda run: not run.anatomies,
     "The paths of hits were not recorded: ./run-bench anatomy --probe-type LIST --output DIR, and name DIR as one "
     "more RUN."),
    (lambda run: not run.reproductions,
     "The experiment on handler cost, work, workloads and number of probes was not run: ./run-bench reproduce --output "
     "DIR, and name DIR as one more RUN."),
    (lambda run: not any(len(group) > 1 for group in comparable_groups(run)) and not architectures(run),
     "There is one kernel only, so nothing is compared between kernels."),
)


def reproduce_section(run: Run) -> Section | None:
    if not run.reproductions:
        return None
    text = (*verdicts(run),
            "A ratio of instruction counts is not a ratio of times. Modelled times are instructions and exceptions "
            "multiplied by constants of a named source, and never stand among measured ones.")
    return Section("reproduce", "Hiramatsu and Reeves", text, tuple(reproduction_tables(run, True)),
                   tuple(reproduction_tables(run, False)), figures_first=99)


def comparison_section(run: Run, other: Run) -> Section:
    return Section("comparison", "Against a second run", tuple(comparison_texts(run, other)))


DECIDES = ("A claim is confirmed or refuted only by figures of its own kind, and only where their interval lies inside "
           "or outside what the claim says; undecided is where it lies across the edge. Outdated is what held for the "
           "kernels of its time. ")


def claims_section(run: Run, whole: bool) -> Section | None:
    """The ledger is the project's; a reader's own run has it where it is asked for."""
    if whole:
        judged = judge(run)
        text = (tally(judged), DECIDES + "Not comparable means that this run cannot decide the claim; the column "
                "\"why\" gives the reason, and \"this run\" its own figure.")
        return Section("claims", "What others published", text, (("Claims ledger", claims_table(judged)),))


FLIPS_NAMED = 5


def series_text(series: Series) -> str:
    flips = [f"{longer.name} ({number(longer.count)} instructions, {number(longer.time)} ns) against {shorter.name} "
             f"({number(shorter.count)}, {number(shorter.time)} ns)" for longer, shorter in series.flips()]
    text = f"{series.title}. Over {len(series.points)} probes the rank correlation is {series.correlation():.2f}; "
    if not flips:
        return text + "no pair has the reverse order."
    more = f"; and {len(flips) - FLIPS_NAMED} more pairs" if len(flips) > FLIPS_NAMED else ""
    return text + f"the longer path takes less time: {'; '.join(flips[:FLIPS_NAMED])}{more}."


def change_row(change: Change) -> tuple[str, ...]:
    return (change.what, change.name, " to ".join(map(number, change.counts)), f"{100 * change.of_counts:+.0f} %",
            f"{100 * change.of_times:+.0f} %", "reversed" if change.flipped else "the same", change.claim)


def counts_time_section(run: Run) -> Section | None:
    series, known = all_series(run), changes(run)
    if not series and not known:
        return None
    text = ("A longer path is not always a slower one. Here the same probes stand by count and by time, where a run "
            "has both or others published the times: how well the one order tells the other, and where it does not.",
            *map(series_text, series))
    tables = (("What one change does to the count here, and did to the published time", table(
        ("change", "probe", "instructions here", "count", "published time", "direction", "claim"),
        [change_row(change) for change in known], numeric=(2, 3, 4))),) if known else ()
    return Section("counts-time", "Counts against time", text, tables, figures_first=99)


def absent_text(run: Run) -> tuple[str, ...]:
    return tuple(text for lacks, text in LACKS if lacks(run))


SHORT = 5  # rows of a table that stands openly
FOLDED_FIGURES = ("distribution",)  # sections that are for those who look for them


def short(section: Section) -> Section:
    """What is longer stands behind a click, but the costs, which the page is for."""
    all_short = all(len(made.rows) <= SHORT for _heading, made in section.tables)  # they stand together or not at all

    def stands(made: Table) -> bool:
        return section.tables[0][1] is made if section.id == "cost" else all_short
    return replace(section, tables=tuple(one for one in section.tables if stands(one[1])),
                   folded=(*(one for one in section.tables if not stands(one[1])), *section.folded))


def with_figures(section: Section, figures: list[Figure], run: Run) -> Section:
    """Openly what several machines share and what the first machine drawn has; the others' behind a click."""
    own = [figure for figure in figures if figure.section == section.id]
    first = next((figure.of for figure in own if figure.of), None)
    folded = [(target_title(target), tuple(figure for figure in own if figure.of == target.id))
              for target in run.targets if target.id != first]
    return replace(section, figures=tuple(figure for figure in own if figure.of in (None, first)),
                   folded_figures=tuple((f"The same figures, {title}", group) for title, group in folded if group))


def fewer_figures(section: Section) -> Section:
    """The first of a section openly, the others of the same machine behind a click."""
    count = section.id not in FOLDED_FIGURES
    more = section.figures[count:]
    if not more:
        return section
    # A comparison has nothing but its figures.
    return section if section.id == "comparison" else replace(
        section, figures=section.figures[:count], folded_figures=(("More figures", more), *section.folded_figures))


def page_of(everything: Run, other: Run | None = None, whole_ledger: bool = False,
            contributed: Section | None = None) -> Page:
    kernels, in_configs = split_configs(everything)
    run, on_other_cpus = split(kernels)
    figures = all_figures(run, comparable_groups(run), other)

    sections: list[Section | None] = [cost_section(run)]
    sections += [Section(identity, title) for identity, title in FIGURE_SECTIONS
                 if any(figure.section == identity for figure in figures)]
    sections += [reproduce_section(run), comparison_section(run, other) if other else None]
    sections += [cpu_section(on_other_cpus), config_section(in_configs), counts_time_section(run), contributed,
                 claims_section(run, whole_ledger), absent_section(run), method_section(run), environment_section(run),
                 source_section(run)]
    shown = tuple(short(fewer_figures(with_figures(section, figures, run))) for section in sections if section)
    return Page("probebench report", finding(run), caveat(run), choice(run), head_lines(run), cite(run), shown, run)
