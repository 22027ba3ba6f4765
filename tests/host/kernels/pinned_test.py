# SPDX-License-Identifier: MIT
"""Kernels by the version of their packages: from the mirror, from an archive of what it has dropped, from packages
that somebody kept. A mirror and an archive on a loopback port, with the real apt."""

import hashlib
import pathlib
import shutil
import unittest

import mirror_test
from mirror_files import RELEASE, VERSION, index_of, packages, release_of, write

DROPPED = "6.1.0-0-cloud-amd64"
DROPPED_VERSION = "6.1.0-9~deb12u1"
REBUILT_VERSION = "6.1.1-0"  # of the release that the mirror has as VERSION
EXPIRED = "Valid-Until: Sat, 08 Jun 2024 00:00:00 UTC\n"


def archive_of(release, version, day):
    """The files of an archive as it was on a day."""
    debs = packages(release, version, marker=f"# {version}\n")
    index = index_of(debs, version)
    where = f"/old/debian/{day}/"
    return {
        where + mirror_test.RELEASE_FILE: release_of(index, EXPIRED),
        where + mirror_test.INDEX: index.encode(),
        **{f"{where}pool/{name}.deb": deb for name, deb in debs.items()},
    }


class Pinned(mirror_test.WithMirror):
    COST = 10
    archived = {**archive_of(DROPPED, DROPPED_VERSION, "1"), **archive_of(RELEASE, REBUILT_VERSION, "2")}

    def setUp(self):
        super().setUp()
        self.mirror.content.update(self.archived)

    def name_archive(self, day):
        port = self.mirror.server_port
        lines = f'flavour = "cloud-amd64"\narchive = "http://127.0.0.1:{port}/old/{{archive}}/{day}"\n'
        write(self.root / "ci/kernels.toml", lines + '[[kernel]]\nname = "6.1"\n')

    def image_of(self, name, more=()):
        code, image, stderr = self.provide(name, more)
        self.assertEqual(code, 0, stderr)
        return pathlib.Path(image)

    def directory_of(self, image):
        return self.cache / "kernels" / image.relative_to(self.cache / "kernels").parts[0]

    def refused(self, name, more=()):
        code, _, stderr = self.provide(name, more)
        self.assertEqual(code, 69, stderr)
        return stderr.strip().splitlines()[-1]

    def asked(self, what):
        return [path for path in self.mirror.asked if what in path]

    def test_a_version_that_the_mirror_has(self):
        image = self.image_of(f"6.1@{VERSION}")
        self.assertEqual(self.directory_of(image).name, RELEASE)
        self.assertEqual(self.image_of("6.1"), image)

    def test_a_cached_one_needs_no_mirror(self):
        image = self.image_of("6.1")
        asked = len(self.mirror.asked)
        self.assertEqual(self.image_of(f"6.1@{VERSION}"), image)
        self.assertEqual(len(self.mirror.asked), asked)

    def test_one_that_is_nowhere_is_said_with_what_is_there(self):
        last = self.refused(f"6.1@{DROPPED_VERSION}")
        said = f"^error: find kernel 6.1@{DROPPED_VERSION}: it is not kept here, and the mirror does not have it"
        self.assertRegex(last, said + f".* there is {VERSION}; set `archive`.*kernels import")
        self.assertEqual(self.unpublished(), [])

    def test_the_archive_has_what_the_mirror_dropped(self):
        self.name_archive("1")
        image = self.image_of(f"6.1@{DROPPED_VERSION}")
        self.assertEqual(self.directory_of(image).name, DROPPED)
        self.assertTrue(self.asked("/old/debian/1/pool/linux-image"))
        self.assertEqual(self.directory_of(self.image_of("6.1")).name, RELEASE)  # the newest is the mirror's as ever
        asked = len(self.mirror.asked)
        self.assertEqual(self.image_of(f"6.1@{DROPPED_VERSION}"), image)
        self.assertEqual(len(self.mirror.asked), asked)

    def test_an_archive_that_fails_is_named_in_one_line(self):
        """And not the machine's mirror, which is well."""
        self.name_archive("1")
        day = "/old/debian/1/"
        lists = [day + mirror_test.RELEASE_FILE, day + mirror_test.INDEX]
        image = f"{day}pool/linux-image-{DROPPED}.deb"
        for faults, said in (
                (dict.fromkeys(lists, 404), "^error: fetch the archive's package lists: .*/old/debian/1/.* 404 "),
                ({lists[0]: mirror_test.PORTAL},
                 "^error: fetch the archive's package lists: what came as .*/bookworm/Release is no package list; is "),
                ({image: 404}, f"^error: download linux-image-{DROPPED} .* 404 "),
                ({image: mirror_test.PORTAL}, f"^error: download linux-image-{DROPPED} .*unexpected size"),
                ({image: mirror_test.flipped(self.archived[image])},
                 f"^error: download linux-image-{DROPPED} .*Hash Sum "),
        ):
            with self.subTest(said):
                self.mirror.faults = faults
                code, _, stderr = self.provide(f"6.1@{DROPPED_VERSION}")
                self.assertEqual((code, stderr.count("error: ")), (69, 1), stderr)
                last = stderr.strip().splitlines()[-1]
                self.assertRegex(last, said)
                self.assertRegex(last, "; check the network and `archive` in the kernels file, .*kernels import$")
        self.mirror.faults = {}
        self.image_of(f"6.1@{DROPPED_VERSION}")
        self.assertEqual(self.unpublished(), [])

    def test_the_archive_is_not_asked_for_what_the_mirror_has(self):
        self.name_archive("1")
        self.image_of(f"6.1@{VERSION}")
        self.assertEqual(self.asked("/old/"), [])

    def test_an_image_without_its_headers_is_none(self):
        index = "\n\n".join(part for part in mirror_test.Files.index.split("\n\n") if "linux-headers" not in part)
        self.mirror.content[mirror_test.INDEX] = index.encode()
        self.mirror.content[mirror_test.RELEASE_FILE] = release_of(index)
        self.assertRegex(self.refused(f"6.1@{VERSION}"), "with headers there is none;")

    def test_neither_has_it(self):
        self.name_archive("1")
        last = self.refused("6.1@6.1.0-1")
        self.assertRegex(last, f"the mirror and the archive do not have it.*there is {VERSION}, {DROPPED_VERSION};")

    def test_two_versions_of_one_release_stand_side_by_side(self):
        self.name_archive("2")
        newer = self.image_of("6.1")
        older = self.image_of(f"6.1@{REBUILT_VERSION}")
        self.assertEqual(self.directory_of(older).name, f"{RELEASE}@{REBUILT_VERSION}")
        for image, marked in ((newer, False), (older, True)):
            makefile = (self.directory_of(image) / f"root/usr/src/linux-headers-{RELEASE}/Makefile").read_text()
            self.assertEqual(REBUILT_VERSION in makefile, marked)
        self.assertEqual(self.image_of(f"6.1@{VERSION}"), newer)

    def test_packages_are_kept_whole_for_others(self):
        store = self.root / "store"
        self.image_of("6.1", [store])
        kept = store / "debs" / f"{RELEASE}_{VERSION}"
        for name, deb in mirror_test.Files.debs.items():
            there = [path for path in kept.iterdir() if path.name.startswith(name)]
            self.assertEqual(len(there), 1)
            self.assertEqual(hashlib.sha256(there[0].read_bytes()).digest(), hashlib.sha256(deb).digest())
        self.mirror.faults = {mirror_test.RELEASE_FILE: 404, mirror_test.INDEX: 404}
        for name in (f"6.1@{VERSION}", "6.1"):
            self.cache = self.root / f"cache of {name}"
            self.assertEqual(self.directory_of(self.image_of(name, [store])).name, RELEASE)
        self.assertEqual(self.directory_of(self.image_of("6.1", [store])).name, RELEASE)

    def test_kept_packages_that_are_damaged_are_not_used(self):
        store = self.root / "store"
        self.image_of("6.1", [store])
        image = next((store / "debs").glob("*/linux-image*.deb"))
        good = image.read_bytes()
        image.write_bytes(mirror_test.flipped(good))
        shutil.rmtree(self.cache)
        self.mirror.faults = {mirror_test.RELEASE_FILE: 404, mirror_test.INDEX: 404}
        code, _, stderr = self.provide(f"6.1@{VERSION}", [store])
        self.assertEqual(code, 69)
        self.assertRegex(stderr, rf"packages of a kernel in .*{image.name}")
        self.mirror.faults = {}
        self.image_of(f"6.1@{VERSION}", [store])
        self.assertEqual(image.read_bytes(), good)

    def test_what_nobody_listed_is_not_unpacked(self):
        store = self.root / "store"
        self.image_of("6.1", [store])
        kept = next((store / "debs").iterdir())
        write(kept / "more.deb", b"!<arch>\n")
        shutil.rmtree(self.cache)
        code, _, stderr = self.provide(f"6.1@{VERSION}", [store])
        self.assertEqual(code, 0, stderr)
        self.assertIn("more.deb is not listed", stderr)
        self.assertFalse((kept / "more.deb").exists())


if __name__ == "__main__":
    unittest.main()
