# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Long frames into fragments of 2048 bytes: one segment each, where the memory has no gap."""

import random

import pytest
from frames import assert_same, mixed, udp_flows
from test_replay import COUNT, check_end, replay

LONG = ("--max-pkt-len=9216",)


@pytest.mark.parametrize("mode", ["threaded", "exact"])
def test_long_frames_keep_order(build, tmp_path, mode):
    frames = mixed(COUNT if mode == "threaded" else COUNT // 5, seed=21)
    r, out = replay(tmp_path, frames, *LONG, mode=mode)
    assert "fragments of 2048 bytes" in r.out
    assert_same(out, frames, r)
    check_end(r, "ppool")


def test_long_frames_of_many_queues(build, tmp_path):
    frames = mixed(COUNT, seed=22)
    r, out = replay(tmp_path, frames, *LONG, "--rxq=4", "--txq=4", "--rxd=256", "--txd=256",
                    "--burst=16")
    assert sorted(out) == sorted(frames)
    check_end(r, "ppool")


@pytest.mark.parametrize("mode", ["threaded", "exact"])
def test_stream_of_one_length(build, tmp_path, mode):
    """As many BDs each: taken together, but for those that lie across the end of the ring."""
    rnd = random.Random(23)
    frames = [f[:46] + rnd.randbytes(len(f) - 46) for f in udp_flows(COUNT // 5, 8, size=9000)]
    r, out = replay(tmp_path, frames, *LONG, "--rxd=256", mode=mode)
    assert_same(out, frames, r)
    check_end(r, "ppool")
