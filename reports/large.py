# SPDX-License-Identifier: MIT
"""results.json of ten thousands of cells, without the windows of each, which are nine tenths of it.

The text is cut where a cell begins, as the program writes it, and each cell behind what a page is made of. What is
not written so, or not as expected, is read whole, and slowly: that says what is wrong with it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, BinaryIO

from .model import Cell, Hits, Metric, Unit

LARGE = 64 << 20  # bytes; of a smaller file everything is looked at
BLOCK = 4 << 20
FIRST = b'"cells": [\n    {'
BETWEEN = b",\n    {"
END = b"\n  ]\n}\n"
BEHIND = b',\n        "after": '  # in a cell's evidence; windows, addresses and slots follow
WINDOWS = b',\n        "window": '  # of a first hit, up to
HITS = b'},\n      "hits": '
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
    told, found, _windows = text.partition(BEHIND)
    if not found:
        raise NotPlain
    before, window, rest = told.partition(WINDOWS)
    _windows, hits, behind = rest.partition(HITS)
    return b"{" + (before + hits + behind if window and hits else told) + b"}}"


def loaded(text: bytes) -> Any:
    def refuse(constant: str) -> None:
        raise NotPlain(constant)
    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise NotPlain from error


STATUSES = frozenset(("measured", "skipped", "errored", "invalid"))
NAMES = itemgetter("name", "target", "probe_type", "driver", "site", "handler")
REASONS = itemgetter("reason", "no_metric_reason")
SEEN = itemgetter("armed", "before", "decoded")
TEXT = frozenset((str,))
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


def kept(texts: tuple[Any, ...], kinds: frozenset[type]) -> list[Any]:
    """The same text is kept once."""
    if not kinds.issuperset(map(type, texts)):
        raise NotPlain
    return [text and sys.intern(text) for text in texts]


def plain_metric(raw: Any) -> Metric | None:
    if raw is None:
        return None
    kind, note = raw["class"], raw["note"]
    if kind not in ("exact", "noisy") or type(note) not in MAYBE:
        raise NotPlain
    return Metric(number(raw["value"]), number(raw["low"]), number(raw["high"]), number(raw["spread"]),
                  count(raw["n"]), kind == "exact", note)


def plain_metrics(raw: Any, known: list[Unit]) -> dict[str, Metric | None]:
    found = {unit.metric: None for unit in known}
    for name, metric in raw.items():
        if metric is not None and name in found:
            found[name] = plain_metric(metric)
    return found


def plain_hits(raw: Any) -> Hits | None:
    return None if raw is None else Hits(count(raw["expected"]), count(raw["counted"]), count(raw["missed"]))


def plain_cell(raw: Any, known: list[Unit]) -> Cell:
    """As load.cell_of() reads it."""
    try:
        evidence, cold, lacking = raw["evidence"], raw["cold_hit"]["overhead"], raw["lacking"]
        status = raw["status"]
        if status not in STATUSES:
            raise NotPlain
        reason, no_metric_reason = kept(REASONS(raw), MAYBE)
        (needs,) = kept((None if lacking is None else lacking["provided_by"],), MAYBE)
        return Cell(*kept(NAMES(raw), TEXT), count(raw["threads"]), status, reason, needs,
                    plain_metrics(raw["metrics"], known), no_metric_reason, plain_metric(raw["baseline"]["per_call"]),
                    None if cold is None else number(cold), plain_hits(raw["hits"]),
                    *kept((evidence["state"],), TEXT), *kept(SEEN(evidence), MAYBE))
    except (AttributeError, KeyError, TypeError) as error:
        raise NotPlain from error
