# SPDX-License-Identifier: MIT
"""Whoever is killed while probes are in, and whoever else holds the module: nothing stays, and who it is is said. Ten
times each, in a full Debian machine; see full_machine.py."""

from full_machine import InMachine

ATTEMPTS = 10


class Kills(InMachine):
    DEADLINE_S = 3600  # each attempt reads the kernel's headers for the module's key

    def test_of_the_runner(self):
        self.run_in("try() { armed runner && kill -9 $R && left; }; tenfold try")

    def test_of_the_agent(self):
        said = self.run_in("try() { armed agent && kill -9 $A && left && cat /keep/agent.out; }; tenfold try")
        self.assertEqual(said.count("probebench: the agent died: the agent was ended by signal 9"), ATTEMPTS, said)

    def test_of_both(self):
        """The keeper of the module is left, and is enough."""
        self.run_in("try() { armed both && kill -9 $R $A && left; }; tenfold try")

    def test_of_all_at_once_are_cleaned_up(self):
        said = self.run_in("try() { armed killed && kill -9 $R $(grep -lxF probebench-agen /proc/[0-9]*/comm | "
                           "tr -dc '0-9\\n'); sleep 1; ls -d /sys/module/probebench && [ $(kprobes) = 0 ] && "
                           "$P --force-cleanup && left; }; tenfold try")
        self.assertEqual(said.count("put back: the helper module"), ATTEMPTS, said)

    def test_by_an_interrupt(self):
        """As a terminal does it: all processes of the run."""
        said = self.run_in("try() { armed stopped && kill -INT -$R && kill -CONT $A && left && "
                           "cat /keep/stopped.out; }; tenfold try")
        self.assertEqual(said.count("interrupted while the agent ran"), ATTEMPTS, said)

    def test_while_many_functions_are_probed(self):
        """A suite's functions of the running kernel itself: the probes go with the process that owns them."""
        suite = "reproduce --part workloads --suite hot-path --workload stat,byte-io"
        self.run_in(f"LEAST=4; try() {{ armed suite {suite} && kill -9 $A && left; }}; tenfold try && "
                    f"armed whole {suite} && kill -9 $R && left")


class Owners(InMachine):
    def test_a_process_that_uses_the_module_is_named(self):
        said = self.run_in("insmod $(find /root/.cache/probebench/modules -name probebench.ko | "
                           "xargs grep -l \"vermagic=$(uname -r) \" | head -n 1) || exit 1; try() { "
                           "{ sleep 600 5<>/dev/probebench & }; O=$!; until [ -e /proc/$O/fd/5 ]; do sleep 0.1; done; "
                           "$B --probe-type kprobe-stepped --output /keep/owned; echo code $? of $O; kill $O; wait; }; "
                           "tenfold try; $P --force-cleanup && left")
        owners = [part.split()[2] for part in said.split("code ")[1:]]
        self.assertEqual(len(owners), ATTEMPTS, said)
        for owner in owners:
            self.assertIn(f"the helper module is loaded, and in use by process {owner} (sleep)", said)
            self.assertIn(f"code 4 of {owner} ", said)
        self.assertIn("put back: the helper module", said)

    def test_it_cannot_be_taken_out_below_a_run(self):
        said = self.run_in("try() { armed holder && ! rmmod probebench && kill -CONT $A && kill $R && left; }; "
                           "tenfold try")
        self.assertEqual(said.count("Module probebench is in use"), ATTEMPTS, said)

    def test_a_run_beside_another_names_it(self):
        said = self.run_in("try() { armed holder && $B --probe-type kprobe-stepped --output /keep/beside; "
                           "echo code $? of $R; kill $R; kill -CONT $A; left; }; tenfold try")
        owners = [part.split()[2] for part in said.split("code ")[1:]]
        self.assertEqual(len(owners), ATTEMPTS, said)
        for owner in owners:
            self.assertIn(f"beside process {owner} of root (probebench)", said)
            self.assertIn(f"code 69 of {owner} ", said)
