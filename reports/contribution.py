# SPDX-License-Identifier: MIT
"""What `run-bench contribute` wrote on somebody's machine: checked as a whole before any of it is believed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from .checked import Value
from .errors import ReportError
from .files import run_named
from .load import parse, read_bytes, reproductions_in, run_of, source_of
from .model import Run

SCHEMA = Path(__file__).with_name("contribution.schema.json")
RESULTS_SCHEMA = Path(__file__).resolve().parents[1] / "harness/host/results/results.schema.json"
# What a contribution never has, by what it looks like: a boot line, an address of the kernel, somebody's folder.
SECRETS = (("a boot line", re.compile(r"\b(?:BOOT_IMAGE=|root=(?:UUID|PARTUUID|LABEL|/dev/))")),
           ("an address of the kernel", re.compile(r"\bffff[0-9a-f]{12}\b", re.I)),
           ("the folder of a user", re.compile(r"(?:^|[\s'\"=:])/(?:home|Users)/\w")))


@dataclass(frozen=True)
class Contribution:
    run: Run  # its running kernel, and where it was counted the same cells under emulation
    processes: int
    unfit: list[str]
    missing: list[str]


def check_schema(document: Value, file: Path) -> None:
    schema = json.loads(file.read_text(encoding="utf-8"))
    problems = sorted(jsonschema.Draft202012Validator(schema).iter_errors(document.raw), key=lambda one: list(one.path))
    if problems:
        place = ".".join(filter(None, (document.place, *map(str, problems[0].absolute_path)))) or "the file"
        raise ReportError(f"{document.file}: {place}: {problems[0].message[:200]}; was it written by "
                          "./run-bench contribute?")


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in (*value, *value.values()) for text in texts_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts_in(inner)]
    return [value] if isinstance(value, str) else []


def check_secrets(document: Value) -> None:
    for text in texts_in(document.raw):
        for what, pattern in SECRETS:
            if pattern.search(text):
                raise ReportError(f"{document.file}: it has {what} in it ({text[:60]!r}), which its owner may not want "
                                  "to publish")


def load_contribution(given: str) -> Contribution:
    path = run_named(given)
    content = read_bytes(path)
    document = parse(path, content)
    check_schema(document, SCHEMA)
    check_secrets(document)
    results, reproduce = document.member("results"), document.member("reproduce")
    check_schema(results, RESULTS_SCHEMA)
    return Contribution(run_of(source_of(path, content, results), results, [], reproductions_in(reproduce)),
                        document.member("processes").count(),
                        *([text.text() for text in document.member(name).elements()] for name in ("unfit", "missing")))
