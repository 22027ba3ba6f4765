# SPDX-License-Identifier: MIT
"""What the page shows of a run, good or bad."""

import json
import re

from conftest import ROOT
from reports.finding import choice, finding
from reports.load import load


def cells(results, probe_type):
    return [cell for cell in results["cells"] if cell["probe_type"] == probe_type]


def without_figures(cell, status):
    cell.update(status=status, reason=f"made {status}", no_metric_reason=f"the cell is {status}",
                metrics={name: None for name in cell["metrics"]})


def test_finding_table_and_figures(bench):
    html, text = bench.page(bench.run("run"))
    assert ("A hit on Linux 5.10.0-46, in executed instructions: kprobe-stepped (int3) 472, kprobe-optimized (jmp) 96: "
            "4.9 times.") in html
    assert "To choose from today: kprobe on an entry 163, uprobe " in html
    assert "| kprobe-stepped | 485 | 34.6x | stepped | cc 0f 38 f1 c9 | 1800 | 0 |" in text
    assert "| kprobe-stepped | 472 | 485 (+13) |" in text  # side by side on both kernels
    alternatives = re.findall(r"-alt\">[^<]{20,}</p>", html)
    pictures = html.count('role="img"') - html.count('class="narrow"')  # of a figure that is drawn twice one is seen
    assert len(re.findall("<figure ", html)) == pictures == len(alternatives) > 5
    assert "The experiment on handler cost, work, workloads and number of probes was not run" in html


def test_each_figure_of_a_noisy_finding_has_its_unit(bench):
    """Behind an interval nobody knows any more what a figure is of."""
    def without_a_pair(results):
        results["cells"] = cells(results, "kprobe-stepped") + cells(results, "ftrace")
    figure = r"\d+\.\d \(\d+\.\d to \d+\.\d\) ns"
    text = finding(load(str(bench.run("run", without_a_pair, source="noisy"))))
    assert re.fullmatch(rf"On Linux 6\.12\.\d+ a hit of ftrace costs {figure}, one of kprobe-stepped {figure}\.", text)

    def as_chosen_today(results):
        for cell, name in zip(results["cells"], ("kprobe-ftrace", "fentry")):
            cell["probe_type"] = name
    text = choice(load(str(bench.run("today", as_chosen_today, source="noisy"))))
    assert re.fullmatch(r"To choose from today, in ns: kprobe on an entry \d.*\), fentry \d.*\)\.", text)


def test_what_a_counter_would_show_stands_beside_the_count(bench):
    place = bench.run("run")
    _, text = bench.page(place)
    assert "rep once" not in text, "no repetitions were recorded"
    path = place / "anatomy.json"
    document = json.loads(path.read_text())
    stepped = next(one for one in document["anatomies"] if one["cell"].startswith("kprobe-stepped/"))
    stepped["repetitions_per_hit"] = 27
    path.write_text(json.dumps(document))
    html, text = bench.page(place)
    per_hit = stepped["instructions_per_hit"]
    assert "| probe type | insns/hit | rep once | ratio |" in text
    assert f"| kprobe-stepped | {per_hit} | {per_hit - 27} |" in text
    assert re.search(r"\| ftrace \| \d+ \| – \| ", text), "whose path was not recorded"
    assert "counts each repetition of a string instruction" in html
    stepped["repetitions_per_hit"] = "27"
    path.write_text(json.dumps(document))
    bench.refused(2, "repetitions_per_hit: expected a whole number", "report", place, "--output", "x")


def test_same_input_same_bytes(bench, every_figure_anew):
    run = bench.experiment("run")
    files = []
    for name in ("a", "b"):
        assert bench.start("report", run, "--output", name).returncode == 0
        files.append({path.name: path.read_bytes() for path in sorted((bench.folder / name).rglob("*.*"))})
    assert files[0].keys() == files[1].keys() and any(name.endswith(".png") for name in files[0])
    assert [name for name in files[0] if files[0][name] != files[1][name]] == []


