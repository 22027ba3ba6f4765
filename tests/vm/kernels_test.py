# SPDX-License-Identifier: MIT
"""Several kernels in one run, as a user asks for them.

Needs the distribution's mirror when the cache lacks a kernel. Counts are exact, so they may decide.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import jsonschema
from run_test import DEADLINE_S, SCHEMA, InDirectory, Interrupted, children_of, command, is_alive, run

KERNELS = ["5.10", "6.1", "6.12", "newest"]
TWICE = ["6.1", "newest"]


def cache():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"), "probebench")


def target_ids(results):
    return [target["id"] for target in results["targets"]]


def cells_of(results, target):
    return {cell["probe_type"]: cell for cell in results["cells"] if cell["target"] == target}


def counts_of(results, target):
    return {
        name: cell["metrics"]["instructions_per_hit"]["value"]
        for name, cell in cells_of(results, target).items()
        if cell["status"] == "measured"
    }


class FourKernels(InDirectory):
    """5.10, 6.1, 6.12 and the newest, two of them twice: 6.1 and 6.1 again are two boots of one kernel."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results, cls.done = run(
            cls.directory, "--probe-type", "kmod", "--handler", "count", "--kernel", ",".join(KERNELS + TWICE),
            "--jobs", "2",
        )  # fmt: skip
        cls.first = dict(zip(KERNELS, target_ids(cls.results)))
        cls.second = dict(zip(TWICE, target_ids(cls.results)[4:]))

    def status(self, kernel, probe_type):
        return cells_of(self.results, self.first[kernel])[probe_type]["status"]

    def test_every_kernel_is_a_target(self):
        self.assertTrue(self.results["complete"])
        self.assertEqual(len(set(target_ids(self.results))), 6)
        releases = [t["environment"]["facts"]["kernel.release"] for t in self.results["targets"]]
        for name, release in zip(KERNELS[:3], releases):
            self.assertTrue(release.startswith(name + "."), release)
        self.assertGreater([int(n) for n in releases[3].split(".")[:2]], [6, 12])
        jsonschema.validate(self.results, json.loads(SCHEMA.read_text()))

    def test_only_5_10_boosts(self):
        boosted = cells_of(self.results, self.first["5.10"])["kprobe-boosted"]
        self.assertEqual(boosted["status"], "measured", boosted["reason"])
        evidence = boosted["evidence"]
        self.assertTrue(evidence["slot"].startswith(evidence["before"][:14] + " e9"), evidence["slot"])
        for kernel in KERNELS[1:]:
            cell = cells_of(self.results, self.first[kernel])["kprobe-boosted"]
            self.assertEqual(cell["status"], "skipped")
            self.assertIn("CONFIG_PREEMPTION", cell["reason"])

    def test_5_10_tells_boosted_from_stepped(self):
        cells, cost = cells_of(self.results, self.first["5.10"]), counts_of(self.results, self.first["5.10"])
        stepped = cells["kprobe-stepped"]["evidence"]
        self.assertTrue(stepped["slot"].startswith(stepped["before"][:14] + " cc"), stepped["slot"])
        self.assertEqual(cells["kprobe-unoptimized"]["evidence"]["state"], "boosted")
        self.assertLess(cost["kprobe-boosted"], cost["kprobe-stepped"])
        self.assertLess(cost["kprobe-optimized"], cost["kprobe-boosted"])
        for probe_type in ("fprobe-entry", "fprobe-exit"):
            self.assertIn("CONFIG_FPROBE", cells[probe_type]["reason"])

    def test_6_1_neither_boosts_nor_has_fprobe(self):
        cells = cells_of(self.results, self.first["6.1"])
        skipped = {probe_type for probe_type, cell in cells.items() if cell["status"] == "skipped"}
        self.assertEqual(skipped, {"kprobe-boosted", "fprobe-entry", "fprobe-exit"})
        self.assertEqual(cells["kprobe-unoptimized"]["evidence"]["state"], "stepped")

    def test_fprobe_comes_with_6_12(self):
        for probe_type in ("fprobe-entry", "fprobe-exit"):
            self.assertEqual([self.status(k, probe_type) for k in KERNELS], ["skipped"] * 2 + ["measured"] * 2)

    def test_everything_else_is_measured_everywhere(self):
        for cell in self.results["cells"]:
            if cell["probe_type"] not in ("kprobe-boosted", "fprobe-entry", "fprobe-exit"):
                self.assertEqual(cell["status"], "measured", (cell["target"], cell["name"], cell["reason"]))

    def test_two_boots_of_one_kernel_have_equal_counts_and_fingerprints(self):
        fingerprints = {t["id"]: t["fingerprint"] for t in self.results["targets"]}
        for kernel in TWICE:
            first, second = self.first[kernel], self.second[kernel]
            self.assertGreaterEqual(len(counts_of(self.results, first)), 12)
            self.assertEqual(counts_of(self.results, first), counts_of(self.results, second), kernel)
            self.assertEqual(fingerprints[first], fingerprints[second])

    def test_modules_have_btf_where_the_kernel_takes_it(self):
        btf = [t["host"]["module.btf"] for t in self.results["targets"]][:4]
        self.assertEqual(btf[1:], ["yes"] * 3)
        self.assertTrue(btf[0].startswith("no: "), btf[0])

    def test_table_fits_and_names_every_kernel(self):
        for line in self.done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        for heading in ("5.10.", "6.1.", "6.12.", "probe type", "insns/hit", "#2"):
            self.assertIn(heading, self.done.stdout)

    def test_every_target_has_its_files(self):
        names = {path.name for path in self.directory.iterdir()}
        for target in target_ids(self.results):
            label = target.removeprefix("vm-tcg-")
            self.assertLessEqual({f"guest-{label}.log", f"benchmark-{label}.json"}, names)
        self.assertFalse({"guest.log", "benchmark.json"} & names)


