#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Prints a report of hns3-sim (--report FILE) as a small table."""

import json
import sys


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: sim-summary.py REPORT.json")
    with open(sys.argv[1], encoding="utf-8") as f:
        r = json.load(f)
    print(f"{'port':<14}{'to the driver':>16}{'from the driver':>18}{'dropped':>12}  wire")
    for p in r["ports"]:
        print(f"{p['pci']:<14}{p['rx_frames']:>16,}{p['tx_frames']:>18,}"
              f"{sum(p['drops'].values()):>12,}  {p['wire']}")
        for why, n in p["drops"].items():
            if n:
                print(f"{'':<14}{n:,} dropped: {why}")
        for rule, v in p["violations"].items():
            print(f"{'':<14}rule broken {v['count']} times: {rule}: {v['first']}")
    mmu = r["iommu"]
    print(f"IOMMU: {mmu['mapped_bytes_peak'] >> 20} MiB mapped at peak, "
          f"{mmu['mapped_bytes'] >> 20} MiB left mapped, {mmu['faults']} faults; "
          f"rules of the hardware broken: {r['violations']}")


main()
