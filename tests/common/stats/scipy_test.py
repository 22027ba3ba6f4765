# SPDX-License-Identifier: MIT
"""The gate's statistics against SciPy's and NumPy's."""

import json
import os
import subprocess
import unittest

import numpy
import scipy.stats

ANSWERS = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "paired_answers")
RESAMPLES = 20000


def answers(**question):
    filled = {"values": [1.0, 2.0], "heads": [1.0, 2.0], "miss": 0.05, "resamples": 10, "bound": 0.0, "p": [],
              "drawn": [2, 1, 1, 1], "freedom": 1, "above": 0.1}
    filled.update(question)
    done = subprocess.run([ANSWERS], input=json.dumps(filled), text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def samples():
    """Seeded samples of several shapes and sizes, odd and even."""
    generator = numpy.random.default_rng(20)
    for size in (9, 10, 20, 21, 40):
        yield generator.normal(0.05, 0.02, size)
        yield generator.standard_t(2, size)
        yield generator.exponential(1, size)


class AgainstSciPy(unittest.TestCase):
    def test_interval(self):
        """Of order statistics, as far out as the binomial distribution asks for."""
        for values in samples():
            n, ordered = len(values), numpy.sort(values)
            for miss in (0.002, 0.01, 0.025, 0.05):
                below = numpy.flatnonzero(scipy.stats.binom.cdf(numpy.arange(n), n, 0.5) <= miss)
                rank = below[-1] if len(below) else 0
                ours = answers(values=list(values), miss=miss)
                self.assertEqual((ours["low"], ours["high"]), (ordered[rank], ordered[n - 1 - rank]))

    def test_standard_error(self):
        for values in samples():
            theirs = scipy.stats.bootstrap((values,), numpy.median, n_resamples=RESAMPLES, method="percentile",
                                           vectorized=True, random_state=numpy.random.default_rng(3))
            ours = answers(values=list(values), resamples=RESAMPLES)["standard_error"]
            self.assertLess(abs(ours / theirs.standard_error - 1), 0.05)

    def test_drawn(self):
        for drawn in ((60, 20, 10, 8), (60, 20, 7, 5), (10, 8, 5, 0), (10, 8, 5, 4), (300, 100, 40, 20), (9, 3, 0, 0)):
            expected = scipy.stats.hypergeom.sf(drawn[3] - 1, *drawn[:3])
            self.assertAlmostEqual(answers(drawn=drawn)["drawn_p"], expected, places=10)

    def test_student(self):
        for freedom in (1, 2, 3, 4, 5, 10, 31):
            for above in (0.1, 0.01, 0.0003):
                expected = scipy.stats.t.isf(above, freedom)
                self.assertAlmostEqual(answers(freedom=freedom, above=above)["student"] / expected, 1, places=7)

    def test_slow_mode(self):
        """The same counts, by NumPy, and their hypergeometric tail."""
        generator = numpy.random.default_rng(4)
        for share in (0.0, 0.05, 0.4, 0.9):
            base = numpy.exp(generator.normal(0, 0.01, 40) + 0.2 * (generator.random(40) < 0.05))
            head = numpy.exp(generator.normal(0, 0.01, 20) + 0.2 * (generator.random(20) < share))
            pool = numpy.concatenate((numpy.log(base), numpy.log(head / 1.02)))
            low, centre = numpy.quantile(pool, (scipy.stats.norm.cdf(-1), 0.5))
            slow = pool > centre + max(numpy.log(1.02), 3 * (centre - low))
            expected = (slow[:40].mean(), slow[40:].mean(),
                        scipy.stats.hypergeom.sf(slow[40:].sum() - 1, 60, 20, slow.sum()))
            numpy.testing.assert_allclose(answers(values=list(base), heads=list(head), bound=0.02)["slow"], expected,
                                          rtol=1e-9)

    def test_sign_test(self):
        for values in samples():
            for bound in (-0.01, 0.0, 0.03, 0.5):
                above = int(numpy.sum(values > bound))
                expected = scipy.stats.binomtest(above, len(values), 0.5, alternative="greater").pvalue
                self.assertAlmostEqual(answers(values=list(values), bound=bound)["sign_p"], expected, places=10)

    def test_log_ratios(self):
        for values in samples():
            base = numpy.abs(values) + 0.1
            head = base[::-1] * 1.05
            expected = numpy.log(head / base)
            numpy.testing.assert_allclose(answers(values=list(base), heads=list(head))["log_ratios"], expected,
                                          rtol=1e-12)

    def test_holm(self):
        """SciPy has no Holm; its definition: p_(i) times (n - i), made monotonic."""
        generator = numpy.random.default_rng(5)
        for size in (1, 2, 7, 30):
            p = generator.uniform(0, 1, size) ** 3
            order = numpy.argsort(p)
            expected = numpy.empty(size)
            expected[order] = numpy.minimum(1, numpy.maximum.accumulate(p[order] * (size - numpy.arange(size))))
            numpy.testing.assert_allclose(answers(p=list(p))["holm"], expected, rtol=1e-12)


if __name__ == "__main__":
    unittest.main()
