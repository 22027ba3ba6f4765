# SPDX-License-Identifier: MIT
"""lab.toml: what is measured, on what, and what that needs of a node. docs/fleet.md has the form."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ReportError
from ..files import file_name_of

# The axes that make targets, and those that make what is measured of each.
OF_TARGETS = ("kernels", "trees", "configs", "kernel_args", "cpus", "cost", "machines")
OF_PLANS = ("probe_types", "handlers")
AXES = (*OF_TARGETS[:5], *OF_PLANS, "cost")
EXCLUDES = ("kernels", "kernel_args", "cpus", "cost", "machines", *OF_PLANS)
HEAD = {"name": str, "rounds": int, "seed": int, "axes": dict, "exclude": list, "time": dict}
IN_WORDS = {str: "a text", int: "a whole number", list: "tables, such as [[exclude]]", dict: "a table"}
TIME = {"machines": list, "accel": str}
MOST_TARGETS = 1_000_000
PLAIN = [""]  # the kernel without arguments, QEMU's own model


@dataclass(frozen=True)
class Timed:
    """Times are of a kind of machine: what Slurm calls a feature of its nodes."""
    machines: list[str]
    accel: str  # kvm, native


@dataclass(frozen=True)
class Lab:
    file: Path
    name: str
    rounds: int | None
    seed: int
    axes: dict[str, list[str]]
    excludes: list[dict[str, list[str]]] = field(default_factory=list)
    timed: Timed | None = None

    def folder_of(self, axis: str, entry: str) -> str:
        """A path of the file begins at the file's own folder; what is no path is a name."""
        is_path = "/" in entry or (axis in ("configs", "cost") and entry.endswith(".toml"))
        return str((self.file.parent / Path(entry).expanduser()).resolve()) if is_path else entry


class Reader:
    """Of one lab's file; every refusal names the file and the place in it."""

    def __init__(self, file: Path):
        self.file = file

    def wrong(self, what: str) -> ReportError:
        return ReportError(f"{self.file}: {what}; docs/fleet.md has the form")

    def check_keys(self, table: dict, known: tuple[str, ...], kind: str) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                raise self.wrong(f"unknown {kind} '{key}', "
                                 + (f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"))

    def texts(self, value: Any, where: str) -> list[str]:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            raise self.wrong(f"{where}: expected texts, such as [\"6.1\", \"6.12\"]")
        if len(set(value)) < len(value):
            raise self.wrong(f"{where}: '{next(one for one in value if value.count(one) > 1)}' is there twice")
        if any("\n" in one or "\0" in one for one in value):
            raise self.wrong(f"{where}: a line break in a text")
        return value

    def head(self, table: dict) -> dict:
        self.check_keys(table, tuple(HEAD), "key")
        for key, value in table.items():
            if not isinstance(value, HEAD[key]) or isinstance(value, bool):
                raise self.wrong(f"{key}: expected {IN_WORDS[HEAD[key]]}")
        for key, least in (("rounds", 1), ("seed", 0)):
            if table.get(key, least) < least:
                raise self.wrong(f"{key} = {table[key]}: expected a number from {least} on")
        return table

    def axes(self, table: dict) -> dict[str, list[str]]:
        self.check_keys(table, AXES, "axis")
        axes = {axis: self.texts(value, f"axes.{axis}") for axis, value in table.items()}
        if ("trees" in axes) != ("configs" in axes):
            raise self.wrong("axes.trees and axes.configs go together: each tree is built in each configuration")
        for axis in OF_PLANS:
            if any("," in one for one in axes.get(axis, ())):
                raise self.wrong(f"axes.{axis}: a comma in a name; write several texts")
        return axes

    def excludes(self, tables: list) -> list[dict[str, list[str]]]:
        made = []
        for at, table in enumerate(tables, 1):
            where = f"exclude {at}"
            if not isinstance(table, dict) or not table:
                raise self.wrong(f"{where}: expected a table such as [[exclude]] with kernels = [\"5.10\"]")
            self.check_keys(table, EXCLUDES, "axis")
            if all(axis in table for axis in OF_PLANS):
                raise self.wrong(f"{where}: probe_types and handlers in one; what is left would be no matrix")
            made.append({axis: self.texts(value, f"{where}: {axis}") for axis, value in table.items()})
        return made

    def timed(self, table: dict | None) -> Timed | None:
        if table is None:
            return None
        self.check_keys(table, tuple(TIME), "key")
        accel = table.get("accel", "kvm")
        if accel not in ("kvm", "native"):
            raise self.wrong(f"time.accel '{accel}': expected kvm or native")
        return Timed(self.texts(table.get("machines", PLAIN), "time.machines"), accel)


def load_lab(given: str) -> Lab:
    file = Path(given)
    reader = Reader(file)
    try:
        table = reader.head(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise ReportError(f"{file}: {error.strerror}; name the file of a lab, docs/fleet.md has the form") from error
    except ValueError as error:
        raise reader.wrong(f"not TOML ({error})") from error
    axes = reader.axes(table.get("axes", {}))
    if not axes.get("kernels") and not axes.get("trees"):
        raise reader.wrong("an empty matrix: neither axes.kernels nor axes.trees names a kernel")
    name = file_name_of(table.get("name", file.stem), f"{file}: name")
    return Lab(file.resolve(), name, table.get("rounds"), table.get("seed", 1), axes,
               reader.excludes(table.get("exclude", [])), reader.timed(table.get("time")))
