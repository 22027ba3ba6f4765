# SPDX-License-Identifier: MIT
"""What a trend is of: a target without what may change from one point to the next."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..model import Target

# 6.12.117+deb12-rt-amd64, 6.1.0-56-cloud-amd64, 6.8.0-45-generic, 6.12.0-rc3-00012-gabcdef0-dirty: the series, what
# counts builds of it, and the flavour with the distribution's release.
RELEASE = re.compile(r"(\d+\.\d+)(?:\.\d+)*(?:-rc\d+)?(?:-\d+(?:\.\d+)*)?(?:-g[0-9a-f]{7,})?(?:-dirty)?([-+.].*)?")
NUMBERED = re.compile(r"#\d+$")  # one of several kernels of the same release in a run
CPU = re.compile(r"\+cpu=[^+#]*")


@dataclass(frozen=True)
class Series:
    """A new build of the kernel or of the module is a point of it; another flavour, boot line, emulator, CPU or clock
    is another one."""
    kernel: str     # 6.12
    flavour: str    # deb12-rt-amd64; of a kernel that was given by its folder, that: one source has configurations
    arguments: str  # +mitigations=off
    cpu: str
    instrument: tuple[str, ...]

    @property
    def key(self) -> str:
        parts = (self.kernel, self.flavour, self.arguments, self.cpu, *self.instrument)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def series_of(target: Target) -> Series:
    known = RELEASE.fullmatch(target.release)
    kernel, flavour = known.groups("") if known else (target.release, "")
    behind = target.id.partition(target.release)[2]
    if target.folder:
        flavour, behind = f"{flavour.lstrip('-+.')} {target.folder}".strip(), NUMBERED.sub("", behind)
    cpu = target.facts.get("qemu.cpu_model") or target.facts.get("cpu.model") or ""
    return Series(kernel, flavour.lstrip("-+."), CPU.sub("", behind), cpu, target.instrument)
