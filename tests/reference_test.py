# SPDX-License-Identifier: MIT
"""What was measured can be had again: ci/reference.toml names the packages of the reference run and the baselines."""

import gzip
import json
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "reports/published/data"


def named_versions():
    return {kernel["version"] for kernel in tomllib.loads((ROOT / "ci/reference.toml").read_text())["kernel"]}


def published_versions():
    for file in PUBLISHED.glob("*/results.json.gz"):
        for target in json.loads(gzip.decompress(file.read_bytes()))["targets"]:
            # A kernel that was built from source, for ci/configs, is of no package.
            if target["kind"] == "vm" and "kernel.package_version" in target["host"]:
                yield target["host"]["kernel.package_version"]


def baseline_versions():
    for file in (ROOT / "ci/baselines").glob("vm-*.json"):
        yield json.loads(file.read_text())["facts"]["kernel.package_version"]


class Reference(unittest.TestCase):
    def test_names_the_kernels_of_the_reference_run(self):
        versions = set(published_versions())
        self.assertGreaterEqual(len(versions), 4)
        self.assertLessEqual(versions, named_versions())

    def test_names_the_kernels_of_the_baselines(self):
        versions = set(baseline_versions())
        self.assertGreaterEqual(len(versions), 2)
        self.assertLessEqual(versions, named_versions())

    def test_has_an_archive(self):
        self.assertIn("{archive}", tomllib.loads((ROOT / "ci/reference.toml").read_text())["archive"])


if __name__ == "__main__":
    unittest.main()
