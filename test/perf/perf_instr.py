#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Counts instructions per packet, exactly, by running a benchmark under callgrind.

Only what stands between the start and the stop of a measurement is counted. Callgrind counts
what the program executes, not what the CPU speculates, so figures repeat to the instruction.

usage: perf_instr.py [--json FILE] [--keep DIR] PROGRAM [ARGUMENTS]
e.g.   perf_instr.py build/test/perf/ppool_perf --instr --only life
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HANG = 1500


def read_dump(path):
    """(label, packets, instructions) of one dump, or None."""
    label = total = None
    with open(path, errors="replace") as f:
        for line in f:
            m = re.match(r"desc: Trigger: Client Request: (.*)", line)
            if m:
                label = m.group(1).strip()
            m = re.match(r"(?:totals|summary): (\d+)", line)
            if m:
                total = int(m.group(1))
    if label is None or total is None:
        return None
    where, _, packets = label.rpartition("|")
    return where, int(packets), total


def run(args, out):
    cmd = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--combine-dumps=no",
           "--dump-instr=yes",
           f"--callgrind-out-file={out}/callgrind.out.%p", *args]
    proc = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=HANG)
    if proc.returncode != 0:
        sys.exit(f"{' '.join(cmd)}: status {proc.returncode}\n{proc.stdout[-2000:]}"
                 f"{proc.stderr[-4000:]}")
    rows = {}
    for path in sorted(Path(out).glob("callgrind.out.*"), key=lambda p: p.stat().st_mtime):
        dump = read_dump(path)
        if dump is not None:
            where, packets, total = dump
            rows[where] = {"packets": packets, "instructions": total, "dump": path.name}
    return rows


def show(rows):
    last = None
    for where, r in rows.items():
        title, _, name = where.partition("|")
        if title != last:
            print(f"\n{title}: instructions per packet")
            last = title
        print(f"{name:<30} {r['instructions'] / r['packets']:8.2f}")


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--json", metavar="FILE")
    p.add_argument("--keep", metavar="DIR", help="keep callgrind's dumps there")
    p.add_argument("program")
    p.add_argument("args", nargs=argparse.REMAINDER)
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        out = o.keep or tmp
        Path(out).mkdir(parents=True, exist_ok=True)
        rows = run([o.program, *o.args], out)
    if not rows:
        sys.exit("callgrind left no dump: was the program built with valgrind's headers?")
    show(rows)
    if o.json:
        with open(o.json, "w") as f:
            json.dump([{"what": k, **v} for k, v in rows.items()], f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
