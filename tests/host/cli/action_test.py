# SPDX-License-Identifier: MIT
"""ci/action, which action.yml runs, with a stand-in for run-bench: what it asks for, what it leaves for a comment."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(os.environ["PROBEBENCH_ROOT"])

STAND_IN = '''#!/usr/bin/python3
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
(here / "asked").write_text(json.dumps(sys.argv[1:]))
exports = sys.argv[sys.argv.index("--export") + 1]
if (here / "breaks").exists():
    sys.exit(69)
for one in exports.split(","):
    kind, _, path = one.partition("=")
    text = {"json": json.dumps({"verdict": "regression"}), "markdown": "| cell |\\n|---|\\n| x |\\n"}.get(kind, kind)
    pathlib.Path(path).write_text(text)
sys.exit(3)
'''


class Action(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name)
        (self.directory / "ci").mkdir()
        shutil.copy(ROOT / "ci/action", self.directory / "ci/action")
        program = self.directory / "run-bench"
        program.write_text(STAND_IN)
        program.chmod(0o755)

    def run_action(self, code, **inputs):
        environment = {f"PROBEBENCH_{name.upper()}": value for name, value in inputs.items()}
        done = subprocess.run([self.directory / "ci/action"], cwd=self.directory, text=True, capture_output=True,
                              check=False, env={"PATH": os.environ["PATH"], "GITHUB_OUTPUT": "told", **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def asked(self, **inputs):
        self.run_action(3, **inputs)
        return json.loads((self.directory / "asked").read_text())

    def comment(self):
        return (self.directory / "probebench-gate/comment.md").read_text()

    def test_names_and_paths_are_kernels(self):
        words = self.asked(base="6.12", head="./linux/")
        self.assertEqual(words[:2], ["gate", "--export"])
        self.assertEqual(words[3:], ["--base", "kernel=6.12", "--head", "kernel=./linux/", "--probe-type", "kmod",
                                     "--handler", "count", "--output", "probebench-gate/session"])

    def test_a_side_may_be_spelled_as_for_gate(self):
        words = self.asked(base="6.12", head="6.12\narg=mitigations=off", arguments="--jobs 2 --cpu 'max,-fsrm'")
        self.assertEqual(words[5:9], ["--head", "kernel=6.12", "--head", "arg=mitigations=off"])
        self.assertEqual(words[-4:], ["--jobs", "2", "--cpu", "max,-fsrm"])

    def test_packages_of_an_artifact_are_found(self):
        folder = self.directory / "an artifact"
        folder.mkdir()
        for name in ("linux-image-6.13.0_1_amd64.deb", "linux-image-6.13.0-dbg_1_amd64.deb",
                     "linux-headers-6.13.0_1_amd64.deb", "linux-libc-dev_1_amd64.deb"):
            (folder / name).touch()
        words = self.asked(base="6.12", head="an artifact", limits="limits.toml")
        self.assertEqual(words[5:9], ["--head", "kernel=an artifact/linux-image-6.13.0_1_amd64.deb", "--head",
                                      "headers=an artifact/linux-headers-6.13.0_1_amd64.deb"])
        self.assertEqual(words[-2:], ["--limits", "limits.toml"])

    def test_runs_are_not_measured_again(self):
        for name in ("one", "two"):
            (self.directory / name).mkdir()
            (self.directory / name / "results.json").touch()
        self.assertEqual(self.asked(base="one", head="two")[3:], ["one", "two"])
        self.assertIn("name two runs or two kernels", self.run_action(2, base="one", head="6.12").stderr)

    def test_what_a_pull_request_is_told(self):
        self.run_action(3, base="6.12", head="`x`")
        self.assertTrue(self.comment().startswith(
            "<!-- probebench-gate -->\n**probebench: regression** (exit 3), `x` against `6.12`\n"))
        self.assertIn("<details><summary>What changed</summary>\n\n| cell |", self.comment())
        self.assertEqual((self.directory / "told").read_text(),
                         "verdict=regression\ncomment=probebench-gate/comment.md\nsession=probebench-gate\n")

    def test_a_gate_that_did_not_run_is_no_verdict(self):
        self.run_action(3, base="6.12", head="6.1")
        (self.directory / "breaks").touch()
        self.run_action(69, base="6.12", head="6.1")
        self.assertIn("**probebench: error** (exit 69)", self.comment())
        self.assertIn("The gate did not run", self.comment())
        self.assertIn("both are needed", self.run_action(2, base="6.12").stderr)

    def test_the_description_names_each_input_that_is_read(self):
        description, script = (ROOT / "action.yml").read_text(), (ROOT / "ci/action").read_text()
        for name in ("base", "head", "probe-type", "handler", "limits", "arguments", "output"):
            variable = "PROBEBENCH_" + name.upper().replace("-", "_")
            self.assertIn(f"        {variable}: ${{{{ inputs.{name} }}}}\n", description)
            self.assertIn(f"\n  {name}:\n    description:", description)
            self.assertIn(variable, script)


if __name__ == "__main__":
    unittest.main()