class OfAnOlderKernel(InDirectory):
    def test_what_it_lacks_is_said_in_words_and_not_as_an_attempt(self):
        """An attempt names a function or a file that only the question is about."""
        results, _ = run(self.directory, "--probe-type", "uprobe-multi,bpf-kprobe-multi,bpf-kprobe-session",
                         "--kernel", "6.1", expect=4)
        lacks = "^this kernel has no (uprobe-multi links|kprobe-multi links|kprobe sessions): "
        for cell in results["cells"]:
            self.assertRegex(cell["reason"], lacks)


class LongNops(InDirectory):
    """7.2 and later make a call of a nop of ten bytes, at one site for three types; before, they refuse it."""

    LABEL = "nightly"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results, _ = run(cls.directory, "--probe-type", "uprobe,uretprobe,usdt", "--handler", "nop,count",
                             "--kernel", "newest,6.12")  # fmt: skip
        newest, cls.old = target_ids(cls.results)
        cls.cells = [cell for cell in cls.results["cells"] if cell["site"] == "nop10"]
        cls.armed = [cell for cell in cls.cells if cell["target"] == newest]

    def test_are_lea_and_call(self):
        types = ["uprobe"] * 2 + ["uretprobe"] * 2 + ["usdt"] * 2
        self.assertEqual([cell["probe_type"] for cell in self.armed], types)
        for cell in self.armed:
            self.assertEqual((cell["status"], cell["evidence"]["state"]), ("measured", "call"), cell["reason"])
            self.assertTrue(cell["evidence"]["armed"].startswith("48 8d 64 24 80 e8 "), cell["name"])
            self.assertTrue(cell["evidence"]["kernel_flags"].startswith("cc 2e 0f 1f 84"), cell["name"])

    def test_are_nops_again_and_keep_the_call(self):
        first = self.armed[0]["evidence"]
        self.assertTrue(first["before"].startswith("66 2e 0f 1f 84 00 00 00 00 00 c3"), first["before"])
        self.assertEqual(first["after"][:14], first["before"][:14])
        for cell in self.armed:
            self.assertEqual(cell["evidence"]["after"][15:29], cell["evidence"]["armed"][15:29])
        for cell in self.armed[1:]:
            self.assertEqual(cell["evidence"]["before"], first["after"], cell["name"])

    def test_a_shared_site_costs_a_marker_and_a_function_the_same(self):
        counts = {cell["name"].split("/")[0]: cell["metrics"]["instructions_per_hit"]["value"] for cell in self.armed
                  if cell["handler"] == "nop"}
        self.assertEqual(counts["uprobe"], counts["usdt"])

    def test_are_refused_by_6_12(self):
        refused = [cell for cell in self.cells if cell["target"] == self.old]
        self.assertEqual(len(refused), 6)
        for cell in refused:
            self.assertEqual((cell["status"], cell["failure"]["step"]), ("skipped", "attach"), cell["name"])
            self.assertIn("Operation not supported", cell["reason"])


