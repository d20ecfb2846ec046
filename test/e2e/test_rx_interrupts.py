# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Rx interrupts and link-change events on the simulated NIC; the same program runs in a guest,
where the vectors are the kernel's (test/guest, case a)."""

import re

import pytest
from conftest import BUILD, eal, sim

PROGRAM = BUILD / "test/guest/guest-rx-intr"


@pytest.mark.parametrize("mode", ["threaded", "exact"])
@pytest.mark.parametrize("queues", [1, 4])
def test_sleeping_receiver(build, plugin, tmp_path, mode, queues):
    count = 4000
    r = sim([PROGRAM, *eal("0", extra=("-d", str(plugin))), "--", str(queues), str(count)], tmp_path,
            ports=1, mode=mode, extra=("--until-idle", "1500"),
            wires={0: f"gen:size=64,flows=64,count={count}"}).ok()
    seen = [(int(f), int(w)) for f, w in re.findall(r"queue \d+: (\d+) frames, (\d+) wakes", r.out)]
    assert len(seen) == queues and sum(f for f, _ in seen) == count, r.out[-2000:]
    assert all(0 < wakes for _, wakes in seen), seen
    # it slept: while nothing came, nothing woke it
    assert int(re.search(r"(\d+) time-outs", r.out).group(1)) > 5, r.out[-2000:]
    assert r.port(0)["interrupts"] >= sum(w for _, w in seen)
    assert re.search(r"link is up", r.out)


def test_all_queues(build, plugin, tmp_path):
    """All queue pairs of the port have a vector of their own here; each wakes its queue."""
    r = sim([PROGRAM, *eal("0", extra=("-d", str(plugin))), "--", "16", "8000"], tmp_path, ports=1,
            extra=("--until-idle", "1500"), wires={0: "gen:size=64,flows=512,count=8000"}).ok()
    assert len(re.findall(r"queue \d+: [1-9]\d* frames", r.out)) == 16, r.out[-2000:]
