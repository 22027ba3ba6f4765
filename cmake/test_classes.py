# SPDX-License-Identifier: MIT
"""Names the test classes of the given files, for CTest: `module.Class`, and the properties that the class asks for.
The files are read, not run, because they need programs that are not built yet."""

import ast
import pathlib
import sys


def members(node, classes):
    """The class's own, and those of its bases in this file and those that it takes names from."""
    yield from node.body
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in classes:
            yield from members(classes[base.id], classes)


def has_tests(node, classes):
    return any(isinstance(part, ast.FunctionDef) and part.name.startswith("test_") for part in members(node, classes))


def properties(node, classes):
    wanted = {part.targets[0].id: part.value for part in reversed(list(members(node, classes)))  # its own is the last
              if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)}
    for name, wish in (("LOCK", "RESOURCE_LOCK"), ("COST", "COST"), ("LABEL", "LABELS"), ("TIMEOUT", "TIMEOUT")):
        if name in wanted:
            yield f"{wish} {ast.literal_eval(wanted[name])}"


def classes_of(path):
    parts = ast.parse(path.read_text(encoding="utf-8"), path).body
    own = {part.name: part for part in parts if isinstance(part, ast.ClassDef)}
    known = dict(own)
    for part in parts:
        beside = path.with_name(f"{part.module}.py") if isinstance(part, ast.ImportFrom) else None
        if beside and beside.exists():
            known.update(classes_of(beside)[0])
    return own, known


def main():
    for path in map(pathlib.Path, sys.argv[1:]):
        own, classes = classes_of(path)
        for name, node in own.items():
            if has_tests(node, classes):
                print(f"{path.stem}.{name}", *properties(node, classes))


if __name__ == "__main__":
    main()
