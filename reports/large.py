# SPDX-License-Identifier: MIT
"""results.json of ten thousands of cells, without the windows of each, which are nine tenths of it.

The text is cut where a cell begins, as the program writes it, and each cell behind what a page is made of. What is
not written so, or not as expected, is read whole, and slowly: that says what is wrong with it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from .model import Cell, Hits, Metric, Unit

LARGE = 64 << 20  # bytes; of a smaller file everything is looked at
BLOCK = 4 << 20
FIRST = b'"cells": [\n    {'
BETWEEN = b",\n    {"
END = b"\n  ]\n}\n"
BEHIND = b',\n        "after": '  # in a cell's evidence; windows, addresses and slots follow
MOST = 2 ** 64
NOTE = "of a {} of this size the raw rounds are not read, so their distributions are not drawn"


class NotPlain(Exception):
    """It has to be read whole."""


class LargeResults:
    """First head, then cells; the digest is of all that was read."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.digest = hashlib.sha256()
        self.rest = b""

    def more(self) -> bytes:
        block = self.file.read(BLOCK)
        self.digest.update(block)
        return block

    def head(self) -> Any:
        text = self.more()
        before, found, self.rest = text.partition(FIRST)
        if not found:
            raise NotPlain
        return loaded(before + b'"cells": []}')

    def texts(self) -> Iterator[list[bytes]]:
        while block := self.more():
            *texts, self.rest = (self.rest + block).split(BETWEEN)
            yield texts
        *texts, last = self.rest.split(BETWEEN)
        if not last.endswith(END):
            raise NotPlain
        yield [*texts, last.removesuffix(END)]

    def cells(self, known: list[Unit]) -> Iterator[Cell]:
        for texts in self.texts():
            text = b"[" + b",".join(map(cut, texts)) + b"]"
            if b"\\ud" in text or b"\\uD" in text:
                raise NotPlain  # perhaps half of a character
            for raw in loaded(text):
                yield plain_cell(raw, known)


def cut(text: bytes) -> bytes:
    kept, found, _windows = text.partition(BEHIND)
    if not found:
        raise NotPlain
    return b"{" + kept + b"}}"


def loaded(text: bytes) -> Any:
    def refuse(constant: str) -> None:
        raise NotPlain(constant)
    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise NotPlain from error


STATUSES = frozenset(("measured", "skipped", "errored", "invalid"))
NAMES = ("name", "target", "probe_type", "driver", "site", "handler", "status")
REASONS = ("reason", "no_metric_reason")
SEEN = ("armed", "before", "decoded")
TEXTS = frozenset((str,))
MAYBE = frozenset((str, type(None)))
NUMBERS = frozenset((int, float))


def number(value: Any) -> Any:
    if type(value) not in NUMBERS or not -MOST < value < MOST:
        raise NotPlain
    return value


def count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < MOST:
        raise NotPlain
    return value


def plain_metric(raw: Any) -> Metric | None:
    if raw is None:
        return None
    kind, note = raw["class"], raw["note"]
    if kind not in ("exact", "noisy") or type(note) not in MAYBE:
        raise NotPlain
    return Metric(number(raw["value"]), number(raw["low"]), number(raw["high"]), number(raw["spread"]),
                  count(raw["n"]), kind == "exact", note)


def plain_hits(raw: Any) -> Hits | None:
    return None if raw is None else Hits(count(raw["expected"]), count(raw["counted"]), count(raw["missed"]))


def texts_in(raw: dict[str, Any], names: tuple[str, ...], kinds: frozenset[type]) -> dict[str, Any]:
    """The same text is kept once."""
    texts = {name: raw[name] for name in names}
    if not kinds.issuperset(map(type, texts.values())):
        raise NotPlain
    return {name: text and sys.intern(text) for name, text in texts.items()}


def plain_cell(raw: Any, known: list[Unit]) -> Cell:
    """As load.cell_of() reads it."""
    try:
        names, evidence, metrics = texts_in(raw, NAMES, TEXTS), raw["evidence"], raw["metrics"]
        if names["status"] not in STATUSES or type(metrics) is not dict:
            raise NotPlain
        cold, lacking = raw["cold_hit"]["overhead"], raw["lacking"]
        return Cell(
            **names, **texts_in(raw, REASONS, MAYBE), **texts_in(evidence, SEEN, MAYBE),
            **texts_in(evidence, ("state",), TEXTS), threads=count(raw["threads"]),
            needs=None if lacking is None else texts_in(lacking, ("provided_by",), MAYBE)["provided_by"],
            metrics={unit.metric: plain_metric(metrics.get(unit.metric)) for unit in known},
            baseline=plain_metric(raw["baseline"]["per_call"]),
            cold_hit=None if cold is None else number(cold), hits=plain_hits(raw["hits"]))
    except (KeyError, TypeError) as error:
        raise NotPlain from error
