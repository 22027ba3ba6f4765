# SPDX-License-Identifier: MIT
"""BPF probe types as a user measures them."""

import json
import pathlib

import jsonschema

from run_test import SCHEMA, InDirectory, run

ON_THE_MODULE = (
    "bpf-kprobe,bpf-kretprobe,bpf-kprobe-multi,bpf-kretprobe-multi,bpf-kprobe-session,"
    "fentry,fexit,fmod-ret,bpf-tp,raw-tp,tp-btf"
)
# First bytes at the site while armed, by observed state.
ARMED = {"ftrace": "e8", "optimized": "e9", "stepped": "cc", "static-key": "e", "ftrace-jmp": "e9"}


def costs(results, handler):
    return {
        (cell["probe_type"], cell["site"]): cell["metrics"]["instructions_per_hit"]["value"]
        for cell in results["cells"]
        if cell["handler"] == handler and cell["status"] == "measured"
    }


class BpfOnTheNewestKernel(InDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results, _ = run(
            cls.directory, "--probe-type", ON_THE_MODULE, "--handler", "nop,count", "--kernel", "6.12"
        )
        cls.module_cells = [c for c in cls.results["cells"] if c["driver"] == "module"]

    def test_every_type_is_measured_with_proof(self):
        jsonschema.validate(self.results, json.loads(pathlib.Path(SCHEMA).read_text()))
        self.assertGreaterEqual(len(self.module_cells), 2 * 12)
        for cell in self.module_cells:
            name, evidence = cell["name"], cell["evidence"]
            self.assertEqual(cell["status"], "measured", f"{name}: {cell['reason']}")
            self.assertTrue(evidence["armed"].startswith(ARMED[evidence["state"]]), name)
            self.assertEqual(evidence["after"], evidence["before"], name)
            self.assertRegex(evidence["link"], r"^link \d+ .*prog \d+ \w+ tag [0-9a-f]{16} jited \d+$")

    def test_hits_equal_calls_and_none_is_missed(self):
        for cell in self.results["cells"]:
            hits = cell["hits"]
            self.assertGreater(hits["expected"], 0, cell["name"])
            self.assertEqual(hits["counted"], hits["expected"], cell["name"])
            self.assertEqual((hits["missed"], hits["elsewhere"]), (0, 0), cell["name"])

    def test_counts_in_the_modules_loop_are_exact(self):
        for cell in self.module_cells:
            self.assertEqual(cell["metrics"]["instructions_per_hit"]["class"], "exact", cell["name"])

    def test_counting_costs_the_same_in_every_program(self):
        nop, count = costs(self.results, "nop"), costs(self.results, "count")
        differences = {
            key: count[key] - nop[key]
            for key in nop
            if key[1] not in ("helper", "modifiable") and key[0] != "bpf-kprobe-session"
        }
        self.assertEqual(len(set(differences.values())), 1, differences)
        session = ("bpf-kprobe-session", "entry")
        self.assertEqual(count[session] - nop[session], 2 * differences["fentry", "entry"])

    def test_mechanisms_are_ordered_as_their_paths_are_long(self):
        cost = costs(self.results, "nop")
        for cheap, dear in (
            (("raw-tp", "tracepoint"), ("fentry", "entry")),
            (("fentry", "entry"), ("fexit", "entry")),
            (("fexit", "entry"), ("bpf-kprobe-multi", "entry")),
            (("raw-tp", "tracepoint"), ("bpf-tp", "tracepoint")),
            (("bpf-kprobe-multi", "entry"), ("bpf-kprobe", "entry")),
            (("bpf-kprobe", "mid"), ("bpf-kprobe", "entry")),
            (("bpf-kprobe", "entry"), ("bpf-kprobe", "mid-step")),
            (("bpf-kprobe-multi", "entry"), ("bpf-kretprobe-multi", "entry")),
            (("bpf-kprobe", "entry"), ("bpf-kretprobe", "entry")),
        ):
            self.assertLess(cost[cheap], cost[dear], (cheap, dear))
        self.assertEqual(cost["raw-tp", "tracepoint"], cost["tp-btf", "tracepoint"])

    def test_a_kernels_own_function_costs_about_what_the_modules_does(self):
        cost = costs(self.results, "nop")
        for probe_type in ("fentry", "fexit"):
            self.assertAlmostEqual(cost[probe_type, "helper"], cost[probe_type, "entry"], delta=15)
        self.assertIn(("fmod-ret", "modifiable"), cost)


class BpfOnOlderKernels(InDirectory):
    def run_kernel(self, name):
        results, _ = run(self.directory, "--probe-type", ON_THE_MODULE, "--kernel", name)
        for cell in results["cells"]:
            self.assertIn(cell["status"], ("measured", "skipped"), f"{cell['name']}: {cell['reason']}")
        return {
            (cell["probe_type"], cell["site"]): cell["lacking"]["capability"]
            for cell in results["cells"]
            if cell["status"] == "skipped"
        }

    def test_6_1_has_no_multi_links_but_module_btf(self):
        self.assertEqual(
            self.run_kernel("6.1"),
            {
                ("bpf-kprobe-multi", "entry"): "bpf-kprobe-multi",
                ("bpf-kretprobe-multi", "entry"): "bpf-kprobe-multi",
                ("bpf-kprobe-session", "entry"): "bpf-kprobe-session",
                ("fmod-ret", "modifiable"): "bpf-fmod-ret",
                ("raw-tp", "trigger"): "bpf-trigger",
                ("tp-btf", "trigger"): "bpf-trigger",
            },
        )

    def test_5_10_has_no_module_btf(self):
        lacking = self.run_kernel("5.10")
        self.assertEqual(
            {key for key, capability in lacking.items() if capability == "module-btf"},
            {("fentry", "entry"), ("fexit", "entry"), ("tp-btf", "tracepoint")},
        )


class BpfHandlers(InDirectory):
    LABEL = "nightly"

    def test_each_is_measured_and_dearer_than_doing_nothing(self):
        handlers = "nop,count,map,record,stack,string,delay:500,checklist"
        results, _ = run(
            self.directory, "--probe-type", "raw-tp,bpf-kprobe", "--handler", handlers, "--kernel", "6.12"
        )
        for cell in results["cells"]:
            self.assertEqual(cell["status"], "measured", f"{cell['name']}: {cell['reason']}")
        nop = costs(results, "nop")
        for handler in handlers.split(",")[1:]:
            for key, cost in costs(results, handler).items():
                self.assertGreater(cost, nop[key], (handler, key))
        for key, cost in costs(results, "delay:500").items():
            self.assertGreater(cost, nop[key] + 450, key)
