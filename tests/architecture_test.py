# SPDX-License-Identifier: MIT
"""docs/architecture.md names every folder of the tree in its table, and no path that is not there."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
ROW = re.compile(r"^\| `([^`]+)/` \|", re.M)
CODE = re.compile(r"`([a-z_]+(?:/[\w.-]+)+)/?`")
# Below these, each folder is one thing and has a line of its own.
NAMED_BELOW = ("harness", "harness/common", "harness/guest", "harness/host", "tests")


def tracked_folders():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return {str(parent) for name in listed.stdout.split("\0") for parent in Path(name).parents}


def to_be_named(folders):
    return {folder for folder in folders if not folder.startswith(".") and folder != "harness" and
            ("/" not in folder or str(Path(folder).parent) in NAMED_BELOW)}


def problems(page, folders):
    rows = set(ROW.findall(page))
    return [f"{folder}/ is not in the table" for folder in sorted(to_be_named(folders) - rows)] + \
           [f"{folder}/ is in the table and not in the tree" for folder in sorted(rows - folders)]


def exists(path):
    """A file, a folder, or what is called so of one of the sides: `verify/x86/decode` is a component."""
    places = (ROOT, *(ROOT / "harness").glob("*"), ROOT / "harness")
    return any(place.joinpath(path).exists() or list(place.glob(path + ".*")) for place in places)


class Architecture(unittest.TestCase):
    def test_every_folder_has_its_line(self):
        page = (ROOT / PAGES[0]).read_text(encoding="utf-8")
        self.assertEqual(problems(page, tracked_folders()), [])

    def test_paths_lead_somewhere(self):
        for name in PAGES:
            paths = CODE.findall((ROOT / name).read_text(encoding="utf-8"))
            self.assertGreater(len(paths), 3)
            self.assertEqual([path for path in paths if not exists(path)], [], name)

    def test_a_folder_too_many_or_too_few_is_found(self):
        page = "| `ci/` | x |\n| `gone/` | x |\n"
        folders = {".", "ci", "ci/baselines", "harness", "harness/host", "harness/host/vm", "harness/host/vm/plugin"}
        self.assertEqual(problems(page, folders), ["harness/host/ is not in the table",
                                                   "harness/host/vm/ is not in the table",
                                                   "gone/ is in the table and not in the tree"])


if __name__ == "__main__":
    unittest.main()
