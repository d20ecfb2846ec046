#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Runs the driver in a guest, behind the kernel's own VFIO and an IOMMU.

usage: test/guest/run.py [--keep DIR] CASE...

Ends with 0 if all cases passed, 1 if one failed, 77 if none failed and one was skipped. What
was downloaded is kept in PPOOL_GUEST_CACHE (~/.cache/ppool-guest); PPOOL_BUILD_DIR is the
build (build); no guest runs longer than PPOOL_GUEST_LIMIT seconds (300).
"""

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import cases  # noqa: E402
from packages import Unavailable  # noqa: E402


def one(name, work):
    func = cases.CASES[name]
    try:
        out = func(cases.place_from_environment(work))
    except Unavailable as e:
        print(f"SKIP {name}: {e}")
        return 77
    except AssertionError as e:
        traceback.print_exc()
        print(f"FAIL {name}: {str(e)[:200]}")
        return 1
    print(f"PASS {name} in {out.seconds:.0f} s: {' '.join(func.__doc__.split())}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", help="keep logs and frames in this folder")
    parser.add_argument("case", nargs="+", choices=sorted(cases.CASES))
    args = parser.parse_args()
    results = []
    for name in args.case:
        if args.keep:
            work = Path(args.keep).resolve() / name
            work.mkdir(parents=True, exist_ok=True)
            for old in work.iterdir():
                old.unlink()
            results.append(one(name, work))
        else:
            with tempfile.TemporaryDirectory(prefix="guest-") as work:
                results.append(one(name, work))
    return 1 if 1 in results else max(results)


if __name__ == "__main__":
    sys.exit(main())
