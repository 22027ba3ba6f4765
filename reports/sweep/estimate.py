# SPDX-License-Identifier: MIT
"""How long targets take, by what the store has of others like them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .measure import Store
from .prepared import prepared_before
from .targets import Target

if TYPE_CHECKING:
    from .command import Sweep


def seconds_of(store: Store, target: Target) -> float | None:
    return None


def in_words(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min" if seconds >= 120 \
        else f"{seconds:.0f} s"


def dry_run(sweep: Sweep) -> str:
    """Nothing is prepared for this: kernels that no sweep has prepared yet are not known to be in the store."""
    prepared, store = prepared_before(sweep.folder), sweep.store()
    done = set(store.keys())
    lines, known, unknown = [], 0.0, 0
    for target in sweep.targets:
        is_new = sweep.options.again or not prepared or target.kernel not in prepared.kernels \
            or prepared.error_of(target) or prepared.key_of(target) not in done
        lines.append(f"{target.title}{'' if is_new else ': in the store'}\n")
        if is_new:
            seconds = seconds_of(store, target)
            known, unknown = known + (seconds or 0), unknown + (seconds is None)
    new = sum(not line.endswith(": in the store\n") for line in lines)
    head = f"{len(sweep.targets)} targets, {new} to be measured"
    guess = f", about {in_words(known)} of CPU time" if known else ""
    blind = f", {unknown} of them without an estimate" if unknown else ""
    return "".join(lines) + head + guess + blind + "\n"
