#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Runs ppool_perf --quick and checks that all rows are there and that what can be counted
adds up. No time decides anything here.

usage: check_ppool_perf.py PROGRAM
"""

import json
import math
import os
import subprocess
import sys
import tempfile

SKIP = 77
NEED_MIB = 1500

POOLS = [f"mempool {ops}, cache {c}" for ops in ("ring", "stack", "lf_stack") for c in (256, 512)]
POOLS += ["pinned extbuf, cache 256", "pinned extbuf, cache 512", "ppool COMPACT native",
          "ppool COMPACT mbuf API", "ppool INLINE ops, cache 256", "ppool INLINE elastic"]
NATIVE = "ppool COMPACT native"
TARGETS = {
    "life of a packet, 1k in flight, same core": 1.0,
    "life of a packet, 8k in flight, same core": 0.6,
    "life of a packet, 32k in flight, same core": 0.6,
    "life of a packet, 8k in flight, freed on another core": 0.7,
    "hugepage bytes at peak, 1518 B packets, 2M chunks": 0.96,
    "hugepage bytes at peak, 1518 B packets, 32M chunks": 0.94,
    "32k in flight, all freed, one second of rte_ppool_maintain(): bytes held": 0.25,
    "adversary, one fragment of each page held: bytes held": 1.2,
}


def free_mib():
    with open("/proc/meminfo") as f:
        info = {k: int(v.split()[0]) for k, v in (line.split(":", 1) for line in f)}
    return info["HugePages_Free"] * info["Hugepagesize"] // 1024


def number(x):
    return isinstance(x, (int, float)) and math.isfinite(x)


def check_rows(table, pools):
    title = table["title"]
    assert {r["variant"] for r in table["rows"]} == set(pools), title
    for r in table["rows"]:
        where = f"{title}: {r['variant']}"
        assert "error" not in r, f"{where}: {r.get('error')}"
        # On a busy machine no round may be undisturbed; a figure, if there is one, is one.
        assert r["cycles"]["n"] + r["dropped"] == RUN["environment"]["rounds"], where
        if r["cycles"]["n"] > 0:
            c = r["cycles"]
            assert 0 < c["min"] <= c["median"] <= c["max"], where
        assert r["instructions"] is None or number(r["instructions"]), where


def check_memory(memory):
    n, packet = memory["mbufs"], memory["packet"]
    rows = {r["variant"]: r for r in memory["rows"]}
    wanted = set(POOLS) | {NATIVE + ", 2M chunks", NATIVE + ", 32M chunks"}
    assert set(rows) == wanted, sorted(set(rows) ^ wanted)
    for name, r in rows.items():
        assert r["peak"] >= n * packet and r["peak"] >= r["allocated_at_peak"], name
        assert r["peak"] % 4096 == 0, name
        if not r["elastic"]:
            assert r["idle"] == r["peak"] == r["freed"], name
        elif "INLINE" in name:
            # Its size is fixed: all of max_pages is taken at creation.
            assert r["idle"] <= r["peak"], name
        else:
            assert r["idle"] < r["peak"], name


def check_targets(lines):
    found = {t["name"]: t for t in RUN["targets"]}
    for name, limit in TARGETS.items():
        assert name in found, name
        t = found[name]
        assert t["limit"] == limit, name
        if "another core" in name and len(RUN["environment"]["lcores"]) < 2:
            assert t["verdict"] == "not measured", t
            continue
        if t["verdict"] == "not measured":
            assert t["why"] == "no undisturbed round", t
            continue
        assert t["verdict"] == ("met" if t["value"] <= limit else "missed"), t
        line = f"target: {name}: {t['value']:.3f}, limit {limit:.2f}, {t['verdict']}"
        assert line in lines, line


def check(out):
    lines = out.splitlines()
    assert all(RUN["facts"].values()), RUN["facts"]
    assert RUN["facts"], "no fact was looked at"
    bare = {(t["way"], t["burst"]): t for t in RUN["bare"]}
    assert set(bare) == {(w, b) for w in ("raw", "mbuf API") for b in (1, 8, 32, 64)}
    for (way, _), table in bare.items():
        check_rows(table, [p for p in POOLS if way == "raw" or p != NATIVE])
    cores = ["same core"]
    if len(RUN["environment"]["lcores"]) > 1:
        cores.append("another core")
    else:
        assert "# one lcore only" in out
    life = {(t["in_flight"], t["freed"], t["read"]): t for t in RUN["life"]}
    assert set(life) == {(n, c, r) for n in (1024, 8192, 32768) for c in cores
                         for r in (False, True)}
    for table in life.values():
        check_rows(table, POOLS)
    check_memory(RUN["memory"])
    a = RUN["adversary"]
    # A page of 64K has 32 fragments of 2048 bytes: that many pages, one of each stayed.
    assert a["held"] >= a["fragments"] // 32 and a["after"] >= a["fragments"] * 2048
    g = RUN["give_back"]
    assert g["maintained"] <= g["freed"] <= g["peak"], g
    check_targets(lines)
    for key in ("cpu", "compiler", "flags", "commit", "dpdk", "kernel", "caches"):
        assert RUN["environment"][key], key


def main():
    global RUN
    if os.geteuid() != 0 or free_mib() < NEED_MIB:
        print(f"skipped: needs root and {NEED_MIB} MiB of free hugepages")
        return SKIP
    with tempfile.NamedTemporaryFile(suffix=".json") as f:
        proc = subprocess.run([sys.argv[1], "--quick", "--targets", "--json", f.name],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=590)
        print(proc.stdout[-6000:], proc.stderr[-3000:])
        assert proc.returncode == 0, proc.returncode
        RUN = json.load(f)
    check(proc.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
