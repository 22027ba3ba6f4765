# SPDX-License-Identifier: MIT
"""Results for a notebook: `import probebench`, with this folder in PYTHONPATH. Nothing is built, nothing is printed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from reports.load import load as load_run  # noqa: E402  (found through the line above)
from reports.merge import merge  # noqa: E402
from reports.model import Cell, Run, Unit  # noqa: E402

if TYPE_CHECKING:
    import pandas

COLUMNS = ("run", "kernel", "target", "accel", "clock", "probe_type", "driver", "site", "handler", "threads", "status",
           "reason", "state", "metric", "unit", "value", "low", "high", "exact", "rounds", "hits", "calls", "missed")


def figure_of(cell: Cell, unit: Unit | None) -> tuple[Any, ...]:
    metric = cell.metric(unit.metric) if unit else None
    if unit is None or metric is None:
        return (None,) * 7
    return (unit.metric, unit.short, metric.value, metric.low, metric.high, metric.exact, metric.n)


def rows_of(run: Run, name: str) -> list[tuple[Any, ...]]:
    """One for each figure of a cell; of a cell without one, a row that says why."""
    rows = []
    for cell in run.cells:
        target = run.target(cell.target)
        told: list[Unit | None] = [unit for unit in run.metrics if cell.metric(unit.metric)]
        hits = (cell.hits.counted, cell.hits.expected, cell.hits.missed) if cell.hits else (None,) * 3
        for unit in told or [None]:
            rows.append((name, target.release, target.id, target.accel, target.clock, cell.probe_type, cell.driver,
                         cell.site, cell.handler, cell.threads, cell.status, cell.reason, cell.state,
                         *figure_of(cell, unit), *hits))
    return rows


def load(*runs: str | Path) -> pandas.DataFrame:
    """Of directories of runs or results.json files, packed or not; one row for each figure. A directory of such
    directories is all of them."""
    import pandas
    rows = []
    for given in runs:
        for folder in runs_in(Path(given)):
            rows += rows_of(merge([load_run(str(folder))]), folder.name)
    return pandas.DataFrame(rows, columns=list(COLUMNS))


def runs_in(path: Path) -> list[Path]:
    def is_run(folder: Path) -> bool:
        return any((folder / name).exists() for name in ("results.json", "results.json.gz"))
    inside = sorted(one for one in path.iterdir() if is_run(one) and not one.is_symlink()) if path.is_dir() else []
    return inside if inside and not is_run(path) else [path]
