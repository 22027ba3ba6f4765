# SPDX-License-Identifier: MIT
"""The running kernel of a full Debian machine, measured with the helper module; see full_machine.py."""

import subprocess

from full_machine import InMachine


class Machine(InMachine):
    def test_every_type_is_measured_or_says_why_not(self):
        self.check_every_type()

    def test_a_command_without_end_is_ended(self):
        with self.assertRaisesRegex(AssertionError, "(?s)exit 124: .*not done after 20 s"):
            self.run_in("sleep 1000 & wait", "--deadline", "20")

    def test_a_refusal_is_named(self):
        said = self.run_in("$B --probe-type kprobe-stepped --load-module --output /keep/locked; [ $? = 4 ]",
                           "--append", "lockdown=integrity")
        self.assertIn("lockdown=integrity takes only modules that are signed", said)

    def test_a_signature_that_nobody_trusts_is_named(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-keyout",
                        self.keep / "key.pem", "-out", self.keep / "key.crt"], check=True, capture_output=True)
        self.run_in("$B --probe-type kprobe-stepped --load-module --sign /keep/key.pem --rounds 3 "
                    "--output /keep/signed && left && "
                    "modinfo -F signer $(find /root/.cache/probebench/modules -name signed.ko) | grep test")
        self.assertEqual([cell["status"] for cell in self.cells("signed")], ["measured"])
        said = self.run_in("$B --probe-type kprobe-stepped --load-module --output /keep/plain; [ $? = 4 ] && "
                           "$B --probe-type kprobe-stepped --load-module --sign /keep/key.pem --output /keep/foreign; "
                           "[ $? = 4 ]", "--append", "module.sig_enforce=1")
        self.assertIn("this kernel takes only modules that are signed by a key it trusts", said)
        self.assertIn("--sign KEY", said)
        self.assertIn("the key of --sign is none", said)

    def test_hidden_addresses_are_no_lack_of_functions(self):
        said = self.run_in("echo 2 >/proc/sys/kernel/kptr_restrict; "
                           "$B --probe-type raw-tp,bpf-tp --rounds 3 --output /keep/hidden; [ $? = 4 ]")
        self.assertNotIn("has no function", said)
        self.assertIn("kernel.kptr_restrict is 2", said)


class OlderKernel(InMachine):
    KERNEL = "6.1"

    def test_every_type_is_measured_or_says_why_not(self):
        self.check_every_type()

    def test_nothing_is_left_by_who_was_killed_while_a_probe_was_in(self):
        self.run_in("armed runner && kill -9 $R && left && armed agent && kill -9 $A && left")


class Nested(InMachine):
    """A virtual machine in the machine, which has AMD's extensions in emulation: its times say nothing. The machine has
    one CPU: of two, the guest mostly stops as it boots, in an interrupt that waits for a lock (by QEMU 7.2 and 10)."""
    DEADLINE_S = 3600  # the module is built once more
    OPTIONS = ("--real-time", "--cpus", "1")
    SETUP = "modprobe kvm_amd || exit 1; K=/boot/vmlinuz-$(uname -r); "
    FIRST = "$P --target vm --kernel /boot/vmlinuz-$(uname -r) --accel kvm --deadline 600 --dry-run"

    def test_kvm_is_chosen_and_kept(self):
        types = "kprobe-stepped,kprobe-optimized,ftrace,ftrace-regs"
        self.run_in(self.SETUP + f"for run in 1 2; do $P --kernel $K --deadline 600 --probe-type {types} --rounds 3 "
                    "--output /keep/kvm$run || [ $? = 1 ] || exit 1; done")  # 1: a time that is none
        for run in ("kvm1", "kvm2"):
            target = self.results(run)["targets"][0]
            self.assertEqual((target["accel"], target["clock"]), ("kvm", "tsc"))
            self.assertEqual((target["host"]["cpu.chosen"], target["host"]["cpu.measured"]), ("the quietest", "0"))
            for cell in self.cells(run):
                self.assertIn(cell["status"], ("measured", "invalid"), cell["reason"])
                self.assertTrue(cell["status"] == "measured" or cell["reason"].startswith("not linear: "))
                self.assertEqual(cell["hits"]["counted"], cell["hits"]["expected"], cell["name"])

    def test_a_silence_is_no_kvm_that_does_not_work(self):
        """QEMU is stopped as it starts, so its guest says nothing in time. The next run finds KVM again. The deadline
        is that of the guest in emulation, too, which on a busy host is silent for a minute."""
        stand_in = ("#!/bin/sh\\ncase \"$*\" in *accel=kvm*) sleep 1000;; esac\\n"
                    "exec /usr/bin/qemu-system-x86_64 \"$@\"\\n")
        self.run_in(self.SETUP + f"mkdir /tmp/bin; cd /tmp/bin; printf '{stand_in}' >qemu-system-x86_64; "
                    "chmod +x qemu-system-x86_64; probe='--probe-type ftrace --rounds 3'; "
                    "PATH=/tmp/bin:$PATH $P $probe --kernel $K --deadline 120 --output /keep/late; "
                    "$P $probe --kernel $K --deadline 600 --output /keep/again")
        self.assertEqual(self.results("late")["targets"][0]["accel"], "tcg")
        self.assertEqual(self.results("again")["targets"][0]["accel"], "kvm")
