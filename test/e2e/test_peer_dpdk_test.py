# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The distribution's own dpdk-test, its mbuf pools on pages.

--mbuf-pool-ops-name reaches all pools that DPDK makes by rte_pktmbuf_pool_create() and
rte_mbuf_best_mempool_ops(); what a test asks for by another name ("stack", or the ring that
rte_mempool_create() takes) stays what it is. Each test must have had at least one pool of ours.
"""

import re

import pytest

from conftest import eal, run

# All tests of dpdk-test that pass here with the default ops, need no device, are no benchmark,
# and make a pool of mbufs.
TESTS = ["mempool_autotest", "mbuf_autotest", "bitratestats_autotest", "distributor_autotest",
         "event_eth_rx_adapter_autotest", "event_eth_tx_adapter_autotest",
         "eventdev_selftest_sw", "ipfrag_autotest", "latencystats_autotest",
         "link_bonding_autotest", "link_bonding_rssconf_autotest", "pdump_autotest",
         "reorder_autotest", "ring_pmd_autotest", "sched_autotest", "table_autotest"]
# Pools with ops "ppool" that the two tests of DPDK's own contract make, at least.
POOLS = {"mempool_autotest": 6, "mbuf_autotest": 7}


def dpdk_test(name, *extra):
    args = ["dpdk-test", *eal(mem=384, extra=["--no-pci", *extra])]
    _, out = run(args, stdin=f"{name}\nquit\n", timeout=300)
    return out


def passed(out):
    return re.findall(r"^Test (OK|Failed|Skipped)", out, re.M)[-1:] == ["OK"]


@pytest.mark.parametrize("name", TESTS)
def test_passes_on_pages(name, library):
    out = dpdk_test(name, "-d", library, "--mbuf-pool-ops-name=ppool",
                    "--log-level=lib.ppool:debug")
    if not passed(out) and not passed(dpdk_test(name)):
        pytest.skip("fails here with DPDK's own ops, too")
    assert passed(out), out[-4000:]
    pools = re.findall(r"PPOOL: \S+: a mempool of \d+ objects", out)
    assert len(pools) >= POOLS.get(name, 1), out[-4000:]
    # None of them misuses its pools.
    assert "given back" not in out, out[-4000:]
