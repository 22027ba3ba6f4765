# SPDX-License-Identifier: MIT
"""Which packages a kernel is on Ubuntu: the real apt reads lists that were recorded of Ubuntu's own archive, and what
it then asks the mirror for is what the kernel is made of. Packages with debug symbols are in another archive, and none
of them is asked for."""

import pathlib
import shutil

import mirror_test
from mirror_files import release_of, write

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
RECORDED = (HERE / "ubuntu-noble.packages").read_text()


class Ubuntu(mirror_test.WithMirror):
    COST = 10

    def setUp(self):
        super().setUp()
        self.suites = ("noble", "noble-updates", "noble-security")
        for suite in self.suites:
            index = RECORDED if suite == "noble-updates" else ""
            self.mirror.content[f"/ubuntu/dists/{suite}/Release"] = release_of(index)
            self.mirror.content[f"/ubuntu/dists/{suite}/main/binary-amd64/Packages"] = index.encode()
        release = 'NAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n'
        write(self.root / "etc/os-release", release)
        (self.root / "etc/apt/sources.list").unlink()
        write(self.root / "etc/apt/sources.list.d/ubuntu.sources",
              f"Types: deb\nURIs: http://127.0.0.1:{self.mirror.server_port}/ubuntu/\n"
              f"Suites: {' '.join(self.suites)}\nComponents: main universe\nTrusted: yes\n")
        shutil.copy(ROOT / "ci/kernels.ubuntu.toml", self.root / "ci/kernels.ubuntu.toml")

    def packages_of(self, name):
        """What is asked for: the recorded list is true, and the packages are not there."""
        code, _, stderr = self.provide(name)
        self.assertEqual(code, 69, stderr)
        self.assertRegex(stderr, "error: download linux-image-.*404")
        asked = {pathlib.PurePath(path).name.split("_")[0] for path in self.mirror.asked if path.endswith(".deb")}
        # apt may end at the first that is not there; the step names all of them
        named = stderr.strip().splitlines()[-1].split(": ")[1].removeprefix("download ").split()
        self.assertLessEqual(asked, set(named))
        return named

    def test_a_series_is_image_headers_and_what_flavours_share(self):
        expected = ["linux-image-6.8.0-151-generic", "linux-headers-6.8.0-151-generic", "linux-headers-6.8.0-151"]
        self.assertEqual(self.packages_of("6.8"), expected)

    def test_the_newest_is_of_the_hardware_enablement_stack(self):
        expected = ["linux-image-7.0.0-44-generic", "linux-headers-7.0.0-44-generic", "linux-hwe-7.0-headers-7.0.0-44"]
        self.assertEqual(self.packages_of("newest"), expected)

    def test_stock_is_what_linux_image_generic_names(self):
        self.assertEqual(self.packages_of("stock")[0], "linux-image-6.8.0-151-generic")

    def test_a_version_that_is_no_longer_the_newest(self):
        expected = ["linux-image-6.8.0-124-generic", "linux-headers-6.8.0-124-generic", "linux-headers-6.8.0-124"]
        version = next(part for part in RECORDED.split("\n\n") if part.startswith(f"Package: {expected[0]}\n"))
        version = next(line for line in version.splitlines() if line.startswith("Version: ")).split(": ")[1]
        self.assertEqual(self.packages_of(f"6.8@{version}"), expected)

    def test_debians_names_are_not_ubuntus(self):
        code, _, stderr = self.provide("6.12")
        self.assertEqual(code, 2)
        self.assertIn("known are auto, stock, all, 5.15, 6.8, newest", stderr)


if __name__ == "__main__":
    import unittest

    unittest.main()
