# SPDX-License-Identifier: MIT
"""A run directory, or a results file, to a Run: results.json with anatomy.json and reproduce.json beside it."""

from __future__ import annotations

import contextlib
import functools
import gc
import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .checked import Value, check_values
from .errors import ReportError
from .experiment import check_experiment
from .files import looked_in, run_named
from .large import LARGE, NOTE, LargeResults, NotPlain
from .model import Anatomy, Cell, Hits, Metric, Run, Source, Step, Target, Unit

SCHEMA_VERSION = 1
# The table of results from before they had one.
METRICS_BEFORE = Path(__file__).with_name("metrics_before.json")


def read_bytes(path: Path) -> bytes:
    """Of a file or of the same file compressed, as it is kept in the repository."""
    packed = path if path.suffix == ".gz" else path.with_name(path.name + ".gz")
    try:
        if path.suffix != ".gz" and path.exists():
            return path.read_bytes()
        return gzip.decompress(packed.read_bytes())
    except (OSError, EOFError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ReportError(f"{path}: {what}{looked_in(path)}; name a run's directory or its results.json") from error


def parse(path: Path, content: bytes) -> Value:
    def refuse(constant: str) -> Any:
        raise ReportError(f"{path}: {constant} is no JSON; was the file written by probebench?")
    try:
        document = json.loads(content, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path}: not JSON ({error}); was the run copied completely?") from error
    value = Value(str(path), "", document)
    check_values(value)
    return value


def check_kind(document: Value) -> None:
    """Other tools' files have names like ours, and some of them lie beside ours."""
    raw = document.raw if isinstance(document.raw, dict) else {}
    if raw.get("kind") == "contribution":
        raise ReportError(f"{document.file}: this is a contribution of another machine; name it behind --add")
    if "schema_version" in raw or "benchmarks" not in raw:
        return
    whose = "pytest-benchmark" if "machine_info" in raw else "Google Benchmark"
    raise ReportError(f"{document.file}: this is the JSON of {whose}; name a results.json of probebench")


def check_version(document: Value) -> None:
    version = document.member("schema_version").count()
    if version != SCHEMA_VERSION:
        raise ReportError(f"{document.file}: schema_version is {version}, this reads {SCHEMA_VERSION}; "
                          "measure again, or report with the version that wrote it")


@functools.cache
def metrics_before() -> list[Unit]:
    return metrics_in(parse(METRICS_BEFORE, METRICS_BEFORE.read_bytes()).member("metrics"))


def metrics_of(document: Value) -> list[Unit]:
    table = document.optional("metrics")
    return metrics_before() if table.raw is None else metrics_in(table)


def metrics_in(table: Value) -> list[Unit]:
    units = [Unit(*(row.member(name).text() for name in ("name", "unit", "words", "axis")),
                  row.member("leads").text_or_none()) for row in table.elements()]
    if not {"counted", "timed"} <= {unit.leads for unit in units}:
        raise table.fail("a metric that leads where instructions are counted, and one where time is")
    return units


def metric_of(value: Value) -> Metric | None:
    if value.raw is None:
        return None
    kind = value.member("class").text()
    if kind not in ("exact", "noisy"):
        raise value.member("class").fail("exact or noisy")
    return Metric(value.member("value").number(), value.member("low").number(), value.member("high").number(),
                  value.member("spread").number(), value.member("n").count(), kind == "exact",
                  value.member("note").text_or_none())


def hits_of(value: Value) -> Hits | None:
    if value.raw is None:
        return None
    return Hits(*(value.member(name).count() for name in ("expected", "counted", "missed")))


def needs_of(value: Value) -> str | None:
    return None if value.raw is None else value.member("provided_by").text_or_none()


def cell_of(value: Value, known: list[Unit]) -> Cell:
    status = value.member("status").text()
    if status not in ("measured", "skipped", "errored", "invalid"):
        raise value.member("status").fail("measured, skipped, errored or invalid")
    metrics, evidence = value.member("metrics"), value.member("evidence")
    samples = value.member("samples")
    return Cell(
        **{name: value.member(name).text() for name in ("name", "target", "probe_type", "driver", "site", "handler")},
        threads=value.member("threads").count(), status=status,
        reason=value.member("reason").text_or_none(), needs=needs_of(value.member("lacking")),
        # older results lack the newer metrics
        metrics={unit.metric: metric_of(metrics.optional(unit.metric)) for unit in known},
        no_metric_reason=value.member("no_metric_reason").text_or_none(),
        baseline=metric_of(value.member("baseline").member("per_call")),
        cold_hit=value.member("cold_hit").member("overhead").number_or_none(),
        hits=hits_of(value.member("hits")),
        state=evidence.member("state").text(), armed=evidence.member("armed").text_or_none(),
        before=evidence.member("before").text_or_none(), decoded=evidence.member("decoded").text_or_none(),
        samples=[sample.raw for sample in samples.elements()])


def target_of(value: Value) -> Target:
    facts = {**value.member("host").texts(), **value.member("environment").member("facts").texts()}
    return Target(value.member("id").text(), value.member("kind").text(),
                  *(value.member(name).text_or_none()
                    for name in ("accel", "clock", "clock_unit", "fingerprint", "ended")),
                  not_run=[name.text() for name in value.member("not_run").elements()], facts=facts)


def step_of(value: Value) -> Step:
    return Step(value.member("symbol").text(), value.member("depth").count(), value.member("phase").text(),
                value.member("arrival").text(), value.member("instructions").count())


def anatomy_of(value: Value) -> Anatomy:
    phases = value.member("phases")
    return Anatomy(value.member("cell").text(), value.member("target").text(),
                   value.member("instructions_per_hit").count(), value.member("baseline_per_call").count(),
                   value.member("exceptions_per_hit").count(),
                   phases.counts(),
                   [step_of(step) for step in value.member("runs").elements()],
                   None if (repeated := value.optional("repetitions_per_hit")).raw is None else repeated.whole())


def beside(results: Path, name: str) -> Value | None:
    """Another file of the same run; absent is fine, unreadable is not."""
    path = results.with_name(name)
    if not path.exists() and not path.with_name(name + ".gz").exists():
        return None
    document = parse(path, read_bytes(path))
    check_version(document)
    return document


def reproductions_in(document: Value | None) -> list[dict[str, Any]]:
    if document is None or document.raw is None:
        return []
    targets = list(document.member("targets").elements())
    for target in targets:
        check_experiment(target)
    return [target.raw for target in targets]


def anatomies_in(document: Value | None) -> list[Anatomy]:
    return [] if document is None else [anatomy_of(one) for one in document.member("anatomies").elements()]


def source_of(path: Path, content: bytes, results: Value) -> Source:
    return source_with(path, hashlib.sha256(content).hexdigest(), results)


def source_with(path: Path, digest: str, results: Value) -> Source:
    return Source(str(path), digest, results.member("started").text(),
                  [word.text() for word in results.member("command").elements()],
                  results.member("rounds").count(), results.member("seed").count(),
                  results.member("complete").flag(), results.member("ended").text_or_none(),
                  " ".join(results.member("tool").member(name).text() for name in ("name", "version")))


def cells_in(results: Value) -> list[Cell]:
    metrics = metrics_of(results)
    return [cell_of(value, metrics) for value in results.member("cells").elements()]


def run_of(source: Source, results: Value, anatomies: list[Anatomy], reproductions: list[dict[str, Any]],
           cells: list[Cell] | None = None, notes: tuple[str, ...] = ()) -> Run:
    """`cells`: where `results` holds none of them."""
    run = Run([source], [target_of(value) for value in results.member("targets").elements()],
              cells_in(results) if cells is None else cells, anatomies, reproductions, list(notes), metrics_of(results))
    known = {target.id for target in run.targets}
    for cell in run.cells:
        if cell.target not in known:
            raise ReportError(f"{source.path}: cell {cell.name}: its target {cell.target!r} is not among the targets")
    return run


def whole_run(path: Path) -> Run:
    content = read_bytes(path)
    document = parse(path, content)
    check_kind(document)
    check_version(document)
    return run_of(source_of(path, content, document), document, *what_is_beside(path))


def what_is_beside(path: Path) -> tuple[list[Anatomy], list[dict[str, Any]]]:
    return anatomies_in(beside(path, "anatomy.json")), reproductions_in(beside(path, "reproduce.json"))


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Nothing of a million of objects is garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def large_run(path: Path, least: int = LARGE) -> Run | None:
    """None: it has to be read whole."""
    if path.suffix == ".gz" or not path.is_file() or path.stat().st_size < least:
        return None
    try:
        with path.open("rb") as file, no_collection():
            results = LargeResults(file)
            document = Value(str(path), "", results.head())
            check_values(document)
            check_version(document)
            cells = list(results.cells(metrics_of(document)))
        source = source_with(path, results.digest.hexdigest(), document)
        return run_of(source, document, *what_is_beside(path), cells, (NOTE.format(path.name),))
    except NotPlain:
        return None


def load(given: str) -> Run:
    path = run_named(given)
    results = path / "results.json" if path.is_dir() else path
    return large_run(results) or whole_run(results)
