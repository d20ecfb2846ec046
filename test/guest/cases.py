# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""What runs in the guests. Each case returns after its checks, raises AssertionError where one
fails, and packages.Unavailable where what it needs cannot be had."""

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import arm64
import image
import machine
import packages
import wire
from traffic import JUMBO, forward_totals, replay, udp_flows

TOP = Path(__file__).resolve().parents[2]
HOST_LIBS = ["/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/lib64"]
PMD_DIR = "usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0"
VFIO_MODULES = ["irqbypass", "vfio", "vfio_iommu_type1", "vfio_pci_core", "vfio_pci"]
IOMMU_X86 = ["-M", "q35,memory-backend=m0,kernel-irqchip=split", "-accel", "tcg,thread=multi",
             "-cpu", "max,la57=off", "-device",
             "intel-iommu,caching-mode=on,intremap=on,aw-bits=48"]
CMDLINE_X86 = "intel_iommu=on hugepages=160"


@dataclass
class Place:
    """Where a case finds the build, and where it may write."""

    build: Path
    work: Path

    @property
    def sim(self):
        return self.build / "test/sim/hns3-sim"


def x86_image(place, script, plugins=("librte_net_hns3",), modules=VFIO_MODULES):
    """The distribution's testpmd and ours, with what they need."""
    build = place.build
    img = image.base(packages.busybox("amd64"),
                     [build / "drivers/net/hns3_pmd", build / "lib/ppool", *HOST_LIBS])
    testpmd = Path("/usr/bin/dpdk-testpmd")
    if not testpmd.exists():
        raise packages.Unavailable("no dpdk-testpmd: install dpdk")
    img.program(testpmd)
    img.program(build / "app/testpmd-ppool/testpmd-ppool")
    img.program(build / "test/guest/guest-rx-intr")
    img.library("librte_net_hns3_pmd.so")
    img.library("libgcc_s.so.1")  # a thread that is cancelled asks for it
    folder = Path("/") / PMD_DIR
    img.plugins(folder, ["librte_bus_pci", "librte_bus_vdev", "librte_mempool_ring", *plugins],
                PMD_DIR)
    kernel, moddir = packages.kernel("amd64")
    img.modules(moddir, modules)
    img.put("case.sh", script)
    path = place.work / "initramfs"
    img.write(path)
    return kernel, path


def x86_machine(place, script, ports, sim_args, **kw):
    kernel, initramfs = x86_image(place, script, **kw)
    options = [*IOMMU_X86, *machine.vfio_user_ports(place.work / "s", ports)]
    m = machine.Machine(place.work, packages.qemu("x86"), kernel, initramfs, CMDLINE_X86, options)
    m.model_args = [place.sim, ["--ports", ports, *sim_args]]
    return m


CASE_A = f"""
set -- $(devices 19e5:a222)
bind "$@"
until_told forward frames testpmd-ppool -l 0,1 -a $1 -a $2 -- --forward-mode=io --stats-period=1 \\
	{JUMBO}

talk restart dpdk-testpmd -l 0,1 -d /lib/librte_net_hns3_pmd.so -a $3 -a $4 -- -i \\
	--total-num-mbufs=8192 --forward-mode=macswap --rxq=2 --txq=2 --rss-udp
wait_for /tmp/restart.log "testpmd> " 120 || say exit wait 1
for round in 1 2 3; do
	tell start
	wait_for /tmp/restart.log "fwd threads=\\|packet forwarding" 30
	sleep 1
	[ $round -ne 2 ] || {{ tell port stop 1; sleep 1; }}
	tell stop
	tell port stop all
	tell port start all
done
tell start
sleep 1
tell stop
tell quit
hang_up

step reopen testpmd-ppool -l 0,1 -a $3 -a $4 -- --forward-mode=macswap --rxq=2 --txq=2 \\
	--duration=2

link_events()
{{
	wait_for /tmp/interrupts.log "all here" 60 && wait_for /tmp/interrupts.log "link is up" 20 &&
	ask carrier-off >/dev/null && wait_for /tmp/interrupts.log "link is down" 20 &&
	ask carrier-on >/dev/null && usleep 1000000
}}
talk interrupts guest-rx-intr -l 0 -d /lib/librte_net_hns3_pmd.so -a $5 -- 4 3000
link_events
say exit link $?
kill -INT $talk_pid
hang_up
reset "$@"
"""


