#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Prints "PASSED FAILED SKIPPED" of a result file of meson test or of pytest."""

import json
import sys
import xml.etree.ElementTree


def meson(path):
    n = [0, 0, 0]
    with open(path, encoding="utf-8") as f:
        for line in f:
            result = json.loads(line)["result"]
            n[0 if result in ("OK", "EXPECTEDFAIL") else 2 if result == "SKIP" else 1] += 1
    return n


def junit(path):
    n = [0, 0, 0]
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        tags = {child.tag for child in case}
        n[1 if tags & {"failure", "error"} else 2 if "skipped" in tags else 0] += 1
    return n


def main():
    kinds = {"meson": meson, "junit": junit}
    if len(sys.argv) != 3 or sys.argv[1] not in kinds:
        sys.exit("usage: count-tests.py meson|junit FILE")
    n = kinds[sys.argv[1]](sys.argv[2])
    print(*n)
    if sum(n) == 0:
        sys.exit("no test was executed")


main()
