# SPDX-License-Identifier: MIT
"""docs/architectures.md says what ci/baselines has: a figure of its table is that of a cell."""

import json
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The column's heading, and what the name of its baseline has.
COLUMNS = {
    "x86-64 6.12": r"6\.12\..*deb12-cloud-amd64",
    "arm64 6.12": r"6\.12\..*-arm64",
    "arm64 7.3": r"7\.3\..*-arm64",
}
# Of x86-64 and of arm64, where they differ.
CELLS = {
    "kprobe at a function entry": (("kprobe-ftrace/module/entry",), ("kprobe-stepped/module/entry",)),
    "kprobe past the entry": (("kprobe-optimized/module/mid",), ("kprobe-stepped/module/mid-step",)),
    "kprobe, stepped": (("kprobe-stepped/module/mid-step",),),
    "kprobe on a branch, emulated": (("kprobe-emulated/module/mid-emulated",),),
    "kretprobe at a function entry": (("kretprobe-ftrace/module/entry",), ("kretprobe-int3/module/notrace",)),
    "ftrace": (("ftrace/module/entry",),),
    "fprobe, entry and exit": (("fprobe-entry/module/entry", "fprobe-exit/module/entry"),),
    "BPF on a kprobe at a function entry": (("bpf-kprobe/module/entry",),),
    "BPF on an fprobe (kprobe.multi)": (("bpf-kprobe-multi/module/entry",),),
    "fentry": (("fentry/module/entry",),),
    "fexit": (("fexit/module/entry",),),
    "tracepoint": (("tracepoint/module/tracepoint",),),
    "BPF on a raw tracepoint": (("raw-tp/module/tracepoint",),),
    "uprobe on a nop": (("uprobe/user/nop",),),
    "uprobe on a return instruction": (("uprobe/user/ret",),),
    "debug register (perf)": (("perf-breakpoint/module/mid",),),
}


def table():
    """Rows of the page's first table by their first column: what the others say."""
    rows = {}
    for line in (ROOT / "docs/architectures.md").read_text().splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if len(parts) != len(COLUMNS) + 1 or not line.startswith("|"):
            if rows:
                break
            continue
        rows[parts[0]] = parts[1:]
    return rows


def baseline(pattern):
    (file,) = [file for file in (ROOT / "ci/baselines").glob("vm-*.json") if re.search(pattern, file.name)]
    return json.loads(file.read_text())["cells"]


class Architectures(unittest.TestCase):
    def test_the_table_is_of_the_baselines(self):
        rows = table()
        self.assertEqual(rows.pop("hook"), list(COLUMNS))
        rows.pop("---")
        self.assertEqual(set(rows), set(CELLS))
        for column, (heading, pattern) in enumerate(COLUMNS.items()):
            cells = baseline(pattern)
            for hook, figures in rows.items():
                names = CELLS[hook][-1 if heading.startswith("arm64") else 0]
                counts = [cells[f"{name}/nop/threads:1"].get("instructions_per_hit") for name in names]
                said = re.findall(r"\d+", figures[column]) or ["None"]
                self.assertEqual(said, list(map(str, counts)) if any(counts) else ["None"], f"{hook}, {heading}")


if __name__ == "__main__":
    unittest.main()
