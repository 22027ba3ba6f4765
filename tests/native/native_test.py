# SPDX-License-Identifier: MIT
"""The command line on the running kernel. Hits and bytes decide, never time; every kernel either measures a row
or says why not."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
import unittest

from native_run import COMMON_NAMES, PERF_LIMIT, PROBEBENCH, PROBED, Native, read, run, start


class Uprobes(Native):
    def test_every_site_is_armed_as_the_kernel_can(self):
        cells = self.cells("--probe-type", "uprobe", "--handler", "nop,count", "--rounds", "6")
        for cell in cells:
            if cell["status"] == "skipped":
                continue
            call = {"nop5": "e8", "nop10": "48 8d 64 24 80 e8"}
            first = "cc" if cell["evidence"]["state"] == "int3" else call[cell["site"]]
            self.assertTrue(cell["evidence"]["armed"].startswith(first), cell["name"])
            # Before its first hit every site holds an int3.
            self.assertTrue(cell["evidence"]["kernel_flags"].startswith("cc "), cell["name"])
        self.assertNotEqual({cell["status"] for cell in cells}, {"skipped"})


class Traps(Native):
    def test_are_timed_without_any_probe(self):
        place = os.path.join(self.directory, "traps")
        command = [PROBEBENCH, "reproduce", "--target", "native", "--part", "traps", "--output", place]
        environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(self.directory, "cache"))
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=100, check=False)
        self.assertIn(done.returncode, (0, 4), done.stdout + done.stderr)
        told = json.loads(read(os.path.join(place, "reproduce.json")))["targets"][0]
        self.assertEqual([trap["trap"] for trap in told["traps"]], ["int3", "trap-flag", "signal"])
        for trap in told["traps"]:
            self.assertEqual(trap["status"], "measured", trap["reason"])
            self.assertEqual(trap["hits"]["counted"], trap["hits"]["expected"])
            self.assertGreater(trap["hits"]["counted"], 0)
            self.assertEqual(trap["hits"]["missed"], 0)
            self.assertLessEqual(trap["per_trap"]["low"], trap["per_trap"]["high"])
        self.assertTrue(told["traps"][0]["text"].startswith("cc c3"))
        curve = told["time_curve"]
        self.assertTrue(curve["borrowed"], "no instruction was counted here")
        self.assertEqual(curve["measured"]["source"], "this run")


class Tracepoints(Native):
    def test_are_measured_without_the_module(self):
        cells = self.cells("--probe-type", "raw-tp,bpf-tp", "--rounds", "6")
        measured = [cell for cell in cells if cell["status"] != "skipped"]
        for cell in measured:
            self.assertEqual(cell["evidence"]["state"], "static-key")
        self.assertTrue(all(cell["driver"] == "module" for cell in cells if cell not in measured))


class Info(Native):
    def test_says_what_this_kernel_offers(self):
        environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(self.directory, "cache"))
        command = [PROBEBENCH, "info", "--target", "native", "--quiet", "--json"]
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=100, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["target"]["facts"]["kernel.release"], os.uname().release)
        self.assertIn("available", told["capabilities"]["helper-module"])

    def test_a_path_is_no_matter_of_a_running_kernel(self):
        command = [PROBEBENCH, "anatomy", "--target", "native", "--probe-type", "uprobe"]
        done = subprocess.run(command, text=True, capture_output=True, timeout=100, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("in emulation", done.stderr)


class Cpus(Native):
    def test_one_is_chosen_and_told(self):
        allowed = sorted(os.sched_getaffinity(0))
        for arguments, possible in ((), allowed), (("--cpu-list", str(allowed[0])), allowed[:1]):
            self.cells("--probe-type", "raw-tp", "--rounds", "3", *arguments)
            target = json.loads(read(os.path.join(self.directory, "run", "results.json")))["targets"][0]
            self.assertIn(int(target["environment"]["facts"]["cpu.measured"]), possible)
            shutil.rmtree(os.path.join(self.directory, "run"))

    def test_one_that_is_not_there_is_named(self):
        code, _, stderr = run(self.directory, "--probe-type", "raw-tp", "--cpu-list", "1023")
        self.assertNotEqual(code, 0)
        self.assertIn("--cpu-list 1023", stderr)
        code, _, stderr = run(self.directory, "--probe-type", "raw-tp", "--cpu-list", "a")
        self.assertEqual(code, 2, stderr)


class Refusals(Native):
    def test_what_needs_the_module_says_so(self):
        cells = self.cells("--probe-type", "kprobe-optimized,ftrace")
        for cell in cells:
            self.assertEqual(cell["lacking"]["capability"], "helper-module")

    def test_instructions_are_not_counted_on_a_real_cpu(self):
        code, _, stderr = run(self.directory, "--clock", "instructions")
        self.assertEqual(code, 2)
        self.assertIn("--target vm", stderr)

    def test_a_leftover_is_not_made_up(self):
        code, stdout, _ = run(self.directory, "--force-cleanup")
        self.assertEqual((code, stdout), (0, "nothing was left behind\n"))


class Secrets(Native):
    """What others may read does not say where this kernel lies, what the host is called and how it was booted."""

    PROBES = ("--probe-type", "uprobe,raw-tp,kprobe", "--rounds", "2")

    def files(self, *arguments):
        copies = [os.path.join(self.directory, name) for name in ("copy.json", "benchmark.json")]
        flags = ["--json", copies[0], *self.PROBES, *arguments, "--", f"--benchmark_out={copies[1]}"]
        code, _, stderr = run(self.directory, "--quiet", *flags)
        self.assertIn(code, (0, 1, 4), stderr)  # a busy machine makes times that are not linear
        written = [path for path in pathlib.Path(self.directory, "run").rglob("*") if path.is_file()]
        self.assertIn("results.json", [path.name for path in written])
        self.assertIn("guest.log", [path.name for path in written])
        return written + [pathlib.Path(path) for path in copies]

    def symbols(self):
        lines = read("/proc/kallsyms").splitlines()
        return {int(line.split(" ", 1)[0], 16) for line in lines} - {0}

    def byte_strings(self, value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for one in value:
                yield from self.byte_strings(one)
        elif isinstance(value, str) and re.fullmatch("[0-9a-f]{2}( [0-9a-f]{2})+", value):
            yield bytes.fromhex(value)

    def test_are_in_no_file(self):
        symbols = self.symbols()
        words = [word for word in read("/proc/cmdline").split() if len(word) >= 8]
        for path in self.files():
            text = read(path)
            self.assertEqual(re.findall("(?i)ffff[0-9a-f]{12}", text), [], path)
            for number in re.findall("[0-9]{18,20}", text):
                self.assertNotIn(int(number), symbols, path)
            if socket.gethostname() not in COMMON_NAMES:
                self.assertIsNone(re.search(rf"(?<![\w-]){re.escape(socket.gethostname())}(?![\w-])", text), path)
            for word in words:
                self.assertNotIn(word, text, path)
        for code in self.byte_strings(json.loads(read(os.path.join(self.directory, "run", "results.json")))):
            for at in range(len(code) - 7):
                self.assertNotIn(int.from_bytes(code[at : at + 8], "little"), symbols)

    def test_are_kept_on_request_in_files_of_ones_own(self):
        for path in self.files("--keep-addresses"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        target = json.loads(read(os.path.join(self.directory, "run", "results.json")))["targets"][0]
        self.assertEqual(target["environment"]["facts"]["kernel.cmdline"], read("/proc/cmdline"))


class Ends(Native):
    """However a tuned run ends, the machine is as it was; at the latest after the next run."""

    def setUp(self):
        super().setUp()
        self.original = read(PERF_LIMIT)
        if self.original == "0":
            self.skipTest("nothing to tune: the perf limit is 0 already")

    def start_tuned(self):
        process = start(self.directory, "--tune", "--probe-type", "uprobe", "--rounds", "2000")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        limit = time.monotonic() + 30
        while time.monotonic() < limit and b"user" not in os.read(process.stderr.fileno(), 4096):
            pass  # until the first cell is being measured
        self.assertEqual(read(PERF_LIMIT), "0")
        return process

    def test_interrupted(self):
        process = self.start_tuned()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=10), 130)
        self.assertEqual(read(PERF_LIMIT), self.original)

    def test_killed(self):
        process = self.start_tuned()
        process.kill()
        process.wait(timeout=10)
        self.assertEqual(read(PERF_LIMIT), "0")
        code, _, stderr = run(self.directory, "--probe-type", "perf-uprobe", "--rounds", "2")
        self.assertIn("put back what a killed run left", stderr)
        self.assertIn(code, (0, 1, 4), stderr)  # a busy machine makes times that are not linear
        self.assertEqual(read(PERF_LIMIT), self.original)

    def test_killed_and_cleaned(self):
        process = self.start_tuned()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        code, stdout, _ = run(self.directory, "--force-cleanup")
        self.assertEqual(code, 0)
        self.assertIn("perf_cpu_time_max_percent", stdout)
        self.assertEqual(read(PERF_LIMIT), self.original)


class Predictions(Native):
    """Counts of tests/programs/probed.S, by its file as users spell it. A disturbed cell leaves them as they are."""

    KNOWN = {"uprobe:{}:work": 1000, "usdt:{}:probed:tick": 250, "t:syscalls:sys_enter_getpgid": 300}

    def predict(self, *arguments, cwd=None):
        environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(self.directory, "cache"))
        where = ("--target", "native", "--output", os.path.join(self.directory, "run"))
        command = [os.path.abspath(PROBEBENCH), "predict", *where, *arguments]
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=100)
        return done.returncode, done.stdout, done.stderr

    def told(self):
        (target,) = json.loads(read(os.path.join(self.directory, "run", "predict.json")))["targets"]
        return target

    def test_are_of_known_counts_however_a_file_is_spelled(self):
        folder = os.path.join(self.directory, "bin")
        os.mkdir(folder)
        shutil.copy(PROBED, os.path.join(folder, "probed"))
        os.symlink("probed", os.path.join(folder, "link"))
        for spelled in ("./probed", "../bin//link"):
            probes = [word for probe in self.KNOWN for word in ("--probe", probe.format(spelled))]
            code, out, err = self.predict(*probes, "--", "./probed", "daemon", cwd=folder)
            told = self.told()
            for site, hits in zip(told["sites"], self.KNOWN.values()):
                if site["status"] == "skipped":
                    self.skipTest(site["reason"])
                self.assertEqual(site["runs"], [hits] * 3, err)
            self.assertEqual(told["outlived"], 1)
            self.assertEqual(code == 0, told["overhead_percent"] is not None, err)
            self.assertEqual("of each second" in out, code == 0)

    def test_of_a_process_that_runs(self):
        """Its calls are a thousand a second or so: the hits of three windows are some, and as many as it made."""
        loop = "import os, time\nwhile True:\n  os.getpgid(0)\n  time.sleep(0.001)"
        with subprocess.Popen(["/usr/bin/python3", "-c", loop]) as process:
            try:
                probe = ("--probe", "t:syscalls:sys_enter_getpgid", "-p", str(process.pid), "--for", "0.3")
                code, out, err = self.predict(*probe)
            finally:
                process.kill()
        told = self.told()
        (site,) = told["sites"]
        if site["status"] == "skipped":
            self.skipTest(site["reason"])
        self.assertEqual(told["process"], process.pid)
        self.assertEqual(len(site["runs"]), 3)
        for hits in site["runs"]:
            self.assertTrue(5 <= hits <= 300, site["runs"])
        self.assertEqual(code == 0, told["overhead_percent"] is not None, err)
        self.assertEqual(f"Process {process.pid} would take" in out, code == 0)

    def test_tell_the_commands_own_end(self):
        probe = ("--probe", "raw-tp:syscalls:sys_enter_read", "--")
        code, _, err = self.predict(*probe, "sh", "-c", "exit 127")
        self.assertEqual(code, 1)
        self.assertIn("'sh' failed: exit code 127", err)
        code, _, err = self.predict(*probe, "sh", "-c", "kill -9 0")
        self.assertEqual(code, 1)
        self.assertIn("'sh' was ended by signal 9", err)
        self.assertNotIn("QEMU", err)

    def test_are_never_missing_with_success(self):
        code, out, err = self.predict("--probe", "raw-tp:sched:nope", "--", "true")
        self.assertNotEqual(code, 0)
        self.assertIn("no answer", out + err)


class TwoAtOnce(Native):
    def test_the_later_run_measures_nothing(self):
        first = start(self.directory, "--probe-type", "uprobe", "--rounds", "2000")
        self.addCleanup(first.communicate, timeout=60)
        self.addCleanup(first.send_signal, signal.SIGINT)
        while b"user" not in os.read(first.stderr.fileno(), 4096):
            pass
        code, _, stderr = run(os.path.join(self.directory, "second"), "--probe-type", "uprobe")
        self.assertEqual(code, 69, stderr)
        self.assertRegex(stderr, r"beside process \d+ of \w+ \(probebench\): .*; two native runs disturb one another")


class Words(Native):
    """What is no virtual machine is not called one."""

    def test_an_agent_that_says_nothing_hangs(self):
        process = start(self.directory, "--deadline", "2", "--probe-type", "uprobe", "--rounds", "6000")
        while b"user" not in os.read(process.stderr.fileno(), 4096):
            pass
        agents = [int(child) for task in os.listdir(f"/proc/{process.pid}/task")
                  for child in read(f"/proc/{process.pid}/task/{task}/children").split()]
        for agent in agents:
            os.kill(agent, signal.SIGSTOP)
        _, stderr = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 1, stderr)
        self.assertIn("the agent hung: ", stderr)
        self.assertNotIn("guest", stderr)

    def test_an_agent_that_is_killed_died(self):
        process = start(self.directory, "--probe-type", "uprobe", "--rounds", "6000")
        while b"user" not in os.read(process.stderr.fileno(), 4096):
            pass
        for task in os.listdir(f"/proc/{process.pid}/task"):
            for child in read(f"/proc/{process.pid}/task/{task}/children").split():
                os.kill(int(child), signal.SIGKILL)
        _, stderr = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 1, stderr)
        self.assertIn("the agent died: ", stderr)
        for word in ("QEMU", "virtual machine", "guest"):
            self.assertNotIn(word, stderr)


@unittest.skipUnless(os.geteuid() == 0, "only root can become nobody")
class Unprivileged(Native):
    """Who may do nothing is told so: no row fails, and none blames functions that are only hidden."""

    def test_rows_are_skipped_for_lack_of_rights(self):
        place = os.path.join(self.directory, "nobody")
        for folder in (place, os.path.join(place, "bin")):
            os.mkdir(folder)
        programs = os.path.join(place, "bin")
        for name in ("probebench", "probebench-agent"):  # where nobody may read them
            shutil.copy(os.path.join(os.path.dirname(PROBEBENCH), name), programs)
        for folder in (self.directory, place, programs):
            os.chmod(folder, 0o777)
        shutil.copytree(os.path.join(os.environ.get("PROBEBENCH_ROOT", "."), "kmod"), os.path.join(place, "kmod"))
        shutil.copytree(os.path.join(os.environ.get("PROBEBENCH_ROOT", "."), "ci"), os.path.join(place, "ci"))
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all",
                   os.path.join(programs, "probebench"), "--target", "native", "--quiet", "--rounds", "2",
                   "--probe-type", "all", "--output", os.path.join(place, "run")]
        environment = dict(os.environ, HOME=place, XDG_CACHE_HOME=os.path.join(place, "cache"), PROBEBENCH_ROOT=place)
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=100, check=False)
        self.assertIn(done.returncode, (0, 4), done.stdout + done.stderr)
        cells = json.loads(read(os.path.join(place, "run", "results.json")))["cells"]
        self.assertGreater(len(cells), 40)
        for cell in cells:
            self.assertIn(cell["status"], ("measured", "skipped"), f"{cell['name']}: {cell['reason']}")
            self.assertNotRegex(cell["reason"] or "", "libbpf|this kernel has no function", cell["name"])
        perf = [cell for cell in cells if cell["probe_type"] == "perf-uprobe"]
        self.assertTrue(perf)
        if {cell["status"] for cell in perf} == {"skipped"}:
            self.assertRegex(perf[0]["lacking"]["provided_by"], "root|perf_event_paranoid")


class TraceLeftovers(Native):
    """Trace events outlive the process that made them."""

    def test_are_removed_by_the_next_run(self):
        process = start(self.directory, "--probe-type", "tracefs-uprobe", "--rounds", "2000")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        limit = time.monotonic() + 30
        while time.monotonic() < limit and b"tracefs-uprobe" not in os.read(process.stderr.fileno(), 4096):
            pass
        time.sleep(1)  # the event is made soon after the cell is named
        process.kill()
        process.wait(timeout=10)
        code, stdout = 0, "nothing"
        while time.monotonic() < limit and "nothing" in stdout:  # until the agent has gone as well
            code, stdout, _ = run(self.directory, "--force-cleanup")
        self.assertEqual(code, 0)
        self.assertRegex(stdout, r"tracefs (instances/probebench_|[pr]:probebench_)\d+")
        code, stdout, _ = run(self.directory, "--force-cleanup")
        self.assertEqual((code, stdout), (0, "nothing was left behind\n"))


if __name__ == "__main__":
    unittest.main()