def test_one_file_without_network(bench):
    html, _ = bench.page(bench.experiment("run"))
    assert len(html) < 3_000_000
    outside = set(re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!#|data:)([a-z]+:[^\"')]+)", html))
    assert outside == set()
    assert html.count("<script") == 1 and "@import" not in html
    import base64
    import hashlib
    script = re.search("<script>(.*?)</script>", html, re.DOTALL)[1]
    known = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{known}'" in html


def test_costs_are_sorted_and_their_figure_stands_before_them(bench):
    html, text = bench.page(bench.run("run"))
    assert html.index('<figure id="cost-exact-1"') < html.index('id="cell-1-')
    assert text.index("figures/cost-exact-1.svg") < text.index("\n### Every probe type")
    section = text[text.index("### Every probe type, Linux 5.10.0-46"):]
    costs = [int(cost) for cost in re.findall(r"^\| [\w/-]+ \| (\d+) \|", section[:section.index("\n###", 5)], re.M)]
    assert len(costs) > 5 and costs == sorted(costs)


def test_what_names_a_run_stands_in_a_box(bench):
    _, text = bench.page(bench.run("run"))
    box = text[text.index("## Cite this"):]
    for named in ("kernel packages: 5.10.0-46-cloud-amd64",
                  "the same again: --kernel 5.10@5.10.262-1,6.12@6.12.117-1~deb12u1\n",
                  "measured by: probebench ", "command: ./run-bench ",
                  "SHA-256 of its results: "):
        assert named in box


def test_a_kernel_that_was_chosen_is_named_by_its_own_name(bench, monkeypatch):
    """--kernel refuses auto@VERSION. A series without a name cannot be had again by one."""
    monkeypatch.setenv("PROBEBENCH_ROOT", str(ROOT))  # which has names for kernels

    def chosen(release):
        def change(results):
            for target, name in zip(results["targets"], ("auto", "stock")):
                target["host"]["kernel.name"] = name
            results["targets"][0]["environment"]["facts"]["kernel.release"] = release
        return change
    _, text = bench.page(bench.run("known", chosen("5.10.0-46-cloud-amd64")))
    assert "the same again: --kernel 5.10@5.10.262-1,6.12@6.12.117-1~deb12u1\n" in text
    _, text = bench.page(bench.run("unknown", chosen("6.18.1-cloud-amd64")))
    assert "the same again: --kernel 6.12@6.12.117-1~deb12u1\n" in text


def test_rows_can_be_linked_to(bench):
    html, _ = bench.page(bench.run("run"))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert '<tr id="cell-1-kprobe-stepped"><td><a class="row" href="#cell-1-kprobe-stepped">kprobe-stepped</a>' in html
    assert {place[1:] for place in re.findall(r'href="(#[^"]+)"', html)} <= set(ids)


def test_every_state_is_shown_and_no_figure_of_a_bad_cell_used(bench):
    def spoil(results):
        results["targets"] = results["targets"][1:]
        results["cells"] = [cell for cell in results["cells"] if cell["target"] == results["targets"][0]["id"]]
        without_figures(cells(results, "kprobe-stepped")[0], "invalid")
        without_figures(cells(results, "ftrace")[0], "errored")
        cells(results, "tracepoint")[0]["metrics"]["instructions_per_hit"] = None
    html, text = bench.page(bench.run("run", spoil))
    assert "| kprobe-stepped | invalid |" in text and "| ftrace | errored |" in text and "| tracepoint | – |" in text
    for status in ("invalid", "errored"):
        assert f"made {status}" in html
    assert "boosting is compiled out" in html
    assert "costs 485" not in html


def test_an_interval_that_says_nothing_is_no_figure(bench):
    def disturb(results):
        on_a_real_cpu(results)
        for probe_type, low, high in (("kprobe-stepped", -5, 900), ("ftrace", 200, 401)):
            for cell in cells(results, probe_type):
                for metric in filter(None, cell["metrics"].values()):
                    metric.update({"class": "noisy", "value": 200, "low": low, "high": high})
    html, text = bench.page(bench.run("run", disturb, source="noisy"))
    assert re.search(r"\| kprobe-stepped \| too noisy \| -5 to 900 \| – \|", text)
    assert re.search(r"\| ftrace[/a-z-]* \| too noisy \| 200 to 401 \| – \|", text)
    assert "kprobe-stepped (int3)" not in html


def test_where_all_is_too_noisy_nothing_was_measured(bench):
    def disturb(results):
        for cell in results["cells"]:
            for metric in filter(None, cell["metrics"].values()):
                metric.update({"class": "noisy", "low": -1, "high": metric["value"]})
    html, _ = bench.page(bench.run("run", disturb, source="noisy"))
    assert "No cost of a hit was measured: the intervals are too wide to be figures." in html


def test_a_run_that_ended_early_says_so(bench):
    def cut(results):
        results.update(complete=False, ended="interrupted")
        results["targets"][1].update(ended="the guest panicked", not_run=[results["cells"][-1]["name"]])
        del results["cells"][-1]
    html, text = bench.page(bench.run("run", cut))
    assert "This run is not complete: interrupted" in html
    assert "| not run | the guest panicked |" in text


def test_one_cell_and_none(bench):
    def keep(results, count):
        results["targets"] = results["targets"][:1]
        results["cells"] = results["cells"][:count]
    html, _ = bench.page(bench.run("one", lambda results: keep(results, 1), extras=()))
    assert "a hit of kprobe-stepped costs 472 executed instructions." in html
    html, _ = bench.page(bench.run("none", lambda results: keep(results, 0), extras=()))
    assert "Nothing was measured: the run has no cells." in html
    html, _ = bench.page(bench.run("empty", lambda results: (keep(results, 0), results["targets"].clear()), extras=()))
    assert "Nothing was measured" in html


def test_only_skipped_cells(bench):
    def skip(results):
        for cell in results["cells"]:
            without_figures(cell, "skipped")
    html, _ = bench.page(bench.run("run", skip, extras=()))
    assert "Nothing was measured: of 22 cells 22 skipped." in html


def test_text_from_a_file_is_never_markup(bench):
    def inject(results):
        cell = cells(results, "kprobe-boosted")[-1]
        cell["reason"] = "<script>alert(1)</script> | x"
    html, text = bench.page(bench.run("run", inject))
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
    assert "&lt;script>alert(1)&lt;/script> \\| x" in text


def test_times_have_intervals_rounds_and_a_warning(bench):
    html, text = bench.page(bench.run("run", source="noisy"))
    assert "They are for tests of the tool, not for conclusions." in html
    assert re.search(r", in ns: \S+ \(int3\) \S+ \(\S+ to \S+\), .*: \S+ to \S+ times\.", html)
    assert "Round by round" in html and 'id="distribution-1"' in html
    assert "ns/hit" in text and "insns/hit" not in text


def on_a_real_cpu(results):
    """With a core clock of 2 ns in every single caller's rounds."""
    for target in results["targets"]:
        target.update(clock="tsc", accel="kvm")
    for cell in results["cells"]:
        if (time := cell["metrics"]["ns_per_hit"]) and cell["threads"] == 1:
            cell["metrics"]["core_clocks_per_hit"] = {
                **time, **{name: time[name] / 2 for name in ("value", "low", "high", "spread", "low_quantile")}}


def test_core_clocks_lead_where_the_gate_leads_with_them(bench):
    html, text = bench.page(bench.run("run", on_a_real_cpu, source="noisy"))
    assert re.search(r", in core clocks: \S+ \(int3\) \S+ \(\S+ to \S+\), ", html)
    assert "| probe type | clocks/hit |" in text and "ns/hit" not in text

    def but_for_one(results):
        on_a_real_cpu(results)
        next(cell for cell in results["cells"] if cell["status"] == "measured")["metrics"]["core_clocks_per_hit"] = None
    _, text = bench.page(bench.run("other", but_for_one, source="noisy"))
    assert "| probe type | ns/hit |" in text and "clocks/hit" not in text


def test_the_table_of_metrics_is_the_file_s_own(bench):
    def other_words(results):
        results["metrics"] = [{"name": "ticks_per_hit", "unit": "beats/hit", "words": "beats", "axis": "beats per hit",
                               "leads": leads} for leads in ("timed", "counted")]
    html, text = bench.page(bench.run("run", other_words, source="noisy"))
    assert "| probe type | beats/hit |" in text and "beats per hit" in html
    bench.refused(2, "metrics: expected a metric that leads", "report",
                  bench.run("none", lambda results: results.update(metrics=[])))


def test_what_others_had_on_stands_at_the_table(bench):
    def traced(results):
        results["targets"][0]["environment"]["facts"].update({"tracer": "function", "kprobes.foreign": "2"})
    said = "Warning: the tracer function was on, and every traced function on a path cost more; kprobes of others were "
    for content in bench.page(bench.run("traced", traced)):
        assert said + "attached (2)" in content
    for content in bench.page(bench.run("quiet")):
        assert "Warning: the tracer" not in content


def test_several_runs_are_one_and_machines_are_kept_apart(bench):
    counted, timed = bench.run("counted"), bench.run("timed", source="noisy")
    html, _ = bench.page(counted, timed)
    assert 'id="cost-exact-2"' in html and 'id="cost-noisy-3"' in html  # the same kernel, another clock: another axis
    assert "In brackets" in html or "in brackets" in html


def test_a_second_run_beside_the_first(bench):
    def dearer(results):
        for name in ("value", "low", "high", "low_quantile"):
            cells(results, "ftrace")[-1]["metrics"]["instructions_per_hit"][name] += 2
    html, text = bench.page(bench.run("new", dearer), compare=bench.run("old"))
    assert "| ftrace/nop | 38 | exact | 40 | exact | +5.3% | yes |" in text
    html, _ = bench.page(bench.run("same"), compare=bench.run("timed", source="noisy"))
    assert "the second run has no machine like it" in html


def test_runs_that_contradict_each_other_are_told(bench):
    def other(results):
        cells(results, "ftrace")[-1]["metrics"]["instructions_per_hit"]["value"] += 2
    html, _ = bench.page(bench.run("a"), bench.run("b", other))
    assert "instructions_per_hit is 38 in one run and 40 in another" in html


def test_a_cell_whose_rounds_differ_is_not_drawn_among_counts(bench):
    def unsteady(results):
        metric = cells(results, "kprobe-optimized")[0]["metrics"]["instructions_per_hit"]
        metric.update({"class": "noisy", "low": metric["value"], "high": metric["value"] + 4, "note": "rounds differ"})
    html, text = bench.page(bench.run("run", unsteady))
    assert 'id="kernels-1"' in html
    assert "Not drawn where their rounds differ: kprobe-optimized/mid." in text
    _, text = bench.page(bench.run("steady"))
    assert "Not drawn" not in text


def test_a_time_of_nothing_has_no_place_on_a_logarithmic_axis(bench):
    def free(results):
        for cell, value in zip(cells(results, "ftrace"), (0, -2)):
            metric = cell["metrics"]["instructions_per_hit"]
            metric.update({"class": "noisy", "value": value, "low": value - 1, "high": value + 1})
    html, _ = bench.page(bench.run("run", free))
    assert 'id="kernels-1"' in html


def test_the_experiment(bench):
    html, text = bench.page(bench.experiment("run"))
    for figure in ("surface-1", "workloads-1", "probes-1", "phases-2", "hit-2-kprobe-stepped", "kernels-1"):
        assert f'id="{figure}"' in html
    assert "Hiramatsu&#39;s corner" in html or "Hiramatsu's corner" in html
    assert "Both are right in their corner." in html
    assert "| kprobe-stepped/mid-step | nop | stepped | 485 | 1.07x | – | 500 to 900 |" in text
    assert "| 0 | 5.05 |" in text and "| 300 | 10.1 to 27.2 |" in text
    assert "| krst-e5410-64 | Xeon | 232 to 362 | 11.7 to 18.1 |" in text
    assert "| this run | this machine | 401 to 409 | 12.5 to 36.5 |" in text
    assert "| int3 | 2400 (2390 to 2410) | 405 (401 to 409) | 65 | measured | – |" in text
    assert "| intrusion | kprobe-optimized | optimized | 5 % | 110 | 2 | 108 | 4.2 % | 1 | – |" in text
    assert "| pipe | kprobe-optimized | 30.0 % | 4.0 % | 4.2 % |" in text
    assert "| kprobe-optimized | hot, warm |" in text
    assert "| compile | hot-path | all | skipped | no compiler in the guest |" in text


def test_the_command_and_the_checksum(bench):
    import hashlib
    run = bench.run("run")
    html, _ = bench.page(run)
    assert hashlib.sha256((run / "results.json").read_bytes()).hexdigest() in html
    assert "./run-bench --probe-type kprobe,kretprobe,ftrace,uprobe --handler nop,count --kernel 5.10,6.12\n" in html


def test_every_colour_of_a_figure_has_its_variable():
    from reports.figures.figure import VARIABLES
    style = (ROOT / "reports/templates/page.css").read_text()
    assert [name for name in VARIABLES.values() if style.count(f"--{name}:") != 3] == []  # light, dark, print


def on_two_models(results):
    """Every target once more, on two models; on the second there is no jump on the first kernel."""
    for target in list(results["targets"]):
        for cpu in ("max", "EPYC,-fsrm"):
            other = {**target, "id": f"{target['id']}+cpu={cpu}", "host": {**target["host"], "qemu.requested_cpu": cpu}}
            results["targets"].append(other)
            results["cells"] += [{**cell, "target": other["id"]} for cell in results["cells"]
                                 if cell["target"] == target["id"] and cell["probe_type"].startswith("kprobe-")]
    first = results["targets"][0]["id"]
    for cell in results["cells"]:
        if cell["target"] == f"{first}+cpu=EPYC,-fsrm" and cell["probe_type"] == "kprobe-optimized":
            without_figures(cell, "skipped")


def test_other_cpu_models_have_a_section_and_no_part_in_the_others(bench):
    _, plain = bench.page(bench.run("plain"))
    _, text = bench.page(bench.run("run", on_two_models))
    section = text[text.index("## Other CPU models"):]
    section = section[:section.index("\n## ", 1)]
    assert "EPYC,-fsrm has no kprobe-optimized on 5.10.0-46: made skipped." in section
    first, second = section.split("Linux 5.10.0-46, by")[1].split("Linux 6.12.117, by")
    assert "| kprobe-stepped/nop | 472 | 472 |" in first and "| kprobe-optimized/nop | 96 | – |" in first
    assert "| kprobe-stepped/nop | 485 | 485 |" in second and "| kprobe-optimized/nop | 103 | 103 |" in second
    cost = slice(plain.index("## Cost of a hit"), plain.index("\n## ", plain.index("## Cost of a hit") + 1))
    assert plain[cost] in text
    assert "Other CPU models" not in plain
