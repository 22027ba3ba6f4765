# SPDX-License-Identifier: MIT
"""Targets of several architectures in one report, and what a target is called."""

import re

import pytest

from reports.model import Target


def test_architectures_are_columns_that_say_so(bench):
    """Not changes of one another: they share a table, but no axis and no difference."""
    def second_is_another_architecture(results):
        first, second = results["targets"]
        second["host"]["arch"] = "arm64"
        second["environment"]["facts"]["kernel.release"] = first["environment"]["facts"]["kernel.release"].replace(
            "amd64", "arm64")
    _, text = bench.page(bench.run("run", second_is_another_architecture))
    assert "### Linux 5.10.0-46 on each architecture; their instructions are not the same" in text
    assert "| insns/hit | x86-64 | arm64 |" in text
    assert re.search(r"\| kprobe-stepped \| (472 \| 485|485 \| 472) \|", text)
    assert "(+13)" not in text and "There is one kernel only" not in text
    assert "Every probe type, Linux 5.10.0-46 arm64 (virtual machine, emulated)" in text


def test_what_was_added_to_the_boot_line_makes_no_architecture(bench):
    def second_has_an_argument(results):
        first, second = results["targets"]
        release = first["environment"]["facts"]["kernel.release"].replace("amd64", "arm64")
        second["host"]["arch"] = "arm64"
        second["environment"]["facts"]["kernel.release"] = release
        for cell in results["cells"]:
            if cell["target"] == second["id"]:
                cell["target"] = f"vm-tcg-{release}+nosmt"
        second["id"] = f"vm-tcg-{release}+nosmt"
    _, text = bench.page(bench.run("run", second_has_an_argument))
    assert "on each architecture" not in text
    assert "Linux 5.10.0-46 arm64+nosmt" in text


@pytest.mark.parametrize("identity, kind, accel, release, label", [
    ("native-6.18.44-fc-v669", "native", "none", "6.18.44-fc-v669", "6.18.44-fc-v669"),
    ("vm-tcg-6.12.117+deb12-cloud-amd64", "vm", "tcg", "6.12.117+deb12-cloud-amd64", "6.12.117"),
    ("vm-tcg-6.1.0-56-cloud-amd64+nosmt#2", "vm", "tcg", "6.1.0-56-cloud-amd64", "6.1.0-56+nosmt#2"),
    ("vm-kvm-5.10.0-46-amd64", "vm", "kvm", "5.10.0-46-amd64", "5.10.0-46"),
    ("vm-tcg-./bzImage", "vm", "tcg", None, "vm-tcg-./bzImage"),
    ("vm-tcg-6.1.0-56-arm64+nosmt", "vm", "tcg", "6.1.0-56-arm64", "6.1.0-56 arm64+nosmt"),
    ("vm-tcg-6.12.117+nosmt+arm64#2", "vm", "tcg", "6.12.117", "6.12.117 arm64+nosmt#2"),  # a kernel by path
])
def test_a_target_s_label(identity, kind, accel, release, label):
    facts = {"kernel.release": release} if release else {}
    if "arm64" in identity:
        facts["arch"] = "arm64"
    assert Target(identity, kind, accel, None, None, None, None, [], facts).label == label
