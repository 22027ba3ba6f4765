#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a sweep takes beside the runs that it starts, one after the other: here, and on a Slurm of one node.

    PROBEBENCH_BUILD=build/release /usr/bin/python3 bench/fleet_overhead.py [--targets N] [--handlers LIST]

Both sums are of the same sweep, so that other work on the machine is in both."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/fleet")]

from fleet_test import installed  # noqa: E402
from slurm_here import SlurmHere  # noqa: E402

LAB = '[axes]\nkernels = ["6.12"]\ncpus = [{}]\nprobe_types = ["all"]\nhandlers = [{}]\n'
MODELS = ("max", "EPYC", "EPYC-Rome", "Skylake-Server", "Haswell", "Cascadelake-Server", "Broadwell", "IvyBridge")


def quoted(words):
    return ", ".join(f'"{one}"' for one in words)


def bare(work):
    """What the runs themselves took."""
    return [json.loads(file.read_text())["seconds"] for file in sorted(work.glob("runs/*/*/measured.json"))]


def told(what, whole, runs):
    over = 100 * (whole / sum(runs) - 1)
    print(f"{what:6} {len(runs):3d} targets of {min(runs):.1f} to {max(runs):.1f} s: runs {sum(runs):.1f} s, "
          f"sweep {whole:.1f} s, {over:+.1f} %", flush=True)


def sweep(checkout, folder, name, *options):
    return [str(checkout / "run-bench"), "--no-install", "sweep", str(folder / "lab.toml"), "--quiet", "--work",
            str(folder / name), "--store", str(folder / f"{name}.sqlite"), *options]


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--targets", type=int, default=6)
    parser.add_argument("--handlers", default="nop,count", help="of all types: what makes a target longer")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="probebench-overhead-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        checkout = installed(folder)
        handlers = options.handlers.split(",")
        (folder / "lab.toml").write_text(LAB.format(quoted(MODELS[:options.targets]), quoted(handlers)))
        began = time.monotonic()
        subprocess.run(sweep(checkout, folder, "here", "--jobs", "1"), check=True, stdout=subprocess.DEVNULL)
        told("here", time.monotonic() - began, bare(folder / "here"))
        (folder / "slurm").mkdir()
        with SlurmHere(folder / "slurm", nodes=1) as slurm:
            submitted = time.monotonic()
            subprocess.run(sweep(checkout, folder, "fleet", "--engine", "slurm"), check=True, env=slurm.environment,
                           stdout=subprocess.DEVNULL)
            began = time.monotonic()
            print(f"slurm: kernels prepared and arrays submitted in {began - submitted:.1f} s", flush=True)
            slurm.wait_for("all jobs", lambda: slurm.ask("squeue", "--noheader").stdout == "", 3600)
            told("slurm", time.monotonic() - began, bare(folder / "fleet"))


if __name__ == "__main__":
    os.environ.setdefault("PROBEBENCH_BUILD", str(ROOT / "build/release"))
    main(sys.argv[1:])