class KernelArguments(InDirectory):
    LABEL = "nightly"

    def test_mitigations_off_beside_the_default(self):
        results, done = run(
            self.directory, "--probe-type", "kprobe-stepped,ftrace", "--kernel", "6.1",
            "--kernel-arg", "mitigations=off",
        )  # fmt: skip
        default, off = results["targets"]
        self.assertEqual(off["id"], default["id"] + "+mitigations=off")
        self.assertNotEqual(off["fingerprint"], default["fingerprint"])
        self.assertIn("mitigations=off", off["environment"]["facts"]["kernel.cmdline"])
        with_mitigations, without = (counts_of(results, t["id"])["kprobe-stepped"] for t in (default, off))
        self.assertLess(without, with_mitigations)
        self.assertIn(f"{without:g} {without - with_mitigations:+g}", done.stdout)
        self.assertIn("mitigations=off", done.stdout)


class CpuModels(InDirectory):
    LABEL = "nightly"

    def test_a_model_with_return_thunks_has_no_jump_before_linux_6_2(self):
        results, done = run(
            self.directory, "--probe-type", "kprobe-stepped,kprobe-optimized", "--kernel", "6.1,6.12",
            "--cpu", "EPYC-Milan,-fsrm",
        )  # fmt: skip
        older, newer = results["targets"]
        for target in (older, newer):
            self.assertTrue(target["id"].endswith("+cpu=EPYC-Milan,-fsrm"), target["id"])
            self.assertEqual(target["host"]["qemu.cpu_model"], "EPYC-Milan,-fsrm")
            self.assertIn("AMD EPYC-Milan", target["environment"]["facts"]["cpu.model"])
        refused = cells_of(results, older["id"])["kprobe-optimized"]
        self.assertEqual(refused["status"], "skipped")
        self.assertIn("return thunks", refused["reason"])
        jump = cells_of(results, newer["id"])["kprobe-optimized"]
        self.assertEqual(jump["evidence"]["state"], "optimized")
        self.assertIn("EPYC-Milan,-fsrm", done.stdout)


class NoPackageManager(InDirectory):
    """As on a distribution without dpkg: a kernel by path is measured, one of the mirror is refused in a line."""

    LABEL = "nightly"

    def setUp(self):
        self.programs = self.directory / "programs"
        self.programs.mkdir(exist_ok=True)
        self.directory.chmod(0o755)  # QEMU is looked for there by the user that it runs as
        for program in [*pathlib.Path("/usr/bin").iterdir(), *pathlib.Path("/usr/sbin").iterdir()]:
            link = self.programs / program.name
            if not program.name.startswith(("dpkg", "apt")) and not link.is_symlink():
                link.symlink_to(program)

    def call(self, kernel):
        environment = {**os.environ, "PATH": str(self.programs), "XDG_CACHE_HOME": str(self.directory / "cache")}
        words = command(self.directory / "run", "--probe-type", "kprobe-optimized", "--kernel", str(kernel))
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False)

    def test_a_kernel_by_path_is_measured(self):
        done = self.call(next(cache().glob("kernels/6.12*/root/boot/vmlinuz-*")))
        self.assertEqual(done.returncode, 0, done.stderr)
        results = json.loads((self.directory / "run/results.json").read_text())
        self.assertEqual([cell["status"] for cell in results["cells"]], ["measured"])

    def test_a_kernel_of_the_mirror_is_not(self):
        done = self.call("6.12")
        self.assertEqual(done.returncode, 69)
        self.assertRegex(done.stderr.splitlines()[-1], "apt-get and dpkg-deb are not found; .*--kernel VMLINUZ")


