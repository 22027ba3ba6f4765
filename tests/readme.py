# SPDX-License-Identifier: MIT
"""The commands that a text prints, in its order."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What a reader has to have first, and where it is tried instead.
ELSEWHERE = {
    "~/src/linux": "a tree of one's own: nightly.tree",
    "--target native": "the running kernel: tests/native",
    "--target ssh:": "another machine: nightly.machine_ssh",
    "my.bpf.o": "a probe of one's own: vm.cost",
    "./ci/test": "is what runs this",
}


def commands_of(text):
    """The lines of its `sh` blocks, those that a backslash continues as one."""
    blocks = "".join(BLOCK.findall(text)).replace("\\\n", " ")
    return [line for line in blocks.splitlines() if line.strip()]


def why_not_here(command):
    """Where the command is tried instead; empty: here."""
    return next((reason for sign, reason in ELSEWHERE.items() if sign in command), "")
