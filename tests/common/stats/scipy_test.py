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
    filled = {"values": [1.0, 2.0], "heads": [1.0, 2.0], "miss": 0.05, "resamples": 10, "bound": 0.0, "p": []}
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
    def test_bootstrap_interval(self):
        """Percentiles of resampled medians lie on the samples themselves, so two generators differ by at most
        one order statistic where a percentile falls beside a step: the ranks are compared."""
        for values in samples():
            for miss in (0.01, 0.05):
                ours = answers(values=list(values), miss=miss, resamples=RESAMPLES)
                theirs = scipy.stats.bootstrap((values,), numpy.median, confidence_level=1 - 2 * miss,
                                               n_resamples=RESAMPLES, method="percentile", vectorized=True,
                                               random_state=numpy.random.default_rng(3))
                interval = theirs.confidence_interval
                ordered = numpy.sort(values)
                for one, other in ((ours["low"], interval.low), (ours["high"], interval.high)):
                    ranks = numpy.interp([one, other], ordered, numpy.arange(len(values)))
                    self.assertLessEqual(abs(ranks[0] - ranks[1]), 1)
                self.assertLess(abs(ours["standard_error"] / theirs.standard_error - 1), 0.05)

    def test_bootstrap_median_exactly(self):
        """Of an odd sample the resampled median's distribution is known without resampling."""
        for values in samples():
            n = len(values)
            if n % 2 == 0:
                continue
            ordered = numpy.sort(values)
            below = scipy.stats.binom.sf(n // 2, n, numpy.arange(1, n + 1) / n)  # P(median* <= x_(k))
            for miss in (0.01, 0.05):
                if numpy.min(numpy.abs(below - miss)) < 0.004:
                    continue  # beside a step 20000 resamples may fall on either side
                ours = answers(values=list(values), miss=miss, resamples=RESAMPLES)
                self.assertEqual(ours["low"], ordered[numpy.argmax(below >= miss)])

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
