# SPDX-License-Identifier: MIT
"""Everything that ci/check-claims looks at below one directory."""

from __future__ import annotations

from pathlib import Path

from .documents import documents, places_in, unclaimed
from .errors import ReportError
from .model import Run
from .statements import check, statements_of


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
