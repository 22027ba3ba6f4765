# SPDX-License-Identifier: MIT
"""Where a line of points changed: exact counts where they differ, times where a change is beyond chance."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from ..store.answers import Point


@dataclass(frozen=True)
class Step:
    """From one level to the next."""
    place: int  # of the first point that has the new one
    before: float
    now: float


def exact_steps(points: list[Point]) -> list[Step]:
    """Neighbours whose exact counts differ."""
    return [Step(place, before.value, now.value)
            for place, (before, now) in enumerate(zip(points, points[1:]), 1)
            if before.exact and now.exact and before.value != now.value]


def timed_steps(points: list[Point]) -> list[Step]:
    """Levels are medians."""
    from .change_points import change_points
    values = [point.value for point in points]
    begins = change_points(values)
    ends = [*begins[1:], len(values)]
    return [Step(begin, statistics.median(values[before:begin]), statistics.median(values[begin:end]))
            for before, begin, end in zip([0, *begins], begins, ends)]


def steps_in(points: list[Point]) -> list[Step]:
    return timed_steps(points) if points and not any(point.exact for point in points) else exact_steps(points)
