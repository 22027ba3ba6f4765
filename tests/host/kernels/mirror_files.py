# SPDX-License-Identifier: MIT
"""What a small Debian mirror has: one kernel's image and headers, and their index."""

import gzip
import hashlib
import pathlib
import struct
import subprocess
import tempfile

RELEASE = "6.1.0-1-cloud-amd64"
VERSION = "6.1.1-1"


def boot_image(release=RELEASE):
    """As fake_boot_image() of kernels_fixture.cpp: a setup header around a packed ELF header."""
    payload = gzip.compress(b"\x7fELF" + bytes(8192), mtime=0)
    image = bytearray(1024)
    image[0x1F1] = 1
    struct.pack_into("<H", image, 0x1FE, 0xAA55)
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x206, 0x020F)
    struct.pack_into("<H", image, 0x20E, 0x0100)
    name = (release + " (builder)").encode()
    image[0x300 : 0x300 + len(name)] = name
    struct.pack_into("<II", image, 0x248, 0, len(payload))
    return bytes(image) + payload


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def build_package(scratch, name, version, files):
    root = scratch / name
    for path, content in files.items():
        write(root / path, content)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: n <n@example.org>\n"
    write(root / "DEBIAN/control", control + "Description: d\n")
    deb = scratch / f"{name}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, deb], check=True, stdout=subprocess.DEVNULL)
    return deb.read_bytes()


def packages(release=RELEASE, version=VERSION, marker=""):
    """`marker` tells packages of one release apart."""
    headers = f"usr/src/linux-headers-{release}/"
    contents = {
        f"linux-image-{release}": {f"boot/vmlinuz-{release}": boot_image(release)},
        f"linux-headers-{release}": {
            headers + "Makefile": "all:\n" + marker,
            headers + ".config": "CONFIG_KPROBES=y\n",
            headers + "Module.symvers": "",
            headers + "include/generated/utsrelease.h": f'#define UTS_RELEASE "{release}"\n',
        },
    }
    with tempfile.TemporaryDirectory() as scratch:
        return {name: build_package(pathlib.Path(scratch), name, version, files) for name, files in contents.items()}


def index_of(debs, version=VERSION, pool="pool"):
    stanza = "Package: {0}\nVersion: {3}\nArchitecture: amd64\nFilename: {4}/{0}.deb\nSize: {1}\nSHA256: {2}\n\n"
    return "".join(
        stanza.format(name, len(deb), hashlib.sha256(deb).hexdigest(), version, pool) for name, deb in debs.items()
    )


def release_of(index, more=""):
    return (
        "Origin: Debian\nSuite: stable\nCodename: bookworm\nArchitectures: amd64\nComponents: main\n"
        "Date: Sat, 01 Jun 2024 00:00:00 UTC\n"
        + more
        + f"SHA256:\n {hashlib.sha256(index.encode()).hexdigest()} {len(index)} main/binary-amd64/Packages\n"
    ).encode()