def case_a(place):
    """Our driver and pool behind the kernel's vfio-pci and intel-iommu, IOVA as VA: what goes in
    at two ports comes out byte for byte; ports stop and start under traffic; a second process
    opens what a first one closed; Rx interrupts by MSI-X, and events when the link changes."""
    wires, arrived, check = replay(place, 2)
    for p in (2, 3):
        wires += ["--wire", f"{p}=gen:size=64,flows=16"]
    wires += ["--wire", "4=gen:size=64,flows=64,count=3000"]
    m = x86_machine(place, CASE_A, 5, wires)

    def answer(question):
        if question.startswith("carrier"):
            m.model.send_signal(signal.SIGUSR1 if question == "carrier-off" else signal.SIGUSR2)
            return True
        return arrived()
    out = machine.run_with_model(m, answer)
    out.finished("forward", "restart", "reopen", "link", "interrupts").clean()
    check()
    log = out.log("forward")
    assert "IOVA as 'VA'" in log or "IOVA mode 'VA'" in log, log[:2000]
    assert "pages in flight 0" in log, log[-2000:]
    rounds = forward_totals(out.log("restart"))
    assert len(rounds) == 4, out.log("restart")[-3000:]
    assert all(rx > 0 and tx > 0 for rx, tx in rounds), rounds
    assert re.search(r"RX-packets: [1-9]", out.log("reopen")), out.log("reopen")[-2000:]
    check_interrupts(out.log("interrupts"), out.report["ports"][4], 3000)
    return out


def check_interrupts(log, model, count):
    """All frames came by interrupts, on all queues; the link's events are those of the carrier."""
    queues = [(int(a), int(b)) for a, b in re.findall(r"queue \d+: (\d+) frames, (\d+) wakes", log)]
    assert len(queues) == 4 and sum(q[0] for q in queues) == count, log
    assert all(0 < wakes <= frames for frames, wakes in queues), log
    assert model["rx_frames"] == count
    assert model["interrupts"] >= sum(q[1] for q in queues), model["interrupts"]
    assert int(re.search(r"(\d+) empty wakes", log).group(1)) <= sum(q[1] for q in queues) / 2, log
    assert int(re.search(r"(\d+) time-outs", log).group(1)) > 0, log
    assert re.findall(r"link is (\w+)", log)[:3] == ["up", "down", "up"], log


CASE_D = f"""
set -- $(devices 19e5:a222)
bind "$@"
until_told forward frames dpdk-testpmd -l 0,1 -a $1 -a $2 --log-level=pmd.net.hns3.driver:debug \\
	-- --no-flush-rx --total-num-mbufs=8192 --forward-mode=io --stats-period=1 --disable-link-check {JUMBO}
reset "$@"
"""


def case_d(place):
    """A driver that we did not write: Debian's own dpdk-testpmd and net_hns3."""
    wires, arrived, check = replay(place, 2)
    out = machine.run_with_model(x86_machine(place, CASE_D, 2, wires), lambda question: arrived())
    out.finished("forward").clean()
    check()
    log = out.log("forward")
    assert "net_hns3" in log and "net_hns3_pmd" not in log, log[:3000]
    return out


# A page pool under a driver that knows nothing of it: nothing but the name of the mempool ops.
CASE_F = """
set -- $(devices 8086:10d3)
bind "$@"
ready="packet forwarding" until_told forward frames dpdk-testpmd -l 0,1 -a $1 -a $2 \\
	-d /lib/librte_ppool.so.0 --mbuf-pool-ops-name=ppool -- --no-flush-rx \\
	--total-num-mbufs=4096 --forward-mode=io --stats-period=1 --disable-link-check
"""


def case_f(place):
    """librte_ppool as mempool ops under net_e1000_em, behind an IOMMU: what goes in at one port
    comes out of the other byte for byte."""
    # well formed: QEMU's card drops what it cannot parse
    pair = wire.Pair(place.work, "e", [f for size in (60, 61, 300, 1000, 1514)
                                       for f in udp_flows(100, 8, size=size)])
    kernel, initramfs = x86_image(place, CASE_F, plugins=("librte_net_e1000",))
    options = list(IOMMU_X86)
    for i, (netdev, device) in enumerate(pair.options()):
        options += ["-device", f"pcie-root-port,id=r{i},chassis={i + 1},addr={i + 4:x}",
                    *netdev, "-device", f"e1000e,bus=r{i},{device}"]
    m = machine.Machine(place.work, packages.qemu("x86"), kernel, initramfs, CMDLINE_X86, options,
                        answer=lambda question: pair.turn())
    out = m.run().finished("forward")
    assert not out.iommu_faults(), out.iommu_faults()
    pair.check()
    log = out.log("forward")
    assert "preferred mempool ops selected: ppool" in log, log[:3000]
    assert "IOVA mode 'VA'" in log, log[:2000]
    return out


CASES = {"a": case_a, "c": arm64.case_c, "d": case_d, "e": arm64.case_e, "f": case_f}
BY_DEFAULT = ("a", "d", "f")


def place_from_environment(work):
    build = Path(os.environ.get("PPOOL_BUILD_DIR", TOP / "build")).resolve()
    return Place(build, Path(work))
