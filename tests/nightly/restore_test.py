# SPDX-License-Identifier: MIT
"""Guests that are restored after a boot that was saved, beside guests that boot."""

import hashlib
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import InDirectory, exact_counts, run  # noqa: E402  (the path is set first)

BOOTS = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "probebench/boots"

STARTS = {"restored after its boot": (), "booted": ("--fresh-boot",)}


def facts(results):
    return results["targets"][-1]["host"]


def counts(results):
    target = results["targets"][-1]["id"]
    return {
        cell["name"]: cell["metrics"]["instructions_per_hit"]
        for cell in results["cells"]
        if cell["target"] == target
    }


class Restored(InDirectory):
    """Its last target has a command line of its own, so that no other test has its saved guest."""

    ARGUMENTS = ("--probe-type", "kprobe-optimized,fentry", "--kernel-arg", f"pb_restore_test={os.getpid()}")

    def saved(self):
        logs = BOOTS.glob("*/console.log")
        return [log.parent for log in logs if self.ARGUMENTS[-1] in log.read_text(errors="replace")]

    def tearDown(self):
        for boot in self.saved():
            shutil.rmtree(boot)

    def restore(self, name):
        directory = self.directory / name
        directory.mkdir()
        results, _ = run(directory, *self.ARGUMENTS)
        (log,) = (path.read_text(errors="replace") for path in directory.glob("guest-*pb_restore_test*.log"))
        self.assertIn("Linux version", log, "what the kernel said before it was saved")
        self.assertIn("reboot: Restarting system", log, "and after it was restored")
        return results

    def test_it_counts_what_a_booted_one_does_and_damage_is_found(self):
        booted, _ = run(self.directory, *self.ARGUMENTS, "--fresh-boot")
        self.assertEqual(facts(booted)["guest.start"], "booted")
        self.assertEqual(self.saved(), [])

        first = self.restore("first")
        self.assertEqual(facts(first)["guest.start"], "restored after its boot")
        (boot,) = self.saved()
        state = boot / "state"
        whole = state.read_bytes()

        # A bit more or less is seen before QEMU gets it, and what QEMU does not take is booted.
        state.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        mended = self.restore("mended")
        self.assertEqual(facts(mended)["guest.start"], "restored after its boot")
        self.assertEqual(hashlib.sha256(state.read_bytes()).hexdigest(), (boot / "state.sha256").read_text())

        state.write_bytes(whole[: len(whole) // 2])
        (boot / "state.sha256").write_text(hashlib.sha256(whole[: len(whole) // 2]).hexdigest())
        refused = self.restore_refused()
        self.assertEqual(facts(refused)["guest.start"], "booted")
        self.assertTrue(facts(refused)["guest.not_restored"])
        self.assertEqual(self.saved(), [], "it is not tried again")

        self.assertGreaterEqual(len(counts(booted)), 3)
        for other in first, mended, refused:
            self.assertEqual(counts(other), counts(booted))
            self.assertEqual(other["targets"][-1]["fingerprint"], booted["targets"][-1]["fingerprint"])

    def restore_refused(self):
        directory = self.directory / "refused"
        directory.mkdir()
        return run(directory, *self.ARGUMENTS)[0]


class EveryCell(InDirectory):
    """What is restored counts what is booted does: all types, on each kernel."""

    def test_counts_are_equal(self):
        for kernel in "5.10", "6.1", "6.12", "newest":
            with self.subTest(kernel=kernel):
                arguments = ("--kernel", kernel, "--probe-type", "all", "--handler", "nop,count")
                restored, booted = (self.measure(kernel + name, *arguments, *more) for name, more in STARTS.items())
                self.assertGreater(len(exact_counts(booted)), 40)
                self.assertEqual(exact_counts(restored), exact_counts(booted))
                self.assertEqual([facts(results)["guest.start"] for results in (restored, booted)], list(STARTS))

    def measure(self, name, *arguments):
        directory = self.directory / name
        directory.mkdir()
        return run(directory, *arguments)[0]
