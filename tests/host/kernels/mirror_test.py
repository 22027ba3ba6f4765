# SPDX-License-Identifier: MIT
"""A mirror that does what it should not, on a loopback port, with the real apt: each run ends soon and in one line,
and the next one, from a mirror that behaves, works in the same cache."""

import http.server
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from mirror_files import RELEASE, boot_image, index_of, packages, release_of, write

PROVIDE = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "provide_kernel")
SOON = 3  # seconds until a transfer has stalled, where that is tried; a busy machine needs longer for the others
RELEASE_FILE = "dists/bookworm/Release"
INDEX = "dists/bookworm/main/binary-amd64/Packages"


class Files:
    """The files of a good mirror, made once."""

    debs = packages()
    index = index_of(debs)
    content = {
        RELEASE_FILE: release_of(index),
        INDEX: index.encode(),
        **{f"pool/{name}.deb": deb for name, deb in debs.items()},
    }
    image = f"pool/linux-image-{RELEASE}.deb"


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.removeprefix("/debian/")
        self.server.asked.append(path)
        fault = self.server.faults.get(path)
        content = self.server.content.get(path)
        if callable(fault):
            fault(self, content)
        elif content is None or isinstance(fault, int):
            self.send_error(fault or 404)
        else:
            self.send_whole(content if fault is None else fault)

    def head(self, length):
        self.send_response(200)
        self.send_header(*(("Connection", "close") if length is None else ("Content-Length", str(length))))
        self.end_headers()

    def send_whole(self, content):
        self.head(len(content))
        self.wfile.write(content)

    def wait(self):
        self.server.over.wait(60)
        self.close_connection = True


def stall_at_once(answer, _):
    answer.wait()


def stall_before_the_body(answer, content):
    answer.head(len(content))
    answer.wait()