class OneBadKernel(InDirectory):
    """Kernels of the user's own, made of the cached 6.1."""

    LABEL = "nightly"  # eight boots; run.RefusesBadInput has one kernel of the user's own

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first, _ = run(cls.directory, "--probe-type", "ftrace", "--kernel", "6.1")
        cls.counts = counts_of(first, first["targets"][0]["id"])
        release = first["targets"][0]["environment"]["facts"]["kernel.release"]
        root = cache() / "kernels" / release / "root"
        cls.image = root / f"boot/vmlinuz-{release}"
        cls.headers = root / f"usr/src/linux-headers-{release}"

    def bad_target(self, *arguments):
        """The middle one of three kernels, when the others are measured and the run exits 1."""
        directory = self.directory / self.id().rsplit(".", 1)[1]
        directory.mkdir()
        results, self.done = run(directory, "--probe-type", "ftrace", *arguments, expect=1)
        jsonschema.validate(results, json.loads(SCHEMA.read_text()))
        self.assertFalse(results["complete"])
        before, bad, after = results["targets"]
        for good in (before, after):
            self.assertIsNone(good["ended"])
            self.assertEqual(cells_of(results, good["id"])["ftrace"]["status"], "measured")
        self.assertIn("errored a", self.done.stdout)
        self.assertEqual(cells_of(results, bad["id"]), {})
        self.assertEqual(len(bad["not_run"]), len(cells_of(results, before["id"])))
        return bad

    def test_a_corrupt_vmlinuz(self):
        corrupt = self.directory / "corrupt-vmlinuz"
        image = bytearray(self.image.read_bytes())
        image[len(image) // 2 :] = bytes(len(image) - len(image) // 2)
        corrupt.write_bytes(image)
        bad = self.bad_target("--kernel", f"5.10,{corrupt},6.1")
        self.assertIn(str(corrupt), bad["ended"])
        self.assertIn("corrupt-vmlinuz", self.done.stderr)

    def test_a_kernel_without_headers(self):
        bad = self.bad_target("--kernel", f"5.10,{self.image},6.1", "--headers", str(self.directory))
        self.assertIn("use kernel headers", bad["ended"])

    def test_a_kernel_that_panics(self):
        catalog = self.directory / "kernels.toml"
        catalog.write_text(
            'flavour = "cloud-amd64"\n[[kernel]]\nname = "6.1"\nsuites = ["bookworm", "bookworm-security"]\n'
        )
        bad = self.bad_target(
            "--kernels-file", str(catalog), "--kernel", "6.1",
            "--kernel-arg", "rdinit=/nowhere init=/nowhere", "--kernel-arg", "nosmt",
        )  # fmt: skip
        self.assertIn("panic", bad["ended"])
        self.assertEqual(bad["accel"], "tcg")
        self.assertIn("panic", self.done.stderr)

    def test_a_copy_elsewhere_and_a_build_tree(self):
        copy = self.directory / "copy/my-vmlinuz"
        copy.parent.mkdir()
        shutil.copy(self.image, copy)
        tree = self.directory / "linux"
        tree.mkdir()
        for part in self.headers.iterdir():
            if part.name not in ("Makefile", "arch"):
                (tree / part.name).symlink_to(part)
        shutil.copytree(self.headers / "arch", tree / "arch", symlinks=True)
        (tree / "arch/x86/boot").mkdir()
        shutil.copy(self.image, tree / "arch/x86/boot/bzImage")
        common = next(self.headers.parent.glob("linux-headers-*-common"))
        (tree / "Makefile").write_text(f"include {common}/Makefile\n")
        catalog = self.directory / "mine.toml"
        catalog.write_text(
            f'[[kernel]]\nname = "copy"\nimage = "copy/my-vmlinuz"\nheaders = "{self.headers}"\n'
            '[[kernel]]\nname = "tree"\nimage = "linux"\n'
        )
        directory = self.directory / "out"
        results, _ = run(directory, "--kernels-file", str(catalog), "--kernel", "all", "--probe-type", "ftrace")
        self.assertEqual(len(results["targets"]), 2)
        for target in target_ids(results):
            self.assertEqual(counts_of(results, target), self.counts)


class AllAreInterrupted(Interrupted):
    def test_ctrl_c_ends_every_guest_and_keeps_what_is_finished(self):
        process = self.start("--kernel", "6.1,6.12", "--jobs", "2", targets=2)
        guests = children_of(process.pid)
        self.assertEqual(len(guests), 2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
        self.assertEqual(process.returncode, 130)
        self.assertFalse(any(is_alive(guest) for guest in guests))
        results = json.loads((self.directory / "results.json").read_text())
        self.assertFalse(results["complete"])
        self.assertEqual(results["ended"], "interrupted")
        for target in results["targets"]:
            self.assertEqual(target["ended"], "interrupted")
            self.assertGreaterEqual(len(cells_of(results, target["id"])), 1)


class RefusesBadLists(InDirectory):
    def test_one_line_and_exit_code_2(self):
        for arguments, text in (
            (("--kernel", "6.1,6.13"), "did you mean 6.1"),
            (("--kernel", "6.1,6.12", "--", "--benchmark_out=x.json"), "benchmark-<release>.json"),
        ):
            done = subprocess.run(
                command(self.directory / "out", *arguments), capture_output=True, text=True, timeout=DEADLINE_S
            )
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(text, done.stderr)


if __name__ == "__main__":
    unittest.main()
