# SPDX-License-Identifier: MIT
"""`--target ssh:`: the running kernel as another machine's, with a stand-in for ssh."""

import json
import os
import signal
import subprocess
import time
import unittest

from native_run import COMMON_NAMES, PROBEBENCH, Native, is_disturbed, read


class OverSsh(Native):
    """A stand-in for ssh runs the command here: what is carried, what runs there and what is left are as they are."""
    SSH = """#!/bin/bash
for command; do :; done
cd / && exec 4<&0
setsid -w sh -c "$command" < <(exec cat <&4 2>/dev/null) > >(exec cat)
"""

    def setUp(self):
        super().setUp()
        self.programs = os.path.join(self.directory, "programs")
        os.mkdir(self.programs)
        self.program("ssh", self.SSH)

    def program(self, name, text):
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def environment(self):
        places = os.path.join(self.directory, "there")
        os.makedirs(places, exist_ok=True)
        return dict(os.environ, TMPDIR=places, PATH=f"{self.programs}:{os.environ['PATH']}")

    def over_ssh(self, *arguments):
        command = [PROBEBENCH, "--target", "ssh:there", "--quiet", "--output", os.path.join(self.directory, "other"),
                   *arguments]
        done = subprocess.run(command, env=self.environment(), text=True, capture_output=True, timeout=100, check=False)
        return done.returncode, done.stderr

    def test_it_measures_what_a_native_run_does_and_leaves_nothing(self):
        arguments = ("--probe-type", "raw-tp,uprobe,kprobe-optimized", "--rounds", "6")
        here = self.cells(*arguments)
        code, stderr = self.over_ssh(*arguments)
        self.assertIn(code, (0, 1), stderr)
        results = json.loads(read(os.path.join(self.directory, "other", "results.json")))
        self.assertEqual(results["targets"][0]["kind"], "native")
        if os.uname().nodename not in COMMON_NAMES:
            self.assertNotIn(os.uname().nodename, json.dumps(results["targets"]))

        def rows(cells):
            return [(cell["name"], cell["status"], cell["evidence"]["state"]) for cell in cells]
        disturbed = {cell["name"] for cell in here + results["cells"] if is_disturbed(cell)}
        self.assertEqual([row for row in rows(here) if row[0] not in disturbed],
                         [row for row in rows(results["cells"]) if row[0] not in disturbed])
        self.assertEqual(os.listdir(os.path.join(self.directory, "there")), [])

    def test_what_is_left_of_a_lost_connection_is_what_was_finished(self):
        arguments = ["--probe-type", "raw-tp", "--rounds", "6000"]
        command = [PROBEBENCH, "--target", "ssh:there", "--output", os.path.join(self.directory, "other"), *arguments]
        process = subprocess.Popen(command, env=self.environment(), text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        places = os.path.join(self.directory, "there")
        deadline = time.monotonic() + 60
        results = os.path.join(self.directory, "other", "results.json")
        while not os.path.exists(results) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        # All that stands in for the connection, and nothing of what stands in for the other machine.
        for task in os.listdir(f"/proc/{process.pid}/task"):
            for child in read(f"/proc/{process.pid}/task/{task}/children").split():
                os.killpg(int(child), signal.SIGKILL)
        _, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, stderr)
        self.assertIn("the connection was lost: there", stderr)
        self.assertTrue(json.loads(read(results))["ended"])
        while os.listdir(places) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(os.listdir(places), [])

    def test_a_host_that_is_not_reached_is_one_line(self):
        self.program("ssh", "#!/bin/sh\necho 'root@there: Permission denied (publickey).' >&2\nexit 255\n")
        code, stderr = self.over_ssh("--probe-type", "raw-tp")
        self.assertEqual(code, 69, stderr)
        self.assertIn("reach there by ssh: it takes none of your keys", stderr)
        self.assertEqual(len(stderr.strip().splitlines()), 1, stderr)


if __name__ == "__main__":
    unittest.main()