def stall_half_way(answer, content):
    answer.head(len(content))
    answer.wfile.write(content[: len(content) // 2])
    answer.wfile.flush()
    answer.wait()


def trickle(answer, content):
    answer.head(len(content))
    for byte in content:
        answer.wfile.write(bytes([byte]))
        answer.wfile.flush()
        if answer.server.over.wait(0.3):
            break


def reset(answer, content):
    answer.head(len(content))
    answer.wfile.write(content[:10])
    answer.wfile.flush()
    answer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    answer.connection.close()
    answer.close_connection = True


def close_half_way(answer, content):
    answer.head(len(content))
    answer.wfile.write(content[: len(content) // 2])
    answer.close_connection = True


def endless_body(answer, _):
    answer.head(None)
    answer.close_connection = True
    while not answer.server.over.is_set():
        answer.wfile.write(b"x" * 65536)


def redirect_to_itself(answer, _):
    answer.send_response(302)
    answer.send_header("Location", answer.path)
    answer.send_header("Content-Length", "0")
    answer.end_headers()


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


STALLS = (stall_at_once, stall_before_the_body, stall_half_way, trickle)
PORTAL = b"<html>Accept the terms of this network</html>"
EXPIRED = release_of(Files.index, "Valid-Until: Sat, 08 Jun 2024 00:00:00 UTC\n")
IMAGE = Files.content[Files.image]

# What the mirror does to which file, and what the last line has to say.
FAULTS = {
    "stalls at once": ({RELEASE_FILE: stall_at_once}, r"lists: 127.0.0.1:\d+ sent nothing for \d+ s; .*/etc/apt"),
    "stalls before the index": ({INDEX: stall_before_the_body}, r"package lists: 127.0.0.1:\d+ sent nothing for \d+ s"),
    "stalls half-way": ({Files.image: stall_half_way}, r"download linux-image.*: 127.0.0.1:\d+ sent nothing for \d+ s"),
    "trickles": ({Files.image: trickle}, r"download linux-image.*: 127.0.0.1:\d+ sent only \d+ bytes in \d+ s"),
    "resets": ({Files.image: reset}, r"download linux-image.*127.0.0.1"),
    "closes half-way": ({Files.image: close_half_way}, r"download linux-image.*127.0.0.1"),
    "has no release file": ({RELEASE_FILE: 404, INDEX: 404}, r"does not have a Release file|404"),
    "lost a package": ({Files.image: 404}, r"127.0.0.1.*404"),
    "fails": ({Files.image: 500}, r"127.0.0.1.*500"),
    "fails at the index": ({INDEX: 503}, r"127.0.0.1.*503"),
    "has a garbage index": ({INDEX: bytes(len(Files.index))}, r"package lists: .*(Hash|mismatch|unexpected)"),
    "has an index that is too large": ({INDEX: Files.index.encode() * 3}, r"package lists: .*(size|mismatch)"),
    "has a release file without end": ({RELEASE_FILE: endless_body}, r"package lists: "),
    "has a package without end": ({Files.image: endless_body}, r"download linux-image"),
    "has a wrong hash": ({Files.image: flipped(IMAGE)}, r"download linux-image.*(Hash|mismatch)"),
    "has a shorter package": ({Files.image: IMAGE[:-100]}, r"download linux-image.*(size|mismatch|Hash)"),
    "has a longer package": ({Files.image: IMAGE + b"x"}, r"download linux-image.*(size|mismatch|Hash)"),
    "redirects in a circle": ({Files.image: redirect_to_itself}, r"download linux-image.*[Rr]edirect"),
    "is a captive portal": ({Files.image: PORTAL}, r"download linux-image"),
    "is a captive portal from the start": ({RELEASE_FILE: PORTAL}, r"package lists: "),
    "has expired": ({RELEASE_FILE: EXPIRED}, r"expired|not valid anymore"),
}


class Mirror(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.content = dict(Files.content)
        self.faults = {}
        self.asked = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_):
        pass  # the client went away

    def close(self):
        self.over.set()
        self.shutdown()
        self.server_close()


@unittest.skipUnless(shutil.which("apt-get") and shutil.which("dpkg-deb"), "no apt here")
class WithMirror(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        self.cache = self.root / "cache"
        self.mirror = Mirror()
        self.addCleanup(self.mirror.close)
        self.trust("[trusted=yes]")
        write(self.root / "etc/os-release", "VERSION_CODENAME=bookworm\n")
        write(self.root / "ci/kernels.toml", 'flavour = "cloud-amd64"\n[[kernel]]\nname = "6.1"\n')
        self.stall_after(30)

    def stall_after(self, seconds):
        """The settings of the machine, without a proxy between."""
        write(
            self.root / "apt.conf",
            'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\n'
            f'Acquire::http::Timeout "{seconds}";\nAcquire::http::Proxy "DIRECT";\n',
        )

    def trust(self, option, port=None):
        address = f"http://127.0.0.1:{port or self.mirror.server_port}/debian"
        write(self.root / "etc/apt/sources.list", f"deb {option} {address} bookworm main\n")

    def start(self, name="6.1", more=()):
        environment = dict(os.environ, APT_CONFIG=str(self.root / "apt.conf"), LC_ALL="C")
        command = [PROVIDE, self.root, self.cache, name, *more]
        return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def provide(self, name="6.1", more=()):
        process = self.start(name, more)
        stdout, stderr = process.communicate(timeout=60)
        return process.returncode, stdout.strip(), stderr

    def expect_works(self):
        code, image, stderr = self.provide()
        self.assertEqual(code, 0, stderr)
        self.assertEqual(pathlib.Path(image).read_bytes(), boot_image())

    def unpublished(self):
        return [str(path) for path in self.cache.rglob(".partial-*")]


def fault_test(faults, said):
    def test(self):
        self.mirror.faults = faults
        if any(fault in STALLS for fault in faults.values()):
            self.stall_after(SOON)
        begin = time.monotonic()
        code, _, stderr = self.provide()
        self.assertEqual(code, 69, stderr)
        self.assertLess(time.monotonic() - begin, 40)
        last = stderr.strip().splitlines()[-1]
        self.assertRegex(last, "^error: .*(?:" + said + ")")
        self.assertEqual(stderr.count("error: "), 1, stderr)
        self.assertEqual(self.unpublished(), [])
        self.assertFalse((self.cache / "kernels" / RELEASE).exists())
        self.mirror.faults = {}
        self.stall_after(30)
        self.expect_works()

    return test


class Faults(WithMirror):
    """One test for each of FAULTS."""

    COST = 40

    def test_a_good_mirror_is_asked_once(self):
        self.expect_works()
        asked = len(self.mirror.asked)
        self.expect_works()
        self.assertEqual(len(self.mirror.asked), asked)

    def test_unsigned(self):
        self.trust("")
        code, _, stderr = self.provide()
        self.assertEqual(code, 69)
        self.assertRegex(stderr.strip().splitlines()[-1], "^error: .*is not signed")
        self.assertNotIn(Files.image, self.mirror.asked)

    def test_nobody_listens(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.trust("[trusted=yes]", unused.getsockname()[1])
            code, _, stderr = self.provide()
        self.assertEqual(code, 69)
        self.assertRegex(stderr.strip().splitlines()[-1], "^error: .*127.0.0.1.*(refused|Unable to connect)")

    @unittest.skipIf(os.geteuid(), "only root is refused")
    def test_a_cache_that_others_may_write_to(self):
        self.expect_works()
        self.cache.chmod(0o777)
        code, _, stderr = self.provide()
        self.assertEqual(code, 69)
        self.assertRegex(stderr, rf"^error: use cache {self.cache} as root: .*mode 0777.*chmod go-w .*\n$")
        self.cache.chmod(0o755)
        self.expect_works()

    def test_killed_half_way(self):
        self.mirror.faults = {Files.image: stall_half_way}
        process = self.start()
        while Files.image not in self.mirror.asked:
            time.sleep(0.05)
        process.kill()
        process.communicate(timeout=10)
        self.assertNotEqual(self.unpublished(), [])
        self.mirror.faults = {}
        self.expect_works()
        self.assertEqual(self.unpublished(), [])


for fault_name, (fault_files, fault_said) in FAULTS.items():
    setattr(Faults, "test_" + re.sub(r"\W", "_", fault_name), fault_test(fault_files, fault_said))


class Waiting(WithMirror):
    COST = 20

    def test_says_whom_it_waits_for(self):
        self.stall_after(12)
        self.mirror.faults = {Files.image: stall_half_way}
        code, _, stderr = self.provide()
        self.assertEqual(code, 69)
        self.assertRegex(stderr, rf"\nwaiting for 127.0.0.1:{self.mirror.server_port}; 1\d s\n")

    def test_keeps_nobody_waiting(self):
        """A run that has what it needs ends while another one waits for the mirror."""
        self.expect_works()
        kernels = '[[kernel]]\nname = "6.1"\n[[kernel]]\nname = "other"\nseries = "6.1"\n'
        write(self.root / "ci/kernels.toml", 'flavour = "cloud-amd64"\n' + kernels)
        self.mirror.faults = {RELEASE_FILE: stall_at_once}
        waiting = self.start("other")
        asked = len(self.mirror.asked)
        while len(self.mirror.asked) == asked:
            time.sleep(0.05)
        self.expect_works()
        self.assertIsNone(waiting.poll())
        self.mirror.over.set()
        waiting.communicate(timeout=60)

    def test_two_fetch_the_same(self):
        held = threading.Event()

        def hold(answer, content):
            held.wait(30)
            answer.send_whole(content)

        self.mirror.faults = {Files.image: hold}
        runs = [self.start(), self.start()]
        while self.mirror.asked.count(Files.image) < 2:
            time.sleep(0.05)
            self.assertEqual([run.poll() for run in runs], [None, None])
        held.set()
        for run in runs:
            stdout, stderr = run.communicate(timeout=30)
            self.assertEqual(run.returncode, 0, stderr)
            self.assertEqual(pathlib.Path(stdout.strip()).read_bytes(), boot_image())
        self.assertEqual(self.unpublished(), [])
        self.expect_works()


if __name__ == "__main__":
    unittest.main()
