# SPDX-License-Identifier: MIT
"""What is not a results file, or not a sensible command line: one line, exit code 2, never a verdict."""

import copy
import json
import unittest

from gate_case import SAMPLE, Gate

DAMAGE = {
    "empty": ("", "empty"),
    "garbage": ("hello", "not JSON from byte 1"),
    "foreign": ('{"a": 1}', "no `schema_version`"),
    "a list": ("[]", "no `schema_version`"),
    "Google Benchmark's": ('{"context": {}, "benchmarks": []}', "results.json beside it"),
    "pytest-benchmark's": ('{"machine_info": {}, "benchmarks": []}', "this is pytest-benchmark's JSON"),
    "an older schema": (json.dumps(dict(SAMPLE, schema_version=0)), "schema_version 0"),
    "a newer schema": (json.dumps(dict(SAMPLE, schema_version=2)), "schema_version 2"),
    "a schema of another kind": (json.dumps(dict(SAMPLE, schema_version="x")), "expected a number"),
    "cut off": (json.dumps(SAMPLE)[:5000], "cut off"),
    "no targets": (json.dumps(dict(SAMPLE, targets=[])), "no target"),
    "twice the same cell": (json.dumps(dict(SAMPLE, cells=SAMPLE["cells"] * 2)), "there twice"),
    "cells that are no list": (json.dumps(dict(SAMPLE, cells={})), "cells: expected a list, found an object"),
}


def damaged(path, value):
    run = copy.deepcopy(SAMPLE)
    *way, last = path
    place = run
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(run)


METRIC = ("cells", 0, "metrics", "instructions_per_hit")
DAMAGE.update({
    "a missing member": (damaged(("cells", 0, "metrics"), None), "cells[0]: `metrics` is missing"),
    "a number that is a text": (damaged((*METRIC, "value"), "12"), "expected a number, found a text"),
    "an infinite number": (damaged((*METRIC, "value"), float("inf")), "not JSON"),
    "a count of nothing": (damaged((*METRIC, "value"), 0), "an exact count of a hit is from 1 to 2^53, not 0"),
    "a count below nothing": (damaged((*METRIC, "value"), -3), "from 1 to 2^53, not -3"),
    "a count beyond counting": (damaged((*METRIC, "value"), 1e300), "from 1 to 2^53, not 1e+300"),
    "an exact count in a range": (damaged((*METRIC, "low"), 1), "an exact count has an interval"),
    "an unknown class": (damaged((*METRIC, "class"), "good"), "'good' is not one of exact, noisy"),
    "an unknown status": (damaged(("cells", 0, "status"), "ok"), "'ok' is not one of"),
    "an interval beside its value": (damaged((*METRIC, "low"), 1e6), "outside its interval"),
    "an unknown target": (damaged(("cells", 0, "target"), "moon"), "no such target"),
    "a figure of an invalid cell": (damaged(("cells", 0, "status"), "invalid"), "invalid has a figure"),
})


class BadInput(Gate):
    def test_damaged_files(self):
        for what, (content, expected) in DAMAGE.items():
            with self.subTest(what):
                bad = self.write("bad.json", content)
                for command in ("gate", "compare"):
                    for arguments in ((self.a, bad), (bad, self.a)):
                        said = self.refused(command, *arguments)
                        self.assertIn("bad.json", said)
                        self.assertIn(expected, said)

    def test_names_and_options(self):
        self.assertIn("no file", self.refused("gate", self.a, "nowhere"))
        self.assertIn(f"'results/moon' is no file or directory in {self.directory} or ",
                      self.refused("gate", self.a, "results/moon"))
        self.assertIn("no results.json", self.refused("gate", self.a, "/proc/self/fdinfo"))
        self.assertIn("session.json", self.refused("gate", str(self.directory)))
        self.assertIn("takes two results", self.refused("gate"))
        self.assertIn("did you mean kernel?", self.refused("gate", "--base", "kernl=6.1"))
        self.assertIn("native", self.refused("gate", "--target", "native", "--head", "kernel=6.1"))
        self.assertIn("no probebench in it", self.refused("gate", "--head", "build=/proc"))
        self.assertIn("junit", self.refused("gate", self.a, self.a, "--export", "junit"))
        self.assertIn("did you mean junit?", self.refused("gate", self.a, self.a, "--export", "junt=x"))
        self.assertIn("limits", self.refused("gate", self.a, self.a, "--limits", "/nowhere"))
        self.assertIn("not needed", self.refused("gate", self.a, "--head", "kernel=6.1"))
        self.assertIn("--reason", self.refused("baseline", "update", self.a))
        self.assertIn("--reason", self.refused("baseline", "update", self.a, "--reason", " "))


if __name__ == "__main__":
    unittest.main()
