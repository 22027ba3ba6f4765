# SPDX-License-Identifier: MIT
"""What a user names as an output stays what it is: links, devices, FIFOs, descriptors. What a results file says is
never a path, and a directory has one writer."""

import fcntl
import json
import os
import stat
import threading
import unittest
from pathlib import Path

from gate_case import Gate


class Outputs(Gate):
    def export(self, path, code=0):
        return self.gate(self.a, self.a, "--export", f"json={path}", code=code)

    def test_a_link_is_followed_and_stays(self):
        for target in ("exists.json", "new.json"):
            link = self.directory / f"to-{target}"
            link.symlink_to(target)
            (self.directory / "exists.json").write_text("old")
            self.export(link)
            self.assertTrue(link.is_symlink())
            self.assertEqual(json.loads((self.directory / target).read_text())["verdict"], "pass")
            self.assertFalse((self.directory / target).is_symlink())

    def device(self, name, minor):
        """Root could replace the machine's own devices, so it has some of its own."""
        if os.getuid() != 0:
            return Path("/dev") / name
        try:
            os.mknod(self.directory / name, stat.S_IFCHR | 0o600, os.makedev(1, minor))
            os.close(os.open(self.directory / name, os.O_WRONLY))
        except OSError as error:
            self.skipTest(f"no devices here: {error}")
        return self.directory / name

    def test_devices_stay(self):
        null, full = self.device("null", 3), self.device("full", 7)
        link = self.directory / "link"
        link.symlink_to(null)
        for path in (null, link):
            self.export(path)
        said = self.export(full, code=1).stderr
        self.assertEqual(said, f"probebench: --export json={full}: cannot be written: No space left on device; name a "
                               "file in a folder that exists and has room\n")
        for path in (null, full):
            self.assertTrue(stat.S_ISCHR(os.lstat(path).st_mode))
        self.assertTrue(link.is_symlink())

    def test_a_fifo_is_written_into(self):
        fifo = self.directory / "fifo"
        os.mkfifo(fifo)
        read = []
        reader = threading.Thread(target=lambda: read.append(fifo.read_text()))
        reader.start()
        self.export(fifo)
        reader.join()
        self.assertEqual(json.loads(read[0])["verdict"], "pass")
        self.assertTrue(stat.S_ISFIFO(os.lstat(fifo).st_mode))

    def test_standard_output(self):
        link = self.directory / "stdout"
        link.symlink_to("/proc/self/fd/1")
        table = self.gate(self.a, self.a, code=0).stdout
        for path in (link, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            said = self.export(path).stdout
            self.assertTrue(said.startswith("{") and said.endswith(table), said)
        self.assertTrue(link.is_symlink())

    def test_nothing_is_left_beside(self):
        before = set(self.directory.iterdir())
        self.export(self.directory / "out.json")
        self.assertEqual(set(self.directory.iterdir()) - before, {self.directory / "out.json"})


class Names(Gate):
    def test_a_target_is_no_path(self):
        folder = self.directory / "baselines"
        for name in ("../../escaped", "../escaped", "/tmp/escaped", "a/b", "..", ".", "", "a\nb", "\x1b[2J", "x" * 300):
            def rename(run, name=name):
                run["targets"][0]["id"] = name
                for cell in run["cells"]:
                    cell["target"] = name
            said = self.refused("baseline", "update", self.changed(rename), "--reason", "x", "--baselines", str(folder))
            self.assertIn("b.json: target '", said)
            self.assertIn("cannot name a file: it ", said)
            self.assertFalse(folder.exists())

    def test_all_are_checked_before_one_is_written(self):
        def add(run):
            run["targets"].append(dict(run["targets"][0], id="a/b"))
        folder = self.directory / "baselines"
        self.refused("baseline", "update", self.changed(add), "--reason", "x", "--baselines", str(folder))
        self.assertFalse(folder.exists())


class OneWriter(Gate):
    def test_the_second_run_says_what_to_do(self):
        output = self.directory / "out"
        output.mkdir()
        (output / "results.json").write_text("the first run's")
        held = os.open(output, os.O_RDONLY)
        self.addCleanup(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        cache = {"XDG_CACHE_HOME": str(self.directory / "cache")}
        for command in ((), ("anatomy",), ("gate", "--base", "kernel=6.1", "--head", "kernel=6.12")):
            kind = () if command[:1] == ("gate",) else ("--probe-type", "tracepoint")
            done = self.run_program(*command, *kind, "--quiet", "--output", str(output), **cache)
            self.assertEqual(done.returncode, 69, done.stderr)
            self.assertEqual(done.stderr, f"probebench: write to {output}: another run is writing there; wait for it "
                                          "to end, or choose another directory for --output\n")
            self.assertEqual((output / "results.json").read_text(), "the first run's")


if __name__ == "__main__":
    unittest.main()
