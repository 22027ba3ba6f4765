# SPDX-License-Identifier: MIT
"""Where a series of times changed: E-divisive (Matteson and James, "A Nonparametric Approach for Multiple Change Point
Analysis of Multivariate Data", JASA 109, 2014), which assumes nothing of the distribution but that points are
independent. A segment is divided where the energy distance of what is before and what follows, up to any later point,
is greatest, if none of so many shuffled segments has as great a one anywhere; then each part is looked at alike."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy

FEWEST = 4           # points on each side
SHUFFLES = 1999      # none may be as great: p <= 0.0005, as of hundreds of series each is one more chance of an alarm
SEED = 20140101      # the same series has the same changes, whoever asks


@functools.lru_cache(maxsize=8)
def weights(points: int) -> tuple[numpy.ndarray, ...]:
    """Of the sums below, for the part before (a row for each) and the one behind it, up to each place (a column): what
    makes energy distances of them, scaled by the parts' sizes. 0 where a part is too short."""
    ends = numpy.arange(points + 1.0)
    left, right = numpy.broadcast_arrays(ends[:, None], ends[None, :] - ends[:, None])
    fit = (left >= FEWEST) & (right >= FEWEST)
    left, right = numpy.where(fit, left, FEWEST), numpy.where(fit, right, FEWEST)
    cross = numpy.where(fit, 2 / (left + right), 0)
    first = numpy.where(fit, right / ((left + right) * (left - 1)), 0)
    second = numpy.where(fit, left / ((left + right) * (right - 1)), 0)
    return cross + 2 * second, cross + first + second, second


def energies(distances: numpy.ndarray) -> numpy.ndarray:
    """The energy distance of each two parts, scaled."""
    points = len(distances)
    of_sums, of_rows, of_columns = weights(points)
    sums = numpy.zeros((points + 1, points + 1))  # of all pairs among the first so many and the first so many
    numpy.cumsum(distances, axis=0, out=sums[1:, 1:])
    numpy.cumsum(sums, axis=1, out=sums)
    own = sums.diagonal().copy()
    sums *= of_sums
    sums -= own[:, None] * of_rows
    sums -= own[None, :] * of_columns
    return sums


def division(values: numpy.ndarray, random: numpy.random.Generator) -> int | None:
    if len(values) < 2 * FEWEST:
        return None
    distances = numpy.abs(values[:, None] - values[None, :])
    scaled = energies(distances)
    found = scaled.max()
    if found <= 0:
        return None
    for _ in range(SHUFFLES):
        order = random.permutation(len(values))
        if energies(distances[numpy.ix_(order, order)]).max() >= found * (1 - 1e-9):
            return None
    return int(scaled.argmax()) // (len(values) + 1)


def change_points(values: Sequence[float]) -> list[int]:
    """The first point of each segment but the first."""
    random = numpy.random.default_rng(SEED)
    found, waiting = [], [(0, numpy.asarray(values, dtype=float))]
    while waiting:
        begin, segment = waiting.pop()
        place = division(segment, random)
        if place is not None:
            found.append(begin + place)
            waiting += [(begin, segment[:place]), (begin + place, segment[place:])]
    return sorted(found)
