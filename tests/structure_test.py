# SPDX-License-Identifier: MIT
"""Each rule of ci/structure finds what breaks it, in a small tree, and nothing in one that keeps them."""

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))

SOUND = {
    "harness/common/CMakeLists.txt": "probebench_library(common base)\n"
                                     "probebench_library(common model SOURCES model/cell.cpp LINK pb_base)\n"
                                     "probebench_library(common clock SOURCES model/clock.cpp LINK pb_base)\n",
    "harness/common/base/file.h": "",
    "harness/common/model/cell.h": '#include "base/file.h"\n',
    "harness/common/model/cell.cpp": '#include "model/cell.h"\n',
    "harness/common/model/clock.h": "",
    "harness/common/model/clock.cpp": '#include "model/clock.h"\n',
    "harness/guest/CMakeLists.txt": "probebench_library(guest kernel LINK pb_model fmt::fmt)  # (of) parentheses\n"
                                    "add_subdirectory(${PROJECT_SOURCE_DIR}/bench ${PROJECT_BINARY_DIR}/bench)\n",
    "harness/guest/kernel/tsc.h": "",
    "harness/guest/kernel/tsc.cpp": '#include "kernel/tsc.h"\n#include "model/cell.h"\n#include "pb_abi.h"\n',
    "harness/host/CMakeLists.txt": "probebench_library(host vm LINK pb_model)\n"
                                   "add_executable(probebench vm/main.cpp)\n"
                                   "target_link_libraries(probebench PRIVATE pb_vm)\n",
    "harness/host/vm/qemu.h": '#include "model/cell.h"\n',
    "harness/host/vm/main.cpp": '#include "vm/qemu.h"\n',
    "bench/CMakeLists.txt": "add_library(pb_bench STATIC run.cpp)\ntarget_link_libraries(pb_bench PUBLIC pb_kernel)\n",
    "bench/run.cpp": '#include "kernel/tsc.h"\n',
    "kmod/pb_abi.h": "",
}


class Structure(unittest.TestCase):
    def findings(self, changed=None):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**SOUND, **(changed or {})}.items():
                path = os.path.join(root, path)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run([sys.executable, os.path.join(ROOT, "ci", "structure"), root], text=True,
                                  capture_output=True, check=False)
        *lines, last = [line.removeprefix("structure: ") for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1 if lines else 0, done.stdout + done.stderr)
        self.assertIn(f"{len(lines) or 'no'} findings", last)
        return lines

    def test_a_sound_tree_has_no_findings(self):
        self.assertEqual(self.findings(), [])

    def test_two_components_that_include_one_another(self):
        # A source counts with its header: neither header of the two includes the other here.
        changed = {"harness/host/vm/qemu.cpp": '#include "vm/session.h"\n',
                   "harness/host/vm/session.cpp": '#include "vm/qemu.h"\n', "harness/host/vm/session.h": ""}
        self.assertEqual(self.findings(changed),
                         ["components include one another: harness/host/vm/qemu, harness/host/vm/session"])

    def test_a_cycle_of_three(self):
        changed = {"harness/host/vm/a.h": '#include "vm/b.h"\n', "harness/host/vm/b.h": '#include "vm/c.h"\n',
                   "harness/host/vm/c.h": '#include "vm/a.h"\n'}
        self.assertEqual(self.findings(changed), ["components include one another: harness/host/vm/a, "
                                                  "harness/host/vm/b, harness/host/vm/c"])

    def test_an_include_of_a_library_that_is_not_linked(self):
        changed = {"harness/common/base/file.h": '#include "model/cell.h"\n', "harness/common/model/cell.h": ""}
        self.assertEqual(self.findings(changed), ['harness/common/base/file.h: includes "model/cell.h" of pb_model, '
                                                  "which pb_base does not link"])

    def test_two_libraries_of_one_folder_are_two(self):
        changed = {"harness/guest/kernel/tsc.h": '#include "model/clock.h"\n'}
        self.assertEqual(self.findings(changed), ['harness/guest/kernel/tsc.h: includes "model/clock.h" of pb_clock, '
                                                  "which pb_kernel does not link"])

    def test_an_include_of_another_side(self):
        changed = {"harness/host/vm/main.cpp": '#include "kernel/tsc.h"\n'}
        self.assertEqual(self.findings(changed),
                         ['harness/host/vm/main.cpp: includes "kernel/tsc.h" of the side guest'])

    def test_a_library_that_links_a_later_one_or_one_of_another_side(self):
        changed = {"harness/common/CMakeLists.txt": "probebench_library(common base LINK pb_model)\n"
                                                    "probebench_library(common model)\n",
                   "harness/common/model/cell.h": "",
                   "harness/host/CMakeLists.txt": "\nprobebench_library(host vm LINK pb_model pb_kernel)\n"}
        self.assertEqual(self.findings(changed),
                         ["harness/common/CMakeLists.txt:1: pb_base links pb_model, which is declared after it",
                          "harness/host/CMakeLists.txt:2: pb_vm of host links pb_kernel of guest"])

    def test_a_test_of_nothing(self):
        files = {f"tests/{name}_test.cpp": "" for name in ("host/vm/qemu", "host/vm/target", "vm/guest")}
        self.assertEqual(self.findings(files),
                         ["tests/host/vm/target_test.cpp: there is no harness/host/vm/target.h that it tests"])

    def test_an_include_that_climbs(self):
        changed = {"tests/host/vm/qemu_test.cpp": '#include "../../../harness/host/vm/qemu.h"\n'}
        self.assertEqual(self.findings(changed), ['tests/host/vm/qemu_test.cpp: includes "../../../harness/host/vm/'
                                                  'qemu.h"; name it from its side\'s folder'])

    def test_a_fourth_side(self):
        self.assertEqual(self.findings({"harness/both/x.h": ""}),
                         ["harness/: has both, common, guest, host instead of common, guest, host"])

    def test_a_full_folder(self):
        files = {f"kmod/pb_{at}.{ending}": "" for at in range(20) for ending in ("h", "c")}
        self.assertEqual(self.findings(files), ["kmod/: 41 source files, at most 40"])

    def test_a_long_file(self):
        self.assertEqual(self.findings({"tests/vm/run_test.py": "\n" * 401}),
                         ["tests/vm/run_test.py: 401 lines, at most 400"])


if __name__ == "__main__":
    unittest.main()
