# SPDX-License-Identifier: MIT
"""The command line as a user runs it, on kernels booted in a virtual machine.

Counts under -icount are exact, so they may decide; time never does.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "probebench")
SCHEMA = pathlib.Path(__file__).parents[2] / "harness/host/results/results.schema.json"
DEADLINE_S = 200

# First bytes at the site while armed, by probe type (x86 opcodes: cc int3, e9/eb jmp, e8 call).
ARMED = {
    "kprobe-stepped": "cc",
    "kprobe-boosted": "cc",
    "kprobe-unoptimized": "cc",
    "kprobe-emulated": "cc",
    "kprobe-detour": "cc",
    "kprobe-optimized": "e9",
    "kprobe-ftrace": "e8",
    "kprobe-post": "cc",
    "kretprobe-int3": "cc",
    "kretprobe-optimized": "e9",
    "kretprobe-ftrace": "e8",
    "fprobe-entry": "e8",
    "fprobe-exit": "e8",
    "ftrace": "e8",
    "ftrace-regs": "e8",
    "tracepoint": "e",
}


def command(directory, *arguments):
    return [PROGRAM, "--accel", "tcg", "--output", str(directory), *arguments]


def run(directory, *arguments, expect=0):
    """Runs to the end; returns results.json and the finished process."""
    done = subprocess.run(
        command(directory, *arguments), capture_output=True, text=True, timeout=DEADLINE_S
    )
    if done.returncode != expect:
        raise AssertionError(f"exit {done.returncode}, expected {expect}:\n{done.stderr}{done.stdout}")
    return json.loads((directory / "results.json").read_text()), done


def by_type(results):
    return {(cell["probe_type"], cell["handler"]): cell for cell in results["cells"]}


def exact_counts(results):
    counts = {cell["name"]: cell["metrics"]["instructions_per_hit"] for cell in results["cells"]}
    return {name: count for name, count in counts.items() if count and count["class"] == "exact"}


def children_of(pid):
    """Those of all its threads: each target has one of its own."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class InDirectory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="probebench-test-")
        cls.directory = pathlib.Path(cls.temporary.name)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()


