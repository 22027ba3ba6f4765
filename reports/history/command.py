# SPDX-License-Identifier: MIT
"""run-bench history: runs into the store, what is in it, and where figures changed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ReportError
from ..files import check_folder, looked_in, own_results, write_file
from ..store.connection import DEFAULT, place_of

if TYPE_CHECKING:
    from ..store.answers import Change
    from ..store.store import Store
    from .trends import Lines

EPILOG = ("A run that is in the store already is not added again.\n"
          "Exit: 0 fine, 1 a file could not be written, 2 usage, 69 a package is missing, or the database is away\n"
          "Examples:\n"
          "  ./run-bench history results/latest\n"
          "  ./run-bench history results/*/ --cell kprobe-optimized --output trends\n"
          "  ./run-bench history --store postgresql:///probebench --cell 'kprobe-*' --where 'kernel=6.12*'\n"
          "  ./run-bench history --where 'started=2026-11*' --export runs   # results.json of each, as it was\n")


def add_store(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("--store", metavar="URL",
                         help=f"{what}: an SQLite file, or postgresql://[USER@][HOST]/DATABASE [{DEFAULT}]")


def add_where(command: argparse.ArgumentParser) -> None:
    command.add_argument("--where", metavar="NAME=PATTERN", action="append", default=[],
                         help="only targets of which this holds; NAME: kernel, cpu, arguments, flavour, accel, node, "
                              "... or a fact of theirs; may be repeated")


def add_history(commands: argparse._SubParsersAction) -> None:
    history = commands.add_parser(
        "history", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Adds runs to a store, lists it, and shows where figures changed: exact counts wherever they "
                    "differ,\ntimes where a change is beyond chance.",
        epilog=EPILOG)
    history.add_argument("runs", nargs="*", metavar="RUN", help="to be added")
    add_store(history, "where runs are kept")
    add_where(history)
    history.add_argument("--cell", metavar="PATTERN", help="trends of the cells with PATTERN in their names")
    history.add_argument("--output", metavar="DIR", help="a page with trend figures, here")
    history.add_argument("--export", metavar="DIR", help="the files of runs with such targets, a directory each, here")
    history.set_defaults(perform=history_command)


def opened(options: argparse.Namespace) -> Store:
    """For writing only if there is something to write: who has no right to may still read."""
    from ..store import open_store
    place = place_of(options.store)
    if isinstance(place, Path) and not options.runs and not place.exists():
        raise ReportError(f"{place}: there is no history yet{looked_in(place)}; name runs to begin one")
    if options.store is None and place == own_results(place.name):
        place.parent.mkdir(exist_ok=True)
    return open_store(options.store, writable=bool(options.runs))


def lines_to_show(store: Store, options: argparse.Namespace, changes: list[Change]) -> Lines:
    """Those that match; without a pattern those that changed."""
    from ..store.questions import names, trends
    from .trends import leading, leading_metrics
    cells = names(store, f"*{options.cell}*" if options.cell else "*")
    if options.cell and not cells:
        raise ReportError(f"--cell {options.cell}: no cell of the history has that in its name; leave --cell out to "
                          "see which changed")
    changed = {change.cell for change in changes}
    asked = {number: name for number, name in cells.items() if options.cell or name in changed}
    lines = leading(trends(store, asked, leading_metrics(), options.where))
    if options.cell:
        return lines
    from .changes import exact_steps
    return {key: points for key, points in lines.items() if exact_steps(points)}


def export(store: Store, where: list[str], folder: Path) -> str:
    from ..store.questions import targets
    numbers = sorted({row.run for row in targets(store, where)})
    for number in numbers:
        for name, content in store.export(number).items():
            write_file(folder / f"{number}" / name, content)
    return f"{folder}: {len(numbers)} runs\n"


def history_command(options: argparse.Namespace) -> str:
    for folder in filter(None, (options.output, options.export)):
        check_folder(Path(folder))
    with opened(options) as store:
        from .trends import add_runs
        said = [line + "\n" for line in add_runs(store, options.runs)]
        if options.export:
            return "".join(said) + export(store, options.where, Path(options.export))
        return "".join(said) + "\n" + answer(store, options)


def answer(store: Store, options: argparse.Namespace) -> str:
    from ..store.questions import changes, runs
    from .trends import MOST_RUNS, changes_table, plain, runs_table, times_table
    listed, changed = runs(store), changes(store, options.where)
    text = f"{len(listed) - MOST_RUNS} older runs, and\n" if len(listed) > MOST_RUNS else ""
    text += plain(runs_table(listed[-MOST_RUNS:]), 5) + "\n"
    made = changes_table(changed)
    text += plain(made, 6) if made.rows else "no exact count changed\n"
    if not options.output and not options.cell:
        return text
    lines = lines_to_show(store, options, changed)
    times = times_table(lines)
    text += "\n" + plain(times, 7) if times.rows else ""
    from ..packages import need_packages
    need_packages()
    from ..write import write_report
    from .page import history_page
    folder = Path(options.output or own_results("history"))
    return text + f"\nreport: {write_report(history_page(listed, changed, lines), folder, with_png=True)}\n"
