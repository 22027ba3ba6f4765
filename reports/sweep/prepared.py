# SPDX-License-Identifier: MIT
"""Kernels and modules made ready once for all targets, and what identifies a target by them: its key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import UNAVAILABLE, ReportError
from ..files import project, write_file
from .lab import Lab
from .program import ask, dry_run
from .targets import Target, builds_of, work_of

FILE = "prepared.json"
# Of the target's results; together with what was asked they are the key. The module is known by its source and its
# compiler: nodes that each build it get the same code, while pahole's threads order its BTF otherwise each time.
FACTS = ("kernel.release", "kernel.package_version", "compiler.version", "qemu.version")


@dataclass(frozen=True)
class Prepared:
    kernels: dict[str, dict]      # by the name that the lab has: "digest" and "facts", or "error"
    plans: dict[str, list[str]]   # by the options: the cells that they stand for
    module: str                   # digest of the module's source

    def error_of(self, target: Target) -> str | None:
        """Why it cannot be measured; a running kernel is not known before."""
        known = self.kernels.get(target.kernel)
        if target.accel == "native":
            return None
        return "was not prepared" if known is None else known.get("error")

    def knows_plan(self, target: Target) -> bool:
        return plan_name(target) in self.plans

    def knows(self, target: Target) -> bool:
        """As much as its key takes."""
        return self.knows_plan(target) and self.error_of(target) is None

    def facts_of(self, target: Target) -> dict[str, str]:
        facts = {} if target.accel == "native" else self.kernels[target.kernel]["facts"]
        return {name: facts[name] for name in FACTS if name in facts}

    def key_of(self, target: Target) -> str:
        """The digest of all that was asked: of what is built, and not of what it is called."""
        digest = "" if target.accel == "native" else self.kernels[target.kernel]["digest"]
        name = target.kernel if target.accel == "native" else ""
        asked = {**self.facts_of(target), "module": self.module, "kernel.digest": digest, "kernel": name,
                 "kind": target.kind, "accel": target.accel, "machine": target.machine, "cpu": target.cpu,
                 "arguments": target.kernel_args, "plan": self.plans[plan_name(target)]}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def plan_digest(self, target: Target) -> str:
        return hashlib.sha256(json.dumps(self.plans[plan_name(target)]).encode()).hexdigest()[:16]


def plan_name(target: Target) -> str:
    return " ".join([*(["cost"] if target.cost else []), *target.plan(), target.kind])


def build_trees(lab: Lab, folder: Path) -> None:
    for tree, file in sorted(set(builds_of(lab, folder).values())):
        built = ask(["configs", "--tree", tree, "--config-axis", file, "--build-only",
                     "--work", str(work_of(folder, tree, file))])
        if built.returncode not in (0, 1):  # 1: some did not build, which is said for each
            raise ReportError(f"{tree}: its configurations did not build", UNAVAILABLE)


def cells_of(target: Target) -> list[str]:
    """The plan in full: a name of a group says less in another version. A suite of recipes is its file."""
    if target.cost:
        path = Path(target.cost)
        return [hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else target.cost]
    place = ["--target", "native"] if target.accel == "native" else ["--accel", target.accel]
    said = dry_run([*target.plan(), *place])
    head, *cells = said.splitlines()
    return [head.partition("; ")[2], *cells]  # rounds and seed; the target says itself what it is


def source_digest(folder: Path) -> str:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() + f" {file.relative_to(folder)}" for file in files]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def plans_of(targets: list[Target]) -> dict[str, list[str]]:
    plans: dict[str, list[str]] = {}
    for target in targets:
        if plan_name(target) not in plans:
            plans[plan_name(target)] = cells_of(target)
    return plans


def prepare(lab: Lab, targets: list[Target], folder: Path) -> Prepared:
    """Here: each node that has no cache in common with this one does it once more by itself."""
    plans = plans_of(targets)
    names = sorted({target.kernel for target in targets if target.accel != "native"})
    if known := [name for name in names if name not in builds_of(lab, folder)]:
        dry_run(["--kernel", ",".join(known), "--probe-type", "tracepoint"])  # quick, and says what is no kernel
    build_trees(lab, folder)
    kernels = {}
    if names:
        said = ask(["kernels", "prepare", ",".join(names), "--json"])
        try:
            kernels = {one["kernel"]: one for one in json.loads(said.stdout)}
        except ValueError:
            raise ReportError("the kernels cannot be prepared", said.returncode or UNAVAILABLE) from None
    prepared = Prepared({name: kernels.get(name, {"error": "no such kernel"}) for name in names}, plans,
                        source_digest(project() / "kmod"))
    write_file(folder / FILE, json.dumps(asdict(prepared), indent=1).encode() + b"\n")
    return prepared


def prepared_before(folder: Path) -> Prepared | None:
    """As the last sweep of this lab left it."""
    try:
        known = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Prepared(**known)
    except (OSError, ValueError, TypeError):
        return None
