# SPDX-License-Identifier: MIT
"""A store: runs go in, once each; runs and answers come out."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .connection import engine_of, name_of, place_of, said, sqlalchemy

if TYPE_CHECKING:
    from .rows import Rows


class Store:
    def __init__(self, engine: Any, place: Any):
        from .write import Recurring
        self.engine = engine
        self.place = place
        self._recurring = Recurring()

    @property
    def name(self) -> str:
        """As a message may call it."""
        return name_of(self.place)

    def add(self, document: Mapping[str, Any] | bytes, asked_key: str | None = None, *, occasion: str = "",
            request: Mapping[str, str] | None = None, node: str | None = None, seconds: float | None = None,
            source: str | None = None, beside: Mapping[str, Mapping[str, Any] | bytes] | None = None) -> bool:
        """Adds results.json, parsed or as the file has it, and the files beside it by their names. False: it is there
        already, or another run is that answers the same key on the same occasion.

        `occasion` tells apart what is measured more than once on purpose: again, or on a second node."""
        from .rows import rows_of
        rows = rows_of(document, source or "results.json", beside)
        return self.add_rows([about(rows, asked_key, occasion, request, node, seconds, source)])[0]

    def add_rows(self, batch: Sequence[Rows]) -> list[bool]:
        """Of each whether it is new. One transaction: all of them are there at its end, or none."""
        from .write import insert_runs
        with said(self.place):
            self._recurring.write(self.engine, batch)
            with self.engine.begin() as connection:
                return insert_runs(connection, batch)

    def has(self, asked_key: str) -> bool:
        """Whether a whole run answers it."""
        from .schema import run
        query = sqlalchemy().select(run.c.id).where(run.c.asked == asked_key, run.c.complete.is_(True)).limit(1)
        return bool(self.rows(query))

    def answers(self) -> set[tuple[str, str]]:
        """The keys that are answered, on each occasion."""
        from .schema import run
        query = sqlalchemy().select(run.c.asked, run.c.occasion).where(
            run.c.asked.is_not(None), run.c.complete.is_(True))
        return {(key, occasion) for key, occasion in self.rows(query)}

    def keys(self) -> set[str]:
        """All that is answered."""
        return {key for key, _occasion in self.answers()}

    def seconds_of(self, **request: str) -> float | None:
        """What such a run took, the median: of those that were asked for with these words; None: not known."""
        from .schema import request as words
        from .schema import run
        query = sqlalchemy().select(run.c.seconds).where(run.c.seconds.is_not(None), run.c.complete.is_(True))
        for name, value in request.items():
            query = query.where(run.c.id.in_(sqlalchemy().select(words.c.run).where(
                words.c.name == name, words.c.value == value)))
        known = [row[0] for row in self.rows(query)]
        return statistics.median(known) if known else None

    def numbers(self) -> list[int]:
        """Of all runs, oldest first."""
        from .schema import run
        return [row[0] for row in self.rows(sqlalchemy().select(run.c.id).order_by(run.c.started, run.c.id))]

    def export(self, number: int) -> dict[str, bytes]:
        """The files of a run; results.json byte for byte."""
        from .packed import unpacked
        from .rows import ANATOMY
        from .schema import file
        rows = self.rows(sqlalchemy().select(file.c.name, file.c.content).where(file.c.run == number))
        files = {name: unpacked(content) for name, content in rows}
        if ANATOMY in files:
            files[ANATOMY] = self.with_paths(files[ANATOMY])
        return files

    def with_paths(self, content: bytes) -> bytes:
        from .packed import unpacked
        from .rows import as_bytes
        from .schema import path
        document = json.loads(content)
        wanted = {one["runs"] for one in document["anatomies"]}
        rows = self.rows(sqlalchemy().select(path.c.digest, path.c.steps).where(path.c.digest.in_(wanted)))
        paths = {digest: json.loads(unpacked(steps)) for digest, steps in rows}
        for one in document["anatomies"]:
            one["runs"] = paths[one["runs"]]
        return as_bytes(document)

    def rows(self, query: Any) -> list[Any]:
        with said(self.place), self.engine.connect() as connection:
            return list(connection.execute(query))

    def analyze(self) -> None:
        """PostgreSQL learns by and by how much it has; until then it may plan a question as if that were little."""
        with said(self.place), self.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def about(rows: Rows, asked_key: str | None, occasion: str, request: Mapping[str, str] | None, node: str | None,
          seconds: float | None, source: str | None) -> Rows:
    """What the file does not say of itself."""
    from .rows import text
    if not rows.run["complete"]:
        asked_key = None  # a run that ended early answers nothing, and must not be in the way of one that does
    rows.run.update(asked=text(asked_key), occasion=text(occasion), node=text(node), seconds=seconds,
                    source=text(source))
    rows.request.update({text(name): text(value) for name, value in (request or {}).items()})
    return rows


def open_store(url: str | None = None, writable: bool = True) -> Store:
    """sqlite:///PATH, a path, or postgresql://[USER@][HOST[:PORT]]/DATABASE; made where there is none and it is to be
    written to."""
    place = place_of(url)
    engine = engine_of(place, writable)
    from .migrate import bring_up_to_date, check_current
    with said(place), engine.begin() as connection:
        (bring_up_to_date if writable else check_current)(connection, name_of(place))
    return Store(engine, place)
