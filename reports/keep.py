# SPDX-License-Identifier: MIT
"""Copies a run's files into the repository: compressed, the same bytes for the same data, and without what belongs
to the machine that measured alone.

  python3 -m reports.keep RUN-DIRECTORY DIRECTORY"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from .files import write_file

FILES = ("results.json", "anatomy.json", "reproduce.json")
# No count depends on them, and they name the host.
HOST_FACTS = ("host.kernel", "accel_note")


def command_kept(command: list[str]) -> list[str]:
    """Where the program lay and where its files went is the machine's own affair."""
    kept = ["run-bench", *command[1:]]
    while "--output" in kept:
        place = kept.index("--output")
        del kept[place:place + 2]
    return kept


def kept(document: dict[str, Any]) -> dict[str, Any]:
    if "command" in document:
        document["command"] = command_kept(document["command"])
    for target in document.get("targets", []):
        for fact in HOST_FACTS:
            target.get("host", {}).pop(fact, None)
    return document


def keep(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if (source / name).exists():
            text = json.dumps(kept(json.loads((source / name).read_text(encoding="utf-8"))), separators=(",", ":"))
            write_file(folder / f"{name}.gz", gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
