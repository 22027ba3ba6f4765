# SPDX-License-Identifier: MIT
"""What a figure is, the rule of its axes, and its colours and marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..model import Target
from ..table import Table

WIDTH = 7.2  # inches; the page shows them at 96 dots per inch
NARROW = 3.8  # and on a phone, where the same letters shall be as high

# Colours and marks: one table for each thing that is told apart. Okabe and Ito's, which people with any colour vision
# can tell apart; never the only difference.
INK, MUTED, GRID, PAPER = "#1b1f24", "#57606b", "#d0d7df", "#fefefd"
INT3, JUMP, CALL, KEY, OTHER = "#d55e00", "#0072b2", "#009e73", "#b65f92", "#767f8a"

# On the page each of these is a CSS variable, with a lighter one for dark surroundings (templates/page.css).
VARIABLES = {INK: "ink", MUTED: "muted", GRID: "grid", PAPER: "paper",
             INT3: "int3", JUMP: "jump", CALL: "call", KEY: "key", OTHER: "other"}

# By what was observed at the site: how control is taken, the colour, the mark.
STATES = {
    "stepped": ("int3, stepped", INT3, "o"), "boosted": ("int3, boosted", INT3, "^"),
    "emulated": ("int3, emulated", INT3, "s"), "detour": ("int3 into the detour", INT3, "D"),
    "int3": ("int3 in user space", INT3, "v"), "brk": ("brk in user space", INT3, "v"), "optimized": ("jmp", JUMP, "o"),
    "ftrace-jmp": ("jmp into a trampoline", JUMP, "s"), "ftrace": ("call (ftrace)", CALL, "o"),
    "call": ("call in user space", CALL, "s"), "static-key": ("static key", KEY, "o"),
    "breakpoint": ("debug register", OTHER, "X"), "unarmed": ("not in the text", OTHER, "o"),
    "unknown": ("unknown", OTHER, "P"),
}

# What each of them means, for those who do not know the words.
MEANINGS = {
    "stepped": "an int3; the instruction slot ends in a second trap",
    "boosted": "an int3; the instruction slot ends in a jump back, there is no second trap",
    "emulated": "an int3; the kernel computes the instruction",
    "detour": "an int3 on a prepared site, which leads straight into the detour buffer",
    "int3": "an int3 in a program's text",
    "brk": "arm64's trap in a program's text",
    "optimized": "a jmp into the detour buffer; no trap",
    "ftrace-jmp": "a jmp into a BPF trampoline that returns to the caller by itself",
    "ftrace": "a call at the function's entry, which ftrace put there; no trap",
    "call": "a call in a program's text; no trap",
    "static-key": "a jump that the kernel turns on while a tracepoint is used; no trap",
    "breakpoint": "a debug register; the text is not changed",
    "unarmed": "nothing was found at the site",
    "unknown": "what was found says nothing about how control is taken",
}

# Of lines that stand for something else than a state, in this order.
SERIES = ((JUMP, "o"), (INT3, "s"), (CALL, "^"), (KEY, "D"), (OTHER, "v"), (INK, "P"), (JUMP, "X"), (INT3, "<"),
          (CALL, ">"), (KEY, "h"))

PHASES = {"call": "#b3b9c0", "entry": "#e69f00", "dispatch": "#56b4e9", "lookup": "#f0e442", "handler": "#cc79a7",
          "slot": "#35b88f", "exit": "#e0783a"}
PHASE_NAMES = tuple(PHASES)
ON_PHASE = "#111111"


@dataclass(frozen=True)
class Figure:
    id: str       # of the element and of the files
    section: str  # under which heading of the page
    title: str
    caption: str
    alt: str
    height: float  # inches
    draw: Callable[[Any], None]  # onto a matplotlib figure
    table: Table
    of: str | None = None  # the machine that alone it is about
    narrow: float = 0      # inches of height where it is drawn a second time, for a phone


def one_axis(targets: Iterable[Target], exact: Iterable[bool]) -> None:
    """Counts and times, and readings of different machines, are never drawn on one axis."""
    if len({target.instrument for target in targets}) > 1:
        raise AssertionError("different machines on one axis")
    if len(set(exact)) > 1:
        raise AssertionError("exact and noisy figures on one axis")
