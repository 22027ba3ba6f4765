# SPDX-License-Identifier: MIT
"""The packaged kernel source in the configurations of ci/configs.toml, each built and booted: what has to hold of the
columns whatever their counts are, and that the published ones are still what this source gives."""

import gzip
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(os.environ["PROBEBENCH_ROOT"])
PROBEBENCH = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin/probebench")
SOURCE = Path("/usr/src/linux-source-6.12.tar.xz")
PUBLISHED = ROOT / "reports/published/data"
MEASURED_BY = ("kernel.release", "compiler.version", "qemu.version")
FACTS = ("kernel.options", *MEASURED_BY)


def columns_of(run):
    """By folder: the facts, and what was measured."""
    columns = {}
    for target in run["targets"]:
        facts = {name: {**target["host"], **target["environment"]["facts"]}.get(name, "") for name in FACTS}
        cells = {cell["name"]: cell for cell in run["cells"] if cell["target"] == target["id"]}
        columns[Path(target["host"]["kernel.name"]).name] = (facts, cells)
    return columns


def counts_of(cells):
    return {name: cell["metrics"]["instructions_per_hit"]["value"] for name, cell in cells.items()
            if cell["status"] == "measured"}


@unittest.skipUnless(SOURCE.exists(), f"no {SOURCE}: apt install linux-source-6.12")
class Configurations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(dir=os.environ["PROBEBENCH_BUILD"])
        cls.addClassCleanup(scratch.cleanup)
        place = Path(scratch.name)
        work = os.environ.get("PROBEBENCH_CONFIGS", place / "work")  # kernels that are there
        subprocess.run([ROOT / "ci/configs", place / "run", work], check=True,
                       env={**os.environ, "PROBEBENCH": PROBEBENCH})
        cls.columns = columns_of(json.loads((place / "run/results.json").read_text()))

    def has(self, folder, option):
        return option in self.columns[folder][0]["kernel.options"].split()

    def test_each_is_measured_as_it_was_configured(self):
        self.assertEqual(list(self.columns), ["base", "preempt", "preempt-dynamic", "no-mitigations", "no-rethunk",
                                              "lockdep"])
        for folder, (_facts, cells) in self.columns.items():
            self.assertEqual([name for name, cell in cells.items() if cell["status"] in ("errored", "invalid")], [])
            self.assertGreater(len(counts_of(cells)), 50, folder)
            self.assertEqual(self.has(folder, "PREEMPTION"), folder.startswith("preempt"))
            self.assertEqual(self.has(folder, "CPU_MITIGATIONS"), folder != "no-mitigations")
            self.assertEqual(self.has(folder, "MITIGATION_RETHUNK"), not folder.startswith("no-"))
            self.assertEqual(self.has(folder, "PROVE_LOCKING"), folder == "lockdep")

    def test_a_probe_is_boosted_where_nothing_preempts(self):
        for folder, (_facts, cells) in self.columns.items():
            (boosted,) = (cell for cell in cells.values() if cell["probe_type"] == "kprobe-boosted")
            self.assertEqual(boosted["status"] == "measured", not self.has(folder, "PREEMPTION"), folder)

    def test_the_published_columns_are_what_this_source_gives(self):
        published = {}
        for path in PUBLISHED.glob("7-configs*/results.json.gz"):
            published.update(columns_of(json.loads(gzip.decompress(path.read_bytes()))))
        for folder in self.columns.keys() & published.keys():
            facts, cells = self.columns[folder]
            known, known_cells = published[folder]
            if any(facts[name] != known[name] for name in MEASURED_BY):
                self.skipTest(f"measured with {facts}, published with {known}")
            self.assertEqual(counts_of(cells), counts_of(known_cells), folder)


if __name__ == "__main__":
    unittest.main()
