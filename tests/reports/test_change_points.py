# SPDX-License-Identifier: MIT
"""Where times changed: hundreds of series that do not change raise no alarm, and real changes are found."""

import numpy
import pytest

from reports.history.change_points import FEWEST, change_points

# Of one level each: the normal one, one with a long tail as times have it, one with outliers to both sides.
STATIONARY = {"normal": lambda random, size: random.normal(100, 3, size),
              "lognormal": lambda random, size: 100 + random.lognormal(0, 1, size),
              "outliers": lambda random, size: 100 + random.standard_t(3, size)}


@pytest.mark.parametrize("kind", STATIONARY)
def test_no_alarm_in_a_hundred_stationary_series(kind):
    random = numpy.random.default_rng(7)
    for _ in range(100):
        series = STATIONARY[kind](random, int(random.integers(2 * FEWEST, 81)))
        assert change_points(series) == []


@pytest.mark.parametrize("kind", STATIONARY)
def test_a_step_is_found_where_it_is(kind):
    random = numpy.random.default_rng(8)
    series = STATIONARY[kind](random, 40)
    series[25:] += 8 * numpy.median(numpy.abs(series - numpy.median(series)))
    found = change_points(series)
    assert len(found) == 1 and abs(found[0] - 25) <= 1
    assert change_points(series) == found, "whoever asks"


def test_two_steps_and_the_first_point_of_each():
    random = numpy.random.default_rng(9)
    series = numpy.concatenate([random.normal(level, 0.5, 15) for level in (100, 110, 100)])
    assert change_points(series) == [15, 30]


def test_what_is_too_short_or_all_alike_has_none():
    assert change_points([]) == change_points([1.0]) == change_points([5.0] * 50) == []
    assert change_points([1.0] * FEWEST + [2.0] * (FEWEST - 1)) == []
