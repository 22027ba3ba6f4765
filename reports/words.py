# SPDX-License-Identifier: MIT
"""Commands and options as the parser has them, for the manual page and completions that `run-bench manual` writes."""

from __future__ import annotations

import argparse
import json


def option_words(action: argparse.Action) -> dict:
    return {"names": sorted(action.option_strings, key=len, reverse=True),
            "argument": "" if action.nargs == 0 else str(action.metavar or "WHAT"),
            "description": action.help, "values": [str(one) for one in action.choices or ()]}


def command_words(name: str, command: argparse.ArgumentParser) -> dict:
    options = [one for one in command._actions if one.option_strings and one.help != argparse.SUPPRESS]
    return {"name": name, "footer": command.epilog,
            "options": [option_words(one) for one in options]}


def words_of(commands: dict[str, argparse.ArgumentParser]) -> str:
    return json.dumps([command_words(name, command) for name, command in commands.items()])
