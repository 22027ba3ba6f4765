# SPDX-License-Identifier: MIT
"""Every figure that a run has data for, in the order of the page."""

from __future__ import annotations

from ..model import Run
from .cost import cost_figure
from .figure import Figure


def all_figures(run: Run) -> list[Figure]:
    figures: list[Figure | None] = []
    for ordinal, target in enumerate(run.targets, 1):
        figures += [cost_figure(run, target, ordinal, exact) for exact in (True, False)]
    return [figure for figure in figures if figure]
