# SPDX-License-Identifier: MIT
"""The fragment of kernel-config on another packaged source, and by clang with its checks of indirect calls: built,
booted and measured, with the time that the build takes."""

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PROBEBENCH = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin/probebench")
SOURCES = Path("/usr/src")
OLDEST_CLANG = 16  # that has kCFI


def packaged(series):
    return SOURCES / f"linux-source-{series}.tar.xz"


def newest_clang():
    known = sorted(int(found[1]) for path in Path("/usr/bin").glob("clang-*")
                   if (found := re.fullmatch(r"clang-(\d+)", path.name)) and shutil.which(f"ld.lld-{found[1]}"))
    return known[-1] if known and known[-1] >= OLDEST_CLANG else None


class Built(unittest.TestCase):
    series, make, options = "6.12", (), ()

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(dir=os.environ["PROBEBENCH_BUILD"])
        cls.addClassCleanup(scratch.cleanup)
        cls.place = Path(scratch.name)
        subprocess.run(["tar", "-C", cls.place, "-xf", packaged(cls.series)], check=True)
        (cls.source,) = cls.place.glob("linux-source-*")
        cls.output = cls.place / "out"
        cls.output.mkdir()
        fragment = cls.place / "probe.config"
        fragment.write_text(cls.program("kernel-config").stdout + "".join(f"CONFIG_{one}=y\n" for one in cls.options))
        cls.made("tinyconfig")
        subprocess.run(["scripts/kconfig/merge_config.sh", "-m", "-O", cls.output, cls.output / ".config", fragment],
                       cwd=cls.source, check=True, stdout=subprocess.DEVNULL)
        cls.made("olddefconfig")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        cls.made(f"-j{os.cpu_count()}", "bzImage", "modules")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"\nlinux-source-{cls.series} {' '.join(cls.make)}: {used:.0f} CPU s, {used / 120:.1f} minutes on two "
              "idle cores")

    @classmethod
    def made(cls, *words):
        done = subprocess.run(["make", "-C", cls.source, f"O={cls.output}", *cls.make, *words], capture_output=True,
                              text=True, check=False)
        if done.returncode:
            raise AssertionError(done.stdout[-2000:] + done.stderr[-4000:])

    @classmethod
    def program(cls, *words):
        return subprocess.run([PROBEBENCH, *map(str, words)], capture_output=True, text=True, cwd=cls.place,
                              check=False)

    def measured(self):
        """What is not measured is skipped, for a reason of this kernel's age."""
        done = self.program("--kernel", f"{self.output}/", "--probe-type", "all", "--handler", "nop,count", "--accel",
                            "tcg", "--quiet", "--output", "run")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        run = json.loads((self.place / "run/results.json").read_text())
        self.assertEqual({cell["status"] for cell in run["cells"]} - {"measured", "skipped"}, set())
        return run

    def lacks_nothing(self):
        done = self.program("info", "--kernel", f"{self.output}/")
        self.assertIn("nothing that this kernel could have is missing", done.stdout, done.stderr)


@unittest.skipUnless(packaged("6.1").exists(), "no linux-source-6.1")
class OlderSource(Built):
    series = "6.1"

    def test_it_boots_and_has_every_probe_of_its_age(self):
        self.lacks_nothing()
        measured = {cell["probe_type"] for cell in self.measured()["cells"] if cell["status"] == "measured"}
        self.assertLessEqual({"kprobe-boosted", "kprobe-optimized", "kprobe-ftrace", "kretprobe-ftrace", "fentry",
                              "bpf-kprobe-multi", "raw-tp", "uprobe", "fprobe-entry"}, measured)


@unittest.skipUnless(packaged("6.12").exists() and newest_clang(), "no clang that has kCFI, with its lld and llvm")
class ByClang(Built):
    make = (f"LLVM=-{newest_clang()}",)
    options = ("CFI_CLANG", "X86_KERNEL_IBT")

    def test_the_module_passes_the_checks_of_calls_and_of_branches(self):
        """A violation is a panic here: neither check is permissive."""
        config = (self.output / ".config").read_text()
        for option in ("CC_IS_CLANG", "CFI_CLANG", "X86_KERNEL_IBT"):
            self.assertIn(f"CONFIG_{option}=y\n", config)
        self.assertNotIn("CONFIG_CFI_PERMISSIVE=y", config)
        run = self.measured()
        (target,) = run["targets"]
        self.assertIn(f"clang version {newest_clang()}.", target["host"]["compiler.version"])
        self.assertLessEqual({"CFI_CLANG", "X86_KERNEL_IBT", "CC_IS_CLANG"},
                             set(target["host"]["kernel.options"].split()))
        by_module = [cell for cell in run["cells"] if cell["driver"] == "module"]
        self.assertGreater(sum(cell["status"] == "measured" for cell in by_module), 30)


del Built  # is no test of its own


if __name__ == "__main__":
    unittest.main()
