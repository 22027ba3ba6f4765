# SPDX-License-Identifier: MIT
"""An include of the other side's header does not compile; tried in place of each library's own source and of a test
of each side, with the flags that the build has for it."""

import json
import os
import re
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADERS = {"common": "model/cell.h", "guest": "kernel/environment.h", "host": "vm/qemu.h"}
SEES = {"common": ("common",), "guest": ("common", "guest"), "host": ("common", "host")}


def source_of(file):
    """A source of the project that is compiled as this file: itself, or one of those that a unity file includes."""
    if "/Unity/" not in file:
        return file
    return re.search(r'#include "(.+)"', Path(file).read_text(encoding="utf-8"))[1]


def places():
    """(part of the tree, side, library) -> the command that compiles one source of it."""
    found = {}
    for entry in json.loads(Path(os.environ["PROBEBENCH_BUILD"], "compile_commands.json").read_text(encoding="utf-8")):
        source = source_of(entry["file"])
        parts = Path(source).relative_to(ROOT).parts if source.startswith(f"{ROOT}/") else ()
        if source.endswith(".cpp") and len(parts) > 3 and parts[1] in SEES:
            library = parts[2] if parts[0] == "harness" else ""
            found.setdefault((parts[0], parts[1], library), entry)
    return found


def compiled(entry, header):
    """The compiler's exit code and messages for a source that has this one include."""
    words = shlex.split(entry["command"])
    words = [word for word in words if word not in (entry["file"], "-c")]
    at = words.index("-o")
    del words[at:at + 2]
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
        source.write(f'#include "{header}"\n')
        source.flush()
        done = subprocess.run([*words, "-fsyntax-only", source.name], cwd=entry["directory"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


class LinkGroups(unittest.TestCase):
    def test_every_side_is_tried(self):
        tried = {(part, side) for part, side, _ in places()}
        self.assertEqual(tried, {(part, side) for part in ("harness", "tests") for side in SEES})

    def test_another_sides_header_is_not_found(self):
        for place, entry in places().items():
            for other in SEES.keys() - SEES[place[1]]:
                with self.subTest(place=place, header=HEADERS[other]):
                    code, messages = compiled(entry, HEADERS[other])
                    self.assertNotEqual(code, 0)
                    self.assertRegex(messages, f"{HEADERS[other]}.*(No such file|file not found)")

    def test_the_own_sides_headers_are(self):
        for side, sees in SEES.items():
            for part in ("harness", "tests"):
                entry = next(entry for place, entry in places().items() if place[:2] == (part, side))
                for own in sees:
                    with self.subTest(part=part, side=side, header=HEADERS[own]):
                        self.assertEqual(compiled(entry, HEADERS[own]), (0, ""))


if __name__ == "__main__":
    unittest.main()
