# SPDX-License-Identifier: MIT
"""run-bench serve: a store as pages, until it is interrupted."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import socket
import sys
from typing import Any

from ..errors import UNAVAILABLE, ReportError
from ..escape import terminal
from ..history.command import add_store

PORT = 8080
EPILOG = ("It only reads. Nothing asks who somebody is: bind it to another address than a loopback one only where all\n"
          "who reach that may read the store.\n"
          "Exit: 0 interrupted, 2 usage, 69 a package is missing, the address is taken, or the database is away\n"
          "Examples:\n"
          "  ./run-bench serve\n"
          "  ./run-bench serve --store postgresql:///probebench --port 8081\n")


def add_serve(commands: argparse._SubParsersAction) -> None:
    serve = commands.add_parser(
        "serve", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Shows a store in a browser: compare targets or runs, follow a cell over time, filter, sort, "
                    "search.", epilog=EPILOG)
    add_store(serve, "what is shown")
    serve.add_argument("--bind", metavar="ADDRESS", default="127.0.0.1", help="the address to listen at [127.0.0.1]")
    serve.add_argument("--port", metavar="N", type=int, default=PORT, help=f"its port; 0: one that is free [{PORT}]")
    serve.set_defaults(perform=serve_command)


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def listening(options: argparse.Namespace) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.bind else socket.AF_INET
    try:
        return socket.create_server((options.bind, options.port), family=family)
    except (OSError, OverflowError) as error:
        raise ReportError(f"--bind {options.bind} --port {options.port}: {error}; name another with --port",
                          UNAVAILABLE) from error


def server_of(options: argparse.Namespace, app: Any) -> Any:
    from werkzeug.serving import make_server
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
    with listening(options) as taken:
        return make_server(options.bind, taken.getsockname()[1], app, threaded=True, fd=taken.fileno())


def serve_command(options: argparse.Namespace) -> str:
    from ..packages import need_packages
    need_packages()
    from ..store import open_store
    with open_store(options.store, writable=False) as store:
        try:
            from .application import OWN_NAMES, application
        except ImportError as error:
            raise ReportError(f"serve needs Python's {error.name}; install python3-flask", UNAVAILABLE) from error
        own_names = frozenset((*OWN_NAMES, options.bind)) if is_loopback(options.bind) else frozenset()
        server = server_of(options, application(store, own_names))
        host = f"[{options.bind}]" if ":" in options.bind else options.bind
        port = server.socket.getsockname()[1]
        print(terminal(f"http://{host}:{port}   (stop with Ctrl-C)"), file=sys.stderr, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()
    return ""
