# SPDX-License-Identifier: MIT
"""What each change is tried with in a full Debian machine, where there is one: every type on its running kernel, and
the refusals that need no boot of their own. All in one boot, since that is most of the time; see full_machine.py."""

from full_machine import InMachine

# try: a run; what it said and its exit code are files. What a running kernel does not take back comes last.
SCRIPT = """
try() { local name=$1; shift; $B "$@" --output /keep/$name >/keep/$name.txt 2>&1; echo $? >/keep/$name.code; }
stepped="--probe-type kprobe-stepped --rounds 3"
try every --probe-type all --load-module --rounds 3
left >/keep/left.txt
try unasked $stepped
chmod 777 /keep
B="setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/tmp $B" try unprivileged $stepped --load-module
echo 2 >/proc/sys/kernel/kptr_restrict
try hidden --probe-type raw-tp --rounds 3
echo 0 >/proc/sys/kernel/kptr_restrict
mv /usr/src /usr/gone
try headless $stepped --load-module
mv /usr/gone /usr/src
insmod $(find /root/.cache/probebench/modules -name probebench.ko | xargs grep -l "vermagic=$(uname -r) " | head -n 1)
sleep 600 5<>/dev/probebench &
until [ -e /proc/$!/fd/5 ]; do sleep 0.1; done
try busy $stepped --load-module
kill $!
wait
$P --force-cleanup >/keep/cleaned.txt 2>&1
left >>/keep/left.txt
echo integrity >/sys/kernel/security/lockdown
try locked $stepped --load-module
echo 1 >/sys/module/module/parameters/sig_enforce
try unsigned $stepped --load-module
"""


class Short(InMachine):
    LABEL = "machine"
    COST = 200
    FIRST = SCRIPT

    def said(self, name):
        return " ".join((self.keep / f"{name}.txt").read_text().split())

    def check_refusal(self, name, code, *words):
        self.assertEqual((self.keep / f"{name}.code").read_text().strip(), code, self.said(name))
        for word in words:
            self.assertIn(word, self.said(name))

    def test_every_type_is_measured_or_says_why_not(self):
        self.check_types("every")

    def test_nothing_is_left(self):
        self.assertEqual((self.keep / "left.txt").read_text(), "")

    def test_consent_is_asked_for(self):
        self.check_refusal("unasked", "4", "the helper module is not loaded, and may not be", "--load-module")

    def test_a_user_is_told_that_root_may(self):
        self.check_refusal("unprivileged", "4", "load the helper module: only root may (needs root)")

    def test_hidden_addresses_are_no_lack_of_functions(self):
        self.check_refusal("hidden", "4", "kernel.kptr_restrict is 2")

    def test_the_package_of_the_headers_is_named(self):
        self.check_refusal("headless", "4", "linux-headers-6.12")

    def test_who_uses_the_module_is_named(self):
        self.check_refusal("busy", "4", "the helper module is loaded, and in use by process", "(sleep)")
        self.assertIn("put back: the helper module", self.said("cleaned"))

    def test_a_kernel_that_takes_only_signed_modules_says_so(self):
        self.check_refusal("unsigned", "4", "this kernel takes only modules that are signed by a key it trusts",
                           "--sign KEY, with a key that the machine's owner has enrolled")
        self.check_refusal("locked", "4", "lockdown=integrity takes only modules that are signed")
