# SPDX-License-Identifier: MIT
"""Markdown that git tracks is wrapped; what a report writes is not."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 100
GENERATED = "reports/published/"
# Nothing in such a line can be broken: a row of a table, or one link or image alone.
UNBREAKABLE = re.compile(r"\s*(\||([*-] )?!?\[[^\]]*\]\([^)]*\)[.,;]?$)")


def too_long(name, text):
    problems, in_block = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_block = not in_block
        elif len(line) > COLUMNS and not in_block and not UNBREAKABLE.match(line):
            problems.append(f"{name}:{number}: {len(line)} columns, at most {COLUMNS}")
    return problems


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z", "--", "*.md"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                            check=True)
    return [name for name in listed.stdout.split("\0") if name and not name.startswith(GENERATED)]


class Markdown(unittest.TestCase):
    def test_tracked_files_are_wrapped(self):
        names = tracked()
        self.assertIn("README.md", names)
        problems = [problem for name in names for problem in too_long(name, (ROOT / name).read_text(encoding="utf-8"))]
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def test_long_prose_is_found(self):
        self.assertEqual(too_long("a.md", "short\n" + "x " * 60 + "[b](c)"), ["a.md:2: 126 columns, at most 100"])

    def test_what_cannot_be_broken_may_be_long(self):
        long = "x" * 120
        self.assertEqual(too_long("a.md", f"| {long} |\n```\n{long}\n```\n![a]({long})\n* [a]({long})"), [])


if __name__ == "__main__":
    unittest.main()
