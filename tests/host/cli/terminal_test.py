# SPDX-License-Identifier: MIT
"""What the program does to a terminal and to a pipe."""

import os
import pty
import re
import subprocess
import unittest
from pathlib import Path

PROBEBENCH = Path(os.environ["PROBEBENCH_BUILD"]) / "bin/probebench"
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


class Terminal(unittest.TestCase):
    def on_terminal(self, *words, **environment):
        """All that arrives at a terminal which is both of the program's outputs."""
        ours, theirs = pty.openpty()
        with open(ours, "rb", buffering=0) as terminal:
            started = subprocess.Popen([PROBEBENCH, *words], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                                       env={**os.environ, **environment})
            os.close(theirs)
            shown = b""
            try:
                while piece := terminal.read(65536):
                    shown += piece
            except OSError:  # EIO: the other side is closed
                pass
            started.wait(timeout=60)
        return shown

    def test_a_reader_that_leaves_is_no_error(self):
        for words in (["list"], ["--help"], ["kernel-config"], ["--dry-run"]):
            theirs, ours = os.pipe()
            os.close(theirs)
            done = subprocess.run([PROBEBENCH, *words], stdout=ours, stderr=subprocess.PIPE, check=False)
            os.close(ours)
            self.assertEqual((done.returncode, done.stderr), (0, b""), words)

    def test_nothing_is_coloured_so_no_color_has_nothing_to_do(self):
        for wish in ({"CLICOLOR_FORCE": "1"}, {"NO_COLOR": "1"}, {"CLICOLOR": "1"}):
            for words in (["list"], ["--help"], ["--kernel", "/etc/passwd"]):
                shown = self.on_terminal(*words, TERM="xterm-256color", **wish)
                self.assertTrue(shown)
                self.assertIsNone(COLOUR.search(shown), shown)

    def test_a_dumb_terminal_gets_lines(self):
        shown = self.on_terminal("--kernel", "/etc/passwd", TERM="dumb")
        self.assertIn(b"read kernel image /etc/passwd", shown)
        self.assertNotIn(b"\x1b", shown)


if __name__ == "__main__":
    unittest.main()