class MeasuresEveryType(InDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results, cls.done = run(
            cls.directory, "--probe-type", "kmod", "--handler", "nop,count", "--kernel", "6.12"
        )

    def test_every_type_is_measured_or_skipped_for_a_true_reason(self):
        self.assertEqual(len(self.results["cells"]), 2 * len(ARMED))
        for cell in self.results["cells"]:
            if cell["probe_type"] == "kprobe-boosted":
                self.assertEqual(cell["status"], "skipped")
                self.assertIn("CONFIG_PREEMPTION", cell["reason"])
                self.assertEqual(cell["lacking"]["capability"], "int3-boost")
            else:
                self.assertEqual(cell["status"], "measured", cell["reason"])

    def test_bytes_prove_the_mechanism(self):
        for cell in self.measured():
            evidence = cell["evidence"]
            self.assertTrue(evidence["armed"].startswith(ARMED[cell["probe_type"]]), cell["name"])
            self.assertEqual(evidence["after"], evidence["before"], cell["name"])
            self.assertTrue(evidence["decoded"], cell["name"])

    def test_hits_equal_calls_and_none_is_missed(self):
        for cell in self.measured():
            hits = cell["hits"]
            self.assertGreater(hits["expected"], 0)
            self.assertEqual(hits["counted"], hits["expected"], cell["name"])
            self.assertEqual((hits["missed"], hits["elsewhere"]), (0, 0), cell["name"])

    def test_counts_are_exact_and_not_called_cycles(self):
        for cell in self.measured():
            metric = cell["metrics"]["instructions_per_hit"]
            self.assertEqual(metric["class"], "exact", cell["name"])
            self.assertEqual(metric["low"], metric["high"])
            self.assertIsNone(cell["metrics"]["cycles_per_hit"])
            self.assertIsNone(cell["metrics"]["ns_per_hit"])
        self.assertIn("insns/hit", self.done.stdout)
        self.assertNotIn("cycle", self.done.stdout)

    def test_counting_costs_more_than_doing_nothing(self):
        cells = by_type(self.results)
        for probe_type in ARMED:
            if probe_type == "kprobe-boosted":
                continue
            nop, count = (
                cells[probe_type, handler]["metrics"]["instructions_per_hit"]["value"]
                for handler in ("nop", "count")
            )
            self.assertGreater(count, nop, probe_type)
            self.assertLess(count - nop, 5, probe_type)

    def test_mechanisms_are_ordered_as_their_paths_are_long(self):
        cost = {
            key[0]: cell["metrics"]["instructions_per_hit"]["value"]
            for key, cell in by_type(self.results).items()
            if key[1] == "nop" and cell["status"] == "measured"
        }
        for cheap, dear in (
            ("tracepoint", "ftrace"),
            ("ftrace", "ftrace-regs"),
            ("ftrace-regs", "kprobe-optimized"),
            ("kprobe-optimized", "kprobe-ftrace"),
            ("kprobe-ftrace", "kprobe-emulated"),
            ("kprobe-emulated", "kprobe-detour"),
            ("kprobe-detour", "kprobe-stepped"),
            ("kprobe-stepped", "kprobe-unoptimized"),
            ("kprobe-stepped", "kprobe-post"),
            ("fprobe-entry", "fprobe-exit"),
            ("kretprobe-optimized", "kretprobe-ftrace"),
            ("kretprobe-ftrace", "kretprobe-int3"),
        ):
            self.assertLess(cost[cheap], cost[dear], (cheap, dear))

    def test_table_fits_80_columns(self):
        for line in self.done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_files_of_the_run_are_complete(self):
        import jsonschema

        jsonschema.validate(self.results, json.loads(SCHEMA.read_text()))
        self.assertTrue(self.results["complete"])
        benchmark = json.loads((self.directory / "benchmark.json").read_text())
        names = [row["name"] for row in benchmark["benchmarks"]]
        self.assertEqual(names, [cell["name"] for cell in self.results["cells"]])
        self.assertGreater((self.directory / "guest.log").stat().st_size, 0)

    def measured(self):
        cells = [cell for cell in self.results["cells"] if cell["status"] == "measured"]
        self.assertEqual(len(cells), 30)
        return cells


class RepeatsExactly(InDirectory):
    def test_two_runs_have_equal_counts_and_fingerprints(self):
        runs = []
        for i in range(2):
            (self.directory / str(i)).mkdir()
            start = ["--fresh-boot"] if i else []
            runs.append(run(self.directory / str(i), "--probe-type", "kmod", "--seed", str(i + 1), *start)[0])
        starts = [record["targets"][0]["host"]["guest.start"] for record in runs]
        self.assertEqual(starts, ["restored after its boot", "booted"])
        counts = exact_counts(runs[0])
        self.assertEqual(counts, exact_counts(runs[1]))
        self.assertGreaterEqual(len(counts), 14)
        self.assertEqual(*(record["targets"][0]["fingerprint"] for record in runs))


class NothingToMeasure(InDirectory):
    def test_the_exit_code_is_4(self):
        results, _ = run(self.directory, "--kernel", "6.1", "--probe-type", "fprobe", expect=4)
        self.assertEqual({cell["status"] for cell in results["cells"]}, {"skipped"})


class Interrupted(InDirectory):
    """A run of many rounds, disturbed once it has finished a cell, skipped another, and begun a third."""

    ROUNDS = "100"

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=self.temporary.name))
        self.stderr = self.directory.with_suffix(".stderr")

    def start(self, *arguments, targets=1):
        with self.stderr.open("w") as stderr:
            process = subprocess.Popen(
                command(self.directory, "--probe-type", "kmod", "--rounds", self.ROUNDS, *arguments),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if process.poll() is not None:
                raise AssertionError(f"ended too soon: {process.communicate()}")
            if self.targets_with_cells() >= targets and self.begun() > self.finished() >= 2 * targets:
                return process
            time.sleep(0.02)
        process.kill()
        raise AssertionError("no cell was finished in time")

    def cells(self):
        path = self.directory / "results.json"
        return json.loads(path.read_text())["cells"] if path.exists() else []

    def targets_with_cells(self):
        return len({cell["target"] for cell in self.cells()})

    def finished(self):
        return len(self.cells())

    def said(self):
        return self.stderr.read_text()

    def begun(self):
        return len(re.findall(r"^\[\d+/\d+\] ", self.said(), re.MULTILINE))

    def qemu_of(self, process):
        (qemu,) = children_of(process.pid)
        return qemu

    def check_confined(self, qemu):
        """QEMU runs code of the guest's: it is nobody, without rights, network or files of ours by name."""
        status = dict(line.split(":\t") for line in pathlib.Path(f"/proc/{qemu}/status").read_text().splitlines())
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"].strip(), "2")
        if os.geteuid() == 0:
            self.assertEqual(status["Uid"].split(), ["65534"] * 4)
        self.assertNotEqual(os.readlink(f"/proc/{qemu}/ns/net"), os.readlink("/proc/self/ns/net"))

    def check_partial_results(self):
        results = json.loads((self.directory / "results.json").read_text())
        self.assertFalse(results["complete"])
        self.assertGreaterEqual(len(results["cells"]), 1)
        self.assertTrue(results["ended"])
        (target,) = results["targets"]
        self.assertIsNotNone(target["in_flight"])
        finished = {cell["name"] for cell in results["cells"]}
        self.assertNotIn(target["in_flight"], finished)
        self.assertEqual(len(finished) + 1 + len(target["not_run"]), len(ARMED))
        json.loads((self.directory / "benchmark.json").read_text())
        return results


class WindsUpWhenInterrupted(Interrupted):
    def test_ctrl_c(self):
        process = self.start("--jobs", "2")
        guests = children_of(process.pid)
        self.assertEqual(len(guests), 2)
        self.check_confined(guests[0])
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
        self.assertEqual(process.returncode, 130)
        self.assertFalse(any(is_alive(guest) for guest in guests))
        self.check_partial_results()

    def test_sigkill_leaves_no_qemu(self):
        process = self.start("--jobs", "1")
        qemu = self.qemu_of(process)
        process.kill()
        process.communicate(timeout=5)
        end = time.monotonic() + 5
        while is_alive(qemu) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse(is_alive(qemu))


class KeepsCellsWhenQemuDies(Interrupted):
    def test_finished_cells_and_the_cell_in_flight(self):
        process = self.start("--jobs", "1")
        os.kill(self.qemu_of(process), signal.SIGKILL)
        stdout, _ = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 1)
        results = self.check_partial_results()
        self.assertIn(results["targets"][0]["in_flight"], self.said())
        self.assertIn("kprobe-stepped", stdout)


