# SPDX-License-Identifier: MIT
"""Where a series of times changed: E-divisive (Matteson and James, "A Nonparametric Approach for Multiple Change Point
Analysis of Multivariate Data", JASA 109, 2014), which assumes nothing of the distribution but that points are
independent. A segment is divided where the energy distance of its parts is greatest, if none of so many shuffled
segments has as great a one anywhere; then each part is looked at alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

FEWEST = 4           # points on each side
SHUFFLES = 1999      # none may be as great: p <= 0.0005, as of hundreds of series each is one more chance of an alarm
SEED = 20140101      # the same series has the same changes, whoever asks


def greatest(distances: numpy.ndarray) -> tuple[float, int]:
    """The greatest energy distance of two parts, scaled by their sizes, and where the second begins."""
    size = len(distances)
    left = numpy.arange(FEWEST, size - FEWEST + 1)
    right = size - left
    within = 2 * numpy.tril(distances, -1).sum(axis=1).cumsum()  # of the first k points, each pair twice
    all_of = distances.sum(axis=1).cumsum()                      # of the first k points to all
    first, cross = within[left - 1], all_of[left - 1] - within[left - 1]
    second = all_of[-1] - 2 * cross - first
    energy = 2 * cross / (left * right) - first / (left * (left - 1)) - second / (right * (right - 1))
    scaled = energy * left * right / size
    best = int(scaled.argmax())
    return float(scaled[best]), int(left[best])


def division(values: numpy.ndarray, random: numpy.random.Generator) -> int | None:
    if len(values) < 2 * FEWEST:
        return None
    distances = numpy.abs(values[:, None] - values[None, :])
    found, place = greatest(distances)
    if found <= 0:
        return None
    for _ in range(SHUFFLES):
        order = random.permutation(len(values))
        if greatest(distances[numpy.ix_(order, order)])[0] >= found * (1 - 1e-9):
            return None
    return place


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
