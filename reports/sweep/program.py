# SPDX-License-Identifier: MIT
"""The program that measures, as run-bench has built it and says where it is."""

from __future__ import annotations

import os
import subprocess

from ..errors import UNAVAILABLE, ReportError
from ..files import project


def program() -> str:
    """run-bench itself would look once for each target whether it is current."""
    known = os.environ.get("PROBEBENCH_PROGRAM", "")
    if not os.access(known, os.X_OK):
        raise ReportError("sweep: is started by run-bench only; ./run-bench sweep", UNAVAILABLE)
    return known


def environment() -> dict[str, str]:
    return {**os.environ, "PROBEBENCH_ROOT": str(project())}


def ask(arguments: list[str]) -> subprocess.CompletedProcess:
    """What it prints; its progress and its complaints stay on the terminal."""
    return subprocess.run([program(), *arguments], stdout=subprocess.PIPE, text=True, check=False, env=environment())


def dry_run(arguments: list[str]) -> str:
    """Boots nothing. What it refuses is refused in its own words."""
    said = subprocess.run([program(), *arguments, "--dry-run"], capture_output=True, text=True, check=False,
                          env=environment())
    if said.returncode != 0:
        raise ReportError(said.stderr.strip().removeprefix("probebench: "), said.returncode)
    return said.stdout
