# SPDX-License-Identifier: MIT
"""The commands of run-bench that are Python. Only this file prints and chooses an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from .errors import FINE, UNAVAILABLE, ReportError
from .escape import terminal
from .sweep.command import add_sweep

DATABASE = "results/history.sqlite"
EXIT = "Exit: 0 fine, 1 a file could not be written, 2 usage, 69 a package is missing\n"


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        raise ReportError(f"{message}; see ./{self.prog} --help")


def add_report(commands: argparse._SubParsersAction) -> None:
    report = commands.add_parser(
        "report", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="One page of one run or several: HTML, Markdown, and each figure as SVG and PNG.",
        epilog="RUN is a run's directory or its results.json [results/latest]; anatomy.json and\n"
               "reproduce.json beside it are used as well. The same input gives the same bytes.\n"
               f"{EXIT}"
               "Examples:\n"
               "  ./run-bench report\n"
               "  ./run-bench report results/latest --compare results/before --output page\n"
               "  ./run-bench report --add contribution.json.gz --output page   # another machine's times beside\n")
    report.add_argument("runs", nargs="*", metavar="RUN", help="taken together when there are several")
    report.add_argument("--output", metavar="DIR", help="the files go here [the first run's directory]")
    report.add_argument("--add", metavar="FILE", action="append", default=[],
                        help="what another machine contributed, beside the runs; may be repeated")
    report.add_argument("--compare", metavar="RUN", help="a second run to compare with")
    report.add_argument("--ledger", action="store_true",
                        help="what others published about probes, and what the run says of it")
    report.add_argument("--no-png", action="store_true", help="figures as SVG only")
    report.set_defaults(perform=report_command)


def add_history(commands: argparse._SubParsersAction) -> None:
    history = commands.add_parser(
        "history", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Adds runs to an SQLite file, lists it, and shows where exact counts changed.",
        epilog="A run that is in the history already is not added again.\n"
               f"{EXIT}"
               "Examples:\n"
               "  ./run-bench history results/latest\n"
               "  ./run-bench history results/*/ --cell kprobe-optimized --output trends\n")
    history.add_argument("runs", nargs="*", metavar="RUN", help="to be added")
    history.add_argument("--database", metavar="FILE", help=f"[{DATABASE}]")
    history.add_argument("--cell", metavar="TEXT", help="trends of the cells with TEXT in their names")
    history.add_argument("--output", metavar="DIR", help="a page with trend figures, here")
    history.set_defaults(perform=history_command)


def parser() -> Parser:
    top = Parser(prog="run-bench", add_help=False)
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    add_report(commands)
    add_history(commands)
    add_sweep(commands)
    return top


def need_packages() -> None:
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ReportError(f"this needs Python's {error.name}; install python3-matplotlib and python3-jinja2, or let "
                          "./run-bench report do it", UNAVAILABLE) from error


def contributions(given: list[str]) -> list:
    if not given:
        return []
    try:
        from .contribution import load_contribution
    except ImportError as error:
        raise ReportError(f"--add: this needs Python's {error.name}; install python3-jsonschema",
                          UNAVAILABLE) from error
    return [load_contribution(one) for one in given]


def contributed(added: list) -> Any:
    if not added:
        return None
    from .contributed import contributed_section
    return contributed_section(added)


def report_command(options: argparse.Namespace) -> str:
    need_packages()
    from .files import check_folder, run_named
    from .load import load
    from .merge import merge
    from .sections import page_of
    from .write import write_report
    given = options.runs or ([] if options.add else ["results/latest"])
    added = contributions(options.add)
    runs = [load(run) for run in given] or [one.run for one in added]
    first = run_named((given + options.add)[0])
    output = Path(options.output) if options.output else first if first.is_dir() else first.parent
    check_folder(output)
    page = page_of(merge(runs), merge([load(options.compare)]) if options.compare else None, options.ledger,
                   contributed(added) if given else None)
    return f"report: {write_report(page, output, with_png=not options.no_png)}\n"


def history_command(options: argparse.Namespace) -> str:
    from .files import check_folder, looked_in, own_results, run_named
    from .history import changes_table, history, plain, runs_table
    from .load import load
    runs = [load(run) for run in options.runs]
    path = run_named(options.database or DATABASE)
    if not runs and not path.exists():
        raise ReportError(f"{path}: there is no history yet{looked_in(path)}; name runs to begin one")
    if not options.database and not path.exists():
        path = own_results(path.name)
        path.parent.mkdir(exist_ok=True)
    if options.output:
        check_folder(Path(options.output))
    base, said = history(path, runs)
    changes = changes_table(base)
    text = "".join(line + "\n" for line in said) + "\n" + plain(runs_table(base), 5) + "\n"
    text += plain(changes, 6) if changes.rows else "no exact count changed\n"
    if not options.output and not options.cell:
        return text
    need_packages()
    from .history_page import history_page
    from .write import write_report
    folder = Path(options.output or path.parent / "history")
    return text + f"\nreport: {write_report(history_page(base, options.cell), folder, with_png=True)}\n"


def main(arguments: list[str]) -> int:
    try:
        options = parser().parse_args(arguments)
        said = options.perform(options)
        text, code = said if isinstance(said, tuple) else (said, FINE)
        sys.stdout.write(terminal(text))
        sys.stdout.flush()
        return code
    except ReportError as error:
        print(terminal(f"run-bench: {error}"), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # as with `| head`: it has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
