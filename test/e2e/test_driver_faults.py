# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Every command that the driver sends fails once, from the first to the last of its life."""

import re

import pytest
from conftest import sim, testpmd_ppool

# Sent by a port that runs, or is on its way up or down: no answer comes any more.
RUNNING = ["0x0020", "0x0034", "0x0048", "0x0301", "0x0307", "0x0b20", "0x0e01", "0x1000", "0x1001",
           "0x7104"]


def run_with(tmp_path, *inject):
    return sim(testpmd_ppool("--duration=1", "--forward-mode=macswap"), tmp_path, ports=1,
               wires={0: "gen:size=64,flows=8"}, extra=inject)


def check(r, opcode):
    """However it ended: no signal, no rule broken, nothing left behind."""
    assert r.status in (0, 1), (opcode, r.status, r.out[-3000:])
    assert r.status == 0 or opcode.lower() in r.out.lower(), (opcode, r.out[-3000:])
    r.clean()
    assert r.report["iommu"]["mapped_bytes"] == 0, opcode
    assert not re.search(r"in flight [1-9]", r.out), (opcode, r.out[-3000:])


def test_any_command_fails(build, tmp_path):
    good = run_with(tmp_path).ok()
    opcodes = list(good.port(0)["commands"])
    assert len(opcodes) > 60
    for opcode in opcodes:
        check(run_with(tmp_path, "--inject", f"0=cmd:{opcode}:retval=7"), opcode)


@pytest.mark.parametrize("opcode", RUNNING)
@pytest.mark.parametrize("first", [1, 2])
def test_firmware_falls_silent(build, tmp_path, opcode, first):
    check(run_with(tmp_path, "--inject", f"0=cmd:{opcode}:never:first={first}"), opcode)
