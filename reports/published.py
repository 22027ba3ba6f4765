# SPDX-License-Identifier: MIT
"""The project's own reference run, as it is kept in the repository, and what the project's text states of it."""

from __future__ import annotations

from pathlib import Path

from .documents import documents, places_in, unclaimed
from .errors import UNAVAILABLE, ReportError
from .load import load
from .merge import merge
from .model import Run
from .statements import check, statements_of

DATA = "reports/published/data"


def reference_runs(root: Path) -> list[str]:
    """The directories of the runs that it is made of, the main one first."""
    folders = sorted(path for path in (root / DATA).glob("*") if path.is_dir())
    if not folders:
        raise ReportError(f"{root / DATA}: there is no reference run; ci/publish makes it", UNAVAILABLE)
    return [str(folder) for folder in folders]


def reference_run(root: Path) -> Run:
    return merge([load(folder) for folder in reference_runs(root)])


def problems_in(root: Path, run: Run) -> tuple[list[str], int]:
    """What does not hold, and the number of places that were looked at."""
    places, problems = [], []
    for path in documents(root):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ReportError(f"{path}: {error.strerror}; --root is the project's directory") from error
        name = str(path.relative_to(root))
        places += places_in(name, lines)
        problems += unclaimed(name, lines)
    problems += check(run, statements_of(root / "reports/claims.toml"), places)
    return problems, len(places)
