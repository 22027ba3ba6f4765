# SPDX-License-Identifier: MIT
"""Every figure that a run has data for, in the order of the page."""

from __future__ import annotations

from dataclasses import replace

from ..model import Run, Target
from ..wording import lead_target
from .anatomy import icicle_figures, phases_figure
from .comparison import comparison_figures
from .cost import cost_figure
from .counts_time import counts_time_figure
from .distribution import distribution_figure
from .figure import Figure
from .handlers import handlers_figure
from .kernels import kernels_figure
from .scaling import probes_figure, threads_figure
from .surface import surface_figure
from .workloads import workloads_figure


def of_target(run: Run, target: Target, ordinal: int) -> list[Figure | None]:
    figures = [cost_figure(run, target, ordinal, exact) for exact in (True, False)]
    figures += [threads_figure(run, target, ordinal)]
    figures += [phases_figure(run, target, ordinal, user) for user in (False, True)]
    if target.id == anatomy_lead(run):
        figures += icicle_figures(run, target, ordinal)
    figures += [handlers_figure(run, target, ordinal), distribution_figure(run, target, ordinal)]
    return [replace(figure, of=target.id) for figure in figures if figure]


def anatomy_lead(run: Run) -> str | None:
    """The machine whose hits are drawn function by function: the lead one, if it has any."""
    lead = lead_target(run)
    recorded = [one.target for one in run.anatomies]
    return lead.id if lead and lead.id in recorded else next(iter(recorded), None)


def lead_id(lead: Target | None) -> str | None:
    return lead.id if lead else None


def all_figures(run: Run, groups: list[list[Target]], other: Run | None) -> list[Figure]:
    """The lead machine's first."""
    lead = lead_target(run)
    figures: list[Figure | None] = []
    for ordinal, target in sorted(enumerate(run.targets, 1), key=lambda item: item[1] is not lead):
        figures += of_target(run, target, ordinal)
    figures += [kernels_figure(run, group, ordinal) for ordinal, group in enumerate(groups, 1)]
    for ordinal, one in sorted(enumerate(run.reproductions, 1), key=lambda item: item[1]["target"] != lead_id(lead)):
        made = [make(run, one, ordinal) for make in (surface_figure, workloads_figure, probes_figure)]
        known = any(target.id == one["target"] for target in run.targets)
        figures += [replace(figure, of=one["target"] if known else None) for figure in made if figure]
    figures.append(counts_time_figure(run))
    if other:
        figures += comparison_figures(run, other)
    return [figure for figure in figures if figure]
