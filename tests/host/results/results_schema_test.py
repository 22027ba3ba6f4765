# SPDX-License-Identifier: MIT
"""Validates a sample results.json against the schema, and shows that the schema refuses damaged ones."""

import copy
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema

SCHEMA_FILE = Path(__file__).parents[3] / "harness/host/results/results.schema.json"
WRITER = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "write_sample_results")


def sample() -> dict:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        subprocess.run([WRITER, path], check=True)
        return json.loads(path.read_text())


def complete(run: dict) -> None:
    run.update(complete=True, ended=None)
    run["targets"][0].update(ended=None, in_flight=None, not_run=[])


def set_at(*path):
    """A mutation: puts the last argument at the place that the others name."""
    *way, last, value = path

    def mutate(run: dict) -> None:
        for key in way:
            run = run[key]
        run[last] = value

    return mutate


def delete_at(*path):
    *way, last = path

    def mutate(run: dict) -> None:
        for key in way:
            run = run[key]
        del run[last]

    return mutate


# Cells of the sample: 0 measured, 1 skipped, 2 errored, 3 invalid.
METRIC = ("cells", 0, "metrics", "instructions_per_hit")
DAMAGE = {
    "another schema version": set_at("schema_version", 2),
    "a missing member": delete_at("cells", 0, "hits"),
    "an unknown member": set_at("cells", 0, "colour", "red"),
    "a probe type that is no name": set_at("cells", 0, "probe_type", "int3 kprobe"),
    "a metric that is unknown": set_at(*METRIC[:-1], "jiffies_per_hit", None),
    "a table of metrics without words": delete_at("metrics", 0, "words"),
    "an unknown state": set_at("cells", 0, "evidence", "state", "fast"),
    "an unknown status": set_at("cells", 0, "status", "ok"),
    "a measured cell with a reason": set_at("cells", 0, "reason", "because"),
    "a measured cell without samples": set_at("cells", 0, "samples", []),
    "a measured cell with a miss": set_at("cells", 0, "hits", "missed", 1),
    "a measured cell without evidence": set_at("cells", 0, "evidence", "armed", None),
    "a skipped cell without a reason": set_at("cells", 1, "reason", None),
    "a skipped cell that lacks nothing": set_at("cells", 1, "lacking", None),
    "an errored cell without a reason": set_at("cells", 2, "reason", None),
    "an exact metric of two rounds": set_at(*METRIC, "n", 2),
    "an exact metric with a spread": set_at(*METRIC, "spread", 0.5),
    "a metric that is no number": set_at(*METRIC, "value", "105"),
    "bytes in upper case": set_at("cells", 0, "evidence", "armed", "E9 62"),
    "an address as a number": set_at("cells", 0, "evidence", "addresses", "site", 4096),
    "a negative count": set_at("cells", 0, "samples", 0, "armed", "n", "ticks", -1),
    "a complete run with a cell in flight": set_at("complete", True),
    "an unknown capability": set_at("targets", 0, "environment", "capabilities", 0, "magic"),
}


class ResultsSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(SCHEMA_FILE.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)
        cls.sample = sample()

    def test_sample_is_valid(self):
        self.validator.validate(self.sample)

    def test_complete_run_is_valid(self):
        run = copy.deepcopy(self.sample)
        complete(run)
        self.validator.validate(run)

    def test_invalid_cell_has_no_metric(self):
        run = copy.deepcopy(self.sample)
        run["cells"][3]["metrics"] = run["cells"][0]["metrics"]
        self.assertFalse(self.validator.is_valid(run))

    def test_damage_is_refused(self):
        for what, mutate in DAMAGE.items():
            with self.subTest(what):
                run = copy.deepcopy(self.sample)
                mutate(run)
                self.assertFalse(self.validator.is_valid(run))


if __name__ == "__main__":
    unittest.main()
