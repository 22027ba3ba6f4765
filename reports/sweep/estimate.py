# SPDX-License-Identifier: MIT
"""How long targets take, by what the store has of others like them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .prepared import Prepared, prepared_before
from .targets import Target

if TYPE_CHECKING:
    from ..store import Store
    from .command import Sweep


class Estimates:
    """Of the same plan on the same kernel, else of the same plan. Thousands of targets are few such pairs."""

    def __init__(self, store: Store | None, prepared: Prepared | None):
        self._store, self._prepared = store, prepared
        self._known: dict[tuple[tuple[str, str], ...], float | None] = {}

    def _ask(self, **words: str) -> float | None:
        asked = tuple(sorted(words.items()))
        if asked not in self._known:
            self._known[asked] = self._store.seconds_of(**words)
        return self._known[asked]

    def of(self, target: Target) -> float | None:
        if self._store is None or self._prepared is None or not self._prepared.knows_plan(target):
            return None
        plan = self._prepared.plan_digest(target)
        alike = self._ask(plan=plan, kind=target.kind, kernel=target.kernel)
        return alike if alike is not None else self._ask(plan=plan, kind=target.kind)


def in_words(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def is_done(target: Target, prepared: Prepared | None, done: set[str]) -> bool:
    return prepared is not None and prepared.knows(target) and prepared.key_of(target) in done


def dry_run(sweep: Sweep) -> str:
    """Nothing is prepared for this: kernels that no sweep has prepared yet are not known to be in the store."""
    prepared = prepared_before(sweep.folder)
    done = set() if sweep.options.again else sweep.done()
    estimates = Estimates(sweep.store_to_read(), prepared)
    new = [target for target in sweep.targets if not is_done(target, prepared, done)]
    seconds = [estimates.of(target) for target in new]
    known = [one for one in seconds if one is not None]
    lines = [target.title + (": in the store" if is_done(target, prepared, done) else "") for target in sweep.targets]
    text = f"{len(sweep.targets)} targets, {len(new)} to be measured"
    text += f", about {in_words(sum(known))} of CPU time" if known else ""
    text += f", {len(new) - len(known)} of them without an estimate" if len(known) < len(new) else ""
    return "".join(f"{line}\n" for line in [*lines, text])
