#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The figures of pmd_perf as Markdown.

usage: pmd_perf_table.py [--arm64 COUNTS] PERF
e.g.   pmd_perf --json perf.json && pmd_perf_table.py perf.json
       arm64_instr.py build-arm64 --count --json counts.json && pmd_perf_table.py counts.json
--arm64: two columns more, of what arm64_instr.py has counted.
"""

import argparse
import json
import sys

CALLS = ["rx", "prep", "tx", "pool"]


def figure(v, digits=1):
    return "-" if v is None else f"{v:.{digits}f}"


def at(side, *keys):
    """A figure of one driver's, or None if it has none of these."""
    for key in keys:
        side = (side or {}).get(key)
    return side


def pair(row, show):
    return [show(row["ours"]), show(row["theirs"])]


def cycles(side):
    if not side["offered"] or side["failed"]:
        return f"{'failed' if side['failed'] else 'not offered'}: {side['why']}"
    return figure(at(side, "cycles", "median"))


def ratio(row):
    r = row.get("ratio")
    return "-" if r is None else f"{r['median']:.3f} ({r['min']:.3f}, {r['max']:.3f})"


def instructions(side):
    return figure(at(side, "instructions"))


def hugepages(side):
    size = at(side, "hugepage_bytes")
    return figure(size and size / (1 << 20), 0)


def empty(key):
    def show(side):
        v = at(side, "empty_poll", key)
        # A workload that receives nothing polls nothing; and what was not timed has no cycles.
        return figure(v or None)
    return show


def both(row, show):
    """In one column, once if it is the same."""
    return " / ".join(dict.fromkeys(pair(row, show)))


def by_call(side):
    calls = at(side, "instructions_by_call") or {}
    return ", ".join(f"{c} {calls[c]:.1f}" for c in CALLS if c in calls) or "-"


def print_table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join("---" for _ in head) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def print_environment(env, what):
    mhz = env["tsc_hz"] / 1e6
    machine = env["cpu"] + (", virtual" if env["hypervisor flag"].startswith("yes") else "")
    print(f"{what}: {machine}, CPUs {env['cpus online']}, TSC {mhz:.0f} MHz, load "
          f"{' '.join(env['load'].split()[:3])}; {env['compiler']}, {env['dpdk']}, commit "
          f"{env['commit']}: `{env['command']}`\n")


def print_timed(rows, arm64):
    head = ["workload", "cycles, ours", "net_hns3", "ratio (smallest, largest)",
            "instructions, ours", "net_hns3", "segments", "hugepages MiB, ours / net_hns3",
            "empty poll: cycles", "instructions"]
    if arm64:
        head += ["AArch64: instructions, ours", "net_hns3"]
    out = []
    for r in rows:
        line = [f"`{r['workload']}`", *pair(r, cycles), ratio(r), *pair(r, instructions),
                both(r, lambda s: figure(at(s, "segments"), 2)),
                " / ".join(pair(r, hugepages)), " / ".join(pair(r, empty("cycles"))),
                " / ".join(pair(r, empty("instructions_in_driver")))]
        if arm64:
            of_it = arm64.get(r["full"])
            line += pair(of_it, instructions) if of_it else ["-", "-"]
        out.append(line)
    print_table(head, out)


def print_two_cores(rows):
    """How each core did, and how far they were apart."""
    out = []
    for r in rows:
        for which, name in (("ours", "ours"), ("theirs", "net_hns3")):
            side = r[which]
            if at(side, "hop") is None:
                continue
            two = side.get("two_cores", {})

            def cores(key):
                return ", ".join(figure(v) for v in two[key]) if two else "-"

            share = f"{100 * two['at_once']:.0f}%" if two else "-"
            out.append([f"`{r['workload']}`", name, cores("cycles"), cores("in_turn"), share,
                        figure(side["hop"], 0)])
    if out:
        print_table(["workload", "driver", "cycles, core 0, core 1", "one after the other",
                     "at once", "hop"], out)


def print_counted(rows):
    """Nothing was timed."""
    print_table(["workload", "instructions, ours", "net_hns3", "of them, ours", "net_hns3",
                 "segments", "empty poll"],
                [[f"`{r['workload']}`", *pair(r, instructions), *pair(r, by_call),
                  both(r, lambda s: figure(at(s, "segments"), 2)),
                  " / ".join(pair(r, empty("instructions_in_driver")))] for r in rows])


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--arm64", metavar="COUNTS", type=argparse.FileType())
    p.add_argument("perf", type=argparse.FileType())
    o = p.parse_args()
    perf = json.load(o.perf)
    arm64 = json.load(o.arm64) if o.arm64 else None
    rows = perf["rows"]
    print_environment(perf["environment"], "Machine")
    if arm64:
        print_environment(arm64["environment"], "AArch64, emulated")
    if any(at(r[w], "cycles") for r in rows for w in ("ours", "theirs")):
        print_timed(rows, arm64 and {r["full"]: r for r in arm64["rows"]})
        print_two_cores(rows)
    else:
        print_counted(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
