# SPDX-License-Identifier: MIT
"""The commands report and history of run-bench. Only this file prints and chooses an exit code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .errors import FAILED, FINE, UNAVAILABLE, ReportError


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        raise ReportError(f"{message}; see ./run-bench report --help")


def parser() -> Parser:
    top = Parser(prog="run-bench", add_help=False)
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    report = commands.add_parser(
        "report", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="One page of one run or several: HTML, Markdown, and each figure as SVG and PNG.",
        epilog="RUN is a run's directory or its results.json [results/latest]; anatomy.json and\n"
               "reproduce.json beside it are used as well. The same input gives the same bytes.\n"
               "Example: ./run-bench report results/latest --compare results/before --output page")
    report.add_argument("runs", nargs="*", metavar="RUN", help="taken together when there are several")
    report.add_argument("--output", metavar="DIR", help="the files go here [the first run's directory]")
    report.add_argument("--compare", metavar="RUN", help="a second run to compare with")
    report.add_argument("--no-png", action="store_true", help="figures as SVG only")
    return top


def report_command(options: argparse.Namespace) -> str:
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ReportError(f"the report needs Python's {error.name}; install python3-matplotlib and python3-jinja2, or "
                          "let ./run-bench report do it", UNAVAILABLE) from error
    from .load import load
    from .merge import merge
    from .sections import page_of
    from .write import write_report
    given = options.runs or ["results/latest"]
    runs = [load(run) for run in given]
    first = Path(given[0])
    output = Path(options.output) if options.output else first if first.is_dir() else first.parent
    names = [Path(run.sources[0].path).name for run in runs]
    page = page_of(merge(runs), names, load(options.compare) if options.compare else None)
    return f"report: {write_report(page, output, with_png=not options.no_png)}\n"


def main(arguments: list[str]) -> int:
    try:
        options = parser().parse_args(arguments)
        sys.stdout.write(report_command(options))
        return FINE
    except ReportError as error:
        print(f"run-bench: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
