# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The benchmark of the drivers: that it measures what it says. How long anything took is looked
at by no test."""

import json

import pytest
from conftest import BUILD, TOP, run

PERF = BUILD / "test/perf/pmd_perf"
TABLE = TOP / "test/perf/pmd_perf_table.py"
PATIENCE = 900
HUGEPAGE = 2 << 20
QUICK = {
    "rxonly,ring=256", "txonly,ring=256", "fwd,ring=256", "macswap,ring=256,hold=1024",
    "fwd,size=9000,ring=256", "fwd,ring=256,csum=2", "fwd,ring=256,fast_free=1",
    "rxonly,ring=256,remote=1", "fwd,ring=256,queues=4,busy=1",
    "fwd,ring=256,queues=2,cores=2",
}


def perf(tmp_path, *args):
    file = tmp_path / "perf.json"
    file.unlink(missing_ok=True)
    status, out = run([PERF, "--json", file, *args], timeout=PATIENCE)
    assert status == 0, out[-6000:]
    return json.loads(file.read_text()), out


@pytest.fixture(scope="module")
def quick(build, tmp_path_factory):
    if not PERF.exists():
        pytest.skip("pmd_perf is not built (sanitizers)")
    return perf(tmp_path_factory.mktemp("perf"), "--quick", "--targets")


def sides(quick):
    """(workload, words of it, what is said of one driver), of those that offer the workload."""
    for row in quick[0]["rows"]:
        words = dict(w.split("=") for w in row["full"].split(",")[1:])
        words["mode"] = row["full"].split(",")[0]
        for which in ("ours", "theirs"):
            if row[which]["offered"]:
                yield row["workload"], words, row[which]


def test_all_rows(quick):
    rows = {r["workload"]: r for r in quick[0]["rows"]}
    assert set(rows) == QUICK
    for name, r in rows.items():
        assert r["ours"]["driver"] == "net_hns3_pmd" and r["theirs"]["driver"] == "net_hns3"
        assert not r["ours"]["failed"] and not r["theirs"]["failed"], name
        # What the distribution's driver offers is known; of ours, what it has from the start.
        assert r["theirs"]["offered"], name
        if "csum" in name and not r["ours"]["offered"]:
            assert "CKSUM" in r["ours"]["why"] and "not offered" in quick[1]
        else:
            assert r["ours"]["offered"] and r["ratio"]["median"] > 0, name


def test_figures_are_consistent(quick):
    for name, words, d in sides(quick):
        c = d["cycles"]
        assert 0 < c["min"] <= c["median"] <= c["max"], name
        assert c["rounds"] == 2, name
        assert d["model_mpps"] > 0, name
        assert 0 <= d["cut"] < 1, name
        calls = d["cycles_by_call"]
        expected = {"rxonly": {"rx", "pool"}, "txonly": {"tx", "pool"}, "fwd": {"rx", "tx", "loop"},
                    "macswap": {"rx", "tx"}}[words["mode"]]
        if words["csum"] == "2":
            expected = {"rx", "prep", "tx"}
        assert set(calls) == expected, name


def test_instructions(quick):
    for name, words, d in sides(quick):
        if d["instructions"] is None:
            pytest.skip("this machine cannot count instructions")
        calls = d["instructions_by_call"]
        assert set(calls) == set(d["cycles_by_call"]), name
        apart = sum(v for k, v in calls.items() if k != "loop")
        # One call after the other or both as one: the same code.
        assert d["instructions"] == pytest.approx(apart, abs=apart * 0.05), name
        assert 5 < d["instructions_in_driver"] < d["instructions"] * 1.02, name
        if words["mode"] != "txonly":
            e = d["empty_poll"]
            assert 0 < e["instructions_in_driver"] < e["instructions"] < 1000, name


def test_two_cores(quick):
    for name, words, d in sides(quick):
        two = d.get("two_cores")
        assert (two is not None) == (words["cores"] == "2"), name
        assert (d.get("hop", 0) > 0) == (words["cores"] == "2" or words["remote"] == "1"), name
        if two is None:
            continue
        # Neither core got nothing to do, and both did it at the same time, partly at least.
        assert min(two["cycles"]) > 0 and min(two["in_turn"]) > 0, name
        assert min(two["cycles"]) * 0.9 < d["cycles"]["median"] < max(two["cycles"]) * 1.1, name
        assert 0 < two["at_once"] <= 1, name


def test_packets(quick):
    """Whatever the model took and brought, the application gave and got."""
    for name, words, d in sides(quick):
        for end in d["ends"]:
            assert end["violations"] == 0 and end["iommu_faults"] == 0, name
            assert end["unsent"] == 0 and end["buffers_home"] is True, name
            assert end["tx_packets"] == end["model_tx"], name
            # The rest was in the rings at the end.
            left = end["model_rx"] - end["rx_packets"]
            assert 0 <= left <= int(words["ring"]) * int(words["queues"]), name
            if words["mode"] == "fwd":
                assert end["rx_packets"] == end["tx_packets"] > 1000, name
        if int(words["size"]) <= 1518:
            assert d["segments"] == 1, name
        else:
            assert 1 <= d["segments"] <= 5, name
        rings = int(words["ring"]) * int(words["queues"]) * 2048
        assert rings < d["hugepage_bytes"] < 1 << 30, name
        for end in d["ends"]:
            # What a pool needs it has taken before the first round.
            grown = end["hugepage_bytes"] - end["hugepage_bytes_before"]
            assert 0 <= grown <= (0 if words["cores"] == "1" else HUGEPAGE), name


def test_targets(quick):
    targets = {t["name"]: t for t in quick[0]["targets"]}
    assert len(targets) == 7
    for t in targets.values():
        assert t["verdict"] in ("met", "missed", "not measured")
        assert (t["value"] is None) == (t["verdict"] == "not measured")
    assert quick[1].count("target: ") == len(targets)


def test_environment(quick):
    env = quick[0]["environment"]
    assert "pmd_perf" in env["command"] and "--quick" in env["command"]
    assert "DPDK" in env["dpdk"] and env["tsc_hz"] > 0


def test_many_queues(build, tmp_path):
    """Those that are not stepped in a turn are in other turns: a packet costs about the same."""
    if not PERF.exists():
        pytest.skip("pmd_perf is not built (sanitizers)")
    args = [a for w in ("fwd,queues=4,ring=256", "fwd,queues=64,ring=256",
                        "fwd,queues=64,ring=256,cores=2") for a in ("-w", w)]
    r, out = perf(tmp_path, "--rounds", "1", "--restarts", "1", "--only", "ours", *args)
    few, *many = (row["ours"] for row in r["rows"])
    for d in many:
        assert not d["failed"] and d["cycles"]["median"] > 0, out
        assert d["instructions"] == pytest.approx(few["instructions"], rel=0.1)
        assert len(d["ends"]) == 1 and d["ends"][0]["violations"] == 0


def test_table(quick, tmp_path):
    """Each figure stands where its column says."""
    def table(*args):
        status, out = run([TABLE, *args])
        assert status == 0, out
        tables, rows = [], []
        for line in [*out.split("\n"), ""]:
            if line.startswith("|"):
                rows.append([c.strip() for c in line.strip("|").split("|")])
            elif rows:
                head, _, *rest = rows
                assert all(len(r) == len(head) for r in rest), out
                tables.append((head, rest))
                rows = []
        return out, tables

    file, counts = tmp_path / "timed.json", tmp_path / "counts.json"
    file.write_text(json.dumps(quick[0]))
    out, (main, cores) = table(file)
    assert quick[0]["environment"]["cpu"] in out and quick[0]["environment"]["commit"] in out
    assert len(main[1]) == len(quick[0]["rows"]) and len(cores[1]) == 4
    for row, line in zip(quick[0]["rows"], main[1]):
        cell = dict(zip(main[0], line))
        assert cell["workload"] == f"`{row['workload']}`"
        if not row["ours"]["offered"]:
            assert row["ours"]["why"] in cell["cycles, ours"]
            continue
        assert float(cell["cycles, ours"]) == pytest.approx(row["ours"]["cycles"]["median"],
                                                            abs=0.051)
        of_all = [float(x.strip("(,)")) for x in cell["ratio (smallest, largest)"].split()]
        assert of_all == pytest.approx([row["ratio"][k] for k in ("median", "min", "max")],
                                       abs=0.00051)
        mib = [int(x) for x in cell["hugepages MiB, ours / net_hns3"].split(" / ")]
        assert mib == [row[w]["hugepage_bytes"] / (1 << 20) for w in ("ours", "theirs")]

    # Counts alone, as of an emulator; and beside the others.
    counted = perf(tmp_path, "--count", "-w", "fwd,ring=256")[0]
    counts.write_text(json.dumps(counted))
    alone = table(counts)[1]
    assert len(alone) == 1 and not any("cycles" in h for h in alone[0][0])
    beside = table("--arm64", counts, file)[1][0]
    assert beside[0][-2:] == ["AArch64: instructions, ours", "net_hns3"]
    for line in beside[1]:
        if line[0] != "`fwd,ring=256`":
            assert line[-2:] == ["-", "-"]
        elif counted["rows"][0]["ours"]["instructions"] is not None:
            assert line[-2:] == [f"{counted['rows'][0][w]['instructions']:.1f}"
                                 for w in ("ours", "theirs")]


def test_instructions_repeat(quick, tmp_path):
    """Counted, not estimated: the same in each run."""
    def count():
        r = perf(tmp_path, "--rounds", "1", "--restarts", "1", "-w", "fwd,ring=256,burst=8")[0]
        row = r["rows"][0]
        return [row[w]["instructions_by_call"] for w in ("ours", "theirs")]

    first = count()
    if not first[0]:
        pytest.skip("this machine cannot count instructions")
    assert first == count()


@pytest.mark.parametrize("args", [("-w", "fwd,size=63"), ("-w", "nosuch"), ("-w", "fwd,ring=100"),
                                  ("-w", "fwd,queues=2,cores=3"), ("-w", "txonly,queues=2"),
                                  ("-w", "fwd,queues=2,cores=2,remote=1"),
                                  ("nosuch",), ("--rounds", "0"), ("--driver", "/nosuch.so")])
def test_refused(build, args):
    if not PERF.exists():
        pytest.skip("pmd_perf is not built (sanitizers)")
    status, out = run([PERF, *args])
    assert status == 2 and "pmd_perf: " in out


def test_one_queue_two_cores(build):
    if not PERF.exists():
        pytest.skip("pmd_perf is not built (sanitizers)")
    status, out = run([PERF, "-w", "fwd,cores=2"])
    assert status == 2 and "a queue is polled by one core only" in out and "queues=2" in out


@pytest.mark.parametrize("words", ["fwd,ring=256,queues=2,cores=2", "rxonly,ring=256,remote=1"])
def test_one_lcore(build, words):
    """A second core is wanted, and there is none."""
    if not PERF.exists():
        pytest.skip("pmd_perf is not built (sanitizers)")
    status, out = run([PERF, "--lcores", "0", "--only", "ours", "--rounds", "1", "-w", words])
    assert status == 1 and "need two lcores" in out


def test_list(build):
    if not PERF.exists():
        pytest.skip("pmd_perf is not built (sanitizers)")
    status, out = run([PERF, "--list"])
    names = out.split()
    assert status == 0 and len(names) == len(set(names)) > 50
    wanted = {f"fwd,queues={q}" for q in (2, 4, 16, 64)}
    wanted |= {f"{w},cores=2" for w in wanted} | {f"fwd,queues={q},busy=1" for q in (4, 16, 64)}
    wanted |= {"fwd", "fwd,size=9000", "rxonly,remote=1", "fwd,queues=64,busy=1,cores=2"}
    assert wanted <= set(names)
    status, out = run([PERF, "--list", "fwd,size=256"])
    assert status == 0 and out.split() == ["fwd,size=256"]