class RefusesBadInput(InDirectory):
    """What needs the target to be refused; the rest is in command_line_test.cpp."""

    def refused(self, *arguments, code, text):
        done = subprocess.run(
            [PROGRAM, "--accel", "tcg", "--quiet", "--output", str(self.directory / "out"), *arguments],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        self.assertEqual(done.returncode, code, done.stderr)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], text)

    @classmethod
    def setUpClass(cls):
        """A kernel of the user's own: the cached one, by path."""
        super().setUpClass()
        results, _ = run(cls.directory, "--probe-type", "tracepoint")
        release = results["targets"][0]["environment"]["facts"]["kernel.release"]
        cache = pathlib.Path(
            os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"), "probebench/kernels", release
        )
        (cls.image,) = cache.glob("**/boot/vmlinuz-*")
        (cls.headers,) = cache.glob("**/usr/src/linux-headers-*-cloud-amd64")

    def test_kernel_by_path(self):
        image, headers = self.image, self.headers
        copy = self.directory / "my-vmlinuz"
        copy.write_bytes(image.read_bytes())
        results, _ = run(
            self.directory, "--kernel", str(copy), "--headers", str(headers), "--probe-type", "tracepoint"
        )
        self.assertEqual(results["cells"][0]["status"], "measured")

    def test_a_kernel_without_headers(self):
        """Nothing is built for it, and what needs nothing is measured."""
        release = self.image.name.removeprefix("vmlinuz-")
        if pathlib.Path("/lib/modules", release, "build").exists():
            self.skipTest("this machine has its headers")
        bare = self.directory / "bare-vmlinuz"
        bare.write_bytes(self.image.read_bytes())
        results, done = run(self.directory, "--kernel", str(bare), "--probe-type", "tracepoint,uprobe")
        found = {cell["probe_type"]: cell for cell in results["cells"] if cell["site"] in ("tracepoint", "nop")}
        self.assertEqual(found["uprobe"]["status"], "measured")
        self.assertEqual(found["tracepoint"]["status"], "skipped")
        self.assertIn("none was built for this kernel", found["tracepoint"]["reason"])
        self.assertIn(f"no headers for {release} lie beside", done.stderr)
        self.assertNotIn("module.sha256", results["targets"][0]["environment"]["facts"])

    def test_broken_kernels_and_headers(self):
        image, headers = self.image, self.headers
        cut = self.directory / "cut"
        cut.write_bytes(image.read_bytes()[: 1 << 20])
        text = self.directory / "text"
        text.write_text("not a kernel\n" * 1000)
        empty = self.directory / "empty"
        empty.mkdir(exist_ok=True)
        for path in (cut, text):
            self.refused("--kernel", str(path), "--headers", str(headers), code=69, text=re.escape(str(path)))
        self.refused(
            "--kernel", str(image), "--headers", str(empty), code=69, text=re.escape(str(empty))
        )
        self.refused("--kernel", str(self.directory / "absent"), code=2, text="absent")

    def test_unknown_kernel(self):
        self.refused("--kernel", "6.13", code=2, text="6.1")


if __name__ == "__main__":
    unittest.main()
