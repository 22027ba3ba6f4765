# SPDX-License-Identifier: MIT
"""Addresses to views, views to pages and JSON. Nothing here writes; who asks for more than reading is refused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask

from ..errors import UNAVAILABLE, ReportError
from ..page import shown
from ..store.store import Store
from .address import Asked
from .compare import compare_view
from .drawings import comparison_svg, report_html, trend_svg
from .grid import narrowed, ordered
from .markup import tables_of
from .views import (NotThere, View, cells_view, history_view, matrix_view, run_view, runs_view, target_view,
                    targets_view)

STYLES = (Path(__file__).parents[1] / "templates/page.css", Path(__file__).parent / "templates/serve.css")
MENU = (("Targets", "/"), ("Runs", "/runs"), ("Cells", "/cells"), ("Over time", "/history"),
        ("Kernel by CPU", "/matrix"), ("Compare", "/compare"))
NUMBER = "<int(max=2147483647):number>"  # of a run, as the databases have them
VIEWS: tuple[tuple[str, Callable[..., View]], ...] = (
    ("/", targets_view), ("/runs", runs_view), (f"/runs/{NUMBER}", run_view), ("/targets/<key>", target_view),
    ("/cells", cells_view), ("/history", history_view), ("/matrix", matrix_view), ("/compare", compare_view))
DRAWINGS: tuple[tuple[str, Callable[[Store, Asked], str]], ...] = (
    ("/figures/trend.svg", trend_svg), ("/figures/comparison.svg", comparison_svg))
POLICY = "default-src 'none'; img-src 'self' data:; style-src 'self'; form-action 'self'; base-uri 'none'; " \
         "frame-ancestors 'none'"
TITLES = {400: "Not understood", 404: "Not found", 503: "Not to be had"}
REPORT_POLICY = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
OWN_NAMES = ("localhost", "127.0.0.1", "::1")


def asked_here() -> Asked:
    path = flask.request.path
    return Asked(path.removeprefix("/api") or "/", flask.request.args.to_dict())


def arranged(view: View, asked: Asked) -> View:
    """The first table as it was asked for."""
    from dataclasses import replace
    if not view.grids:
        return view
    first = ordered(narrowed(view.grids[0], asked.get("q")), asked.get("sort"), asked.descending)
    return replace(view, grids=[first, *view.grids[1:]])


def page_of(view: View, asked: Asked) -> Any:
    return flask.render_template("view.html", view=view, asked=asked, menu=MENU, api=api_address(asked),
                                 tables=tables_of(view.grids, asked))


def api_address(asked: Asked) -> str:
    from .address import address
    return address("/api" + asked.path, **asked.words)


def json_of(view: View, _asked: Asked) -> Any:
    return flask.jsonify(title=view.title, finding=view.finding, tables=[grid.data for grid in view.grids],
                         figures=[source for source, _text in view.figures])


def answer(store: Store, view: Callable[..., View], set_: Callable[[View, Asked], Any], **named: Any) -> Any:
    asked = asked_here()
    return set_(arranged(view(store, asked, **named), asked), asked)


def refused(error: ReportError) -> Any:
    code = 404 if isinstance(error, NotThere) else 503 if error.exit_code == UNAVAILABLE else 400
    asked = asked_here()
    if flask.request.path.startswith("/api/"):
        return flask.jsonify(error=str(error)), code
    return page_of(View(TITLES[code], str(error)), asked), code


def results_file(store: Store, number: int) -> Any:
    content = store.export(number).get("results.json")
    if content is None:
        raise NotThere(f"run {number}: it is not in the store")
    return flask.Response(content, mimetype="application/json")


def report_page(store: Store, key: str) -> Any:
    """It brings its own policy, which knows its one script."""
    return flask.Response(report_html(store, key), mimetype="text/html", headers={
        "Content-Security-Policy": REPORT_POLICY})


def check_name(own_names: frozenset[str]) -> None:
    """A page of somebody else's, to whose name this address was given, may not read this one."""
    try:
        name = urlsplit("//" + flask.request.host).hostname
    except ValueError:
        name = None
    if own_names and name not in own_names:
        flask.abort(400, "the server is not called so")


def with_policy(response: Any) -> Any:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response


class Application(flask.Flask):
    # What a run says of itself may be anything: controls and the like become visible, as in a report.
    jinja_options = {"finalize": shown, "trim_blocks": True, "lstrip_blocks": True}


def application(store: Store, own_names: frozenset[str] = frozenset()) -> flask.Flask:
    """`own_names`: what a browser may have called it; empty: anything."""
    app = Application(__name__, static_folder=None)
    app.json.sort_keys = False
    for path, view in VIEWS:
        name = view.__name__
        app.add_url_rule(path, name, functools.partial(answer, store, view, page_of))
        app.add_url_rule("/api" + path, "api_" + name, functools.partial(answer, store, view, json_of))
    for path, draw in DRAWINGS:
        app.add_url_rule(path, draw.__name__, lambda draw=draw: flask.Response(
            draw(store, asked_here()), mimetype="image/svg+xml"))
    app.add_url_rule(f"/runs/{NUMBER}/results.json", "results", functools.partial(results_file, store))
    app.add_url_rule("/targets/<key>/report", "report", functools.partial(report_page, store))
    style = "".join(file.read_text(encoding="utf-8") for file in STYLES)
    app.add_url_rule("/style.css", "style", lambda: flask.Response(style, mimetype="text/css"))
    app.register_error_handler(ReportError, refused)
    app.before_request(lambda: check_name(own_names))
    app.after_request(with_policy)
    return app
