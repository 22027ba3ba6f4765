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
from .history.command import add_history, add_store, add_where
from .packages import need_packages
from .serve.command import add_serve
from .sweep.command import add_sweep
from .words import words_of

MOST_TARGETS = 64  # on a page
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
               "  ./run-bench report --add contribution.json.gz --output page   # another machine's times beside\n"
               "  ./run-bench report --store results/store.sqlite --where 'kernel=6.12*' --output page\n")
    report.add_argument("runs", nargs="*", metavar="RUN", help="taken together when there are several")
    report.add_argument("--output", metavar="DIR", help="the files go here [the first run's directory]")
    report.add_argument("--add", metavar="FILE", action="append", default=[],
                        help="what another machine contributed, beside the runs; may be repeated")
    report.add_argument("--compare", metavar="RUN", help="a second run to compare with")
    add_store(report, "in place of RUN, the newest run of each target in a store")
    add_where(report)
    report.add_argument("--ledger", action="store_true",
                        help="what others published about probes, and what the run says of it")
    report.add_argument("--no-png", action="store_true", help="figures as SVG only")
    report.set_defaults(perform=report_command)


def parser() -> Parser:
    top = Parser(prog="run-bench", add_help=False)
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    add_report(commands)
    add_history(commands)
    add_serve(commands)
    add_sweep(commands)
    told = dict(commands.choices)
    words = commands.add_parser("words", description="What `run-bench manual` asks for.")
    words.set_defaults(perform=lambda _: words_of(told))
    return top


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


def runs_of_store(options: argparse.Namespace) -> list:
    if options.runs:
        raise ReportError(f"{options.runs[0]}: with --store, --where says which runs; leave the name out")
    if not options.output:
        raise ReportError("--output is missing: a page of a store has no directory of its own")
    from .store import open_store
    with open_store(options.store, writable=False) as store:
        from .store.load import runs_in
        from .store.questions import chosen
        return runs_in(store, chosen(store, options.where, MOST_TARGETS))


def report_command(options: argparse.Namespace) -> str:
    need_packages()
    from .files import check_folder, run_named
    from .load import load
    from .merge import merge
    from .sections import page_of
    from .write import write_report
    if options.where and not options.store:
        raise ReportError("--where chooses among the targets of a store; name it with --store")
    added = contributions(options.add)
    given = options.runs or ([] if options.add or options.store else ["results/latest"])
    runs = runs_of_store(options) if options.store else [load(run) for run in given]
    runs = runs or [one.run for one in added]
    first = run_named((given + options.add + [options.output])[0])
    output = Path(options.output) if options.output else first if first.is_dir() else first.parent
    check_folder(output)
    page = page_of(merge(runs), merge([load(options.compare)]) if options.compare else None, options.ledger,
                   contributed(added) if given or options.store else None)
    return f"report: {write_report(page, output, with_png=not options.no_png)}\n"


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
