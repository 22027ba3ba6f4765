# SPDX-License-Identifier: MIT
"""The project's own reference run, as it is kept in the repository."""

from __future__ import annotations

from pathlib import Path

from .errors import UNAVAILABLE, ReportError
from .load import load
from .merge import merge
from .model import Run

DATA = "reports/published/data"


def reference_runs(root: Path) -> list[str]:
    """The directories of the runs that it is made of, the main one first."""
    folders = sorted(path for path in (root / DATA).glob("*") if path.is_dir())
    if not folders:
        raise ReportError(f"{root / DATA}: there is no reference run; ci/publish makes it", UNAVAILABLE)
    return [str(folder) for folder in folders]


def reference_run(root: Path) -> Run:
    return merge([load(folder) for folder in reference_runs(root)])
