# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Cases in arm64 guests behind virtio-iommu: the architecture of the NIC's own machines."""

import hashlib
import os
import re
import subprocess
from pathlib import Path

import image
import machine
import packages
from far import FarHost
from traffic import JUMBO, forward_totals, replay

TOP = Path(__file__).resolve().parents[2]
BUILD_S = 900
PMD_DIR = "usr/lib/aarch64-linux-gnu/dpdk/pmds-23.0"
TARGETS = ["app/testpmd-ppool/testpmd-ppool", "test/guest/guest-rx-intr"]

IOMMU_ARM64 = ["-M", "virt,gic-version=3,memory-backend=m0", "-accel", "tcg,thread=multi",
               "-cpu", "max,sve=off,pauth-impdef=on", "-device", "virtio-iommu-pci,addr=1e.0"]


def arm64_machine(place, img, ports, sim_args, cmdline="", memory=768, options=()):
    kernel, _ = packages.kernel("arm64")
    path = place.work / "initramfs"
    img.write(path)
    m = machine.Machine(place.work, packages.qemu("arm"), kernel, path, cmdline,
                        [*IOMMU_ARM64, *machine.vfio_user_ports(place.work / "s", ports), *options],
                        console="ttyAMA0", control="ttyAMA1", memory=memory)
    m.model_args = [place.sim, ["--ports", ports, *sim_args]]
    return m


KERNEL_MODULES = ["virtio_iommu", "hclge_common", "libphy", "hnae3", "fwnode_mdio", "fixed_phy",
                  "of_mdio", "mdio_devres", "hclge", "hns3", "af_packet", "veth", "8021q"]

CASE_E = """
set -- $(devices 19e5:a222)
for d in "$@"; do
	wait_for /sys/bus/pci/devices/$d/uevent "DRIVER=hns3" 30
done
a=$(ls /sys/bus/pci/devices/$1/net) b=$(ls /sys/bus/pci/devices/$2/net)
c=$(ls /sys/bus/pci/devices/$3/net)
mkdir -p /run/netns
step setup sh -e -c "
	/bin/ip netns add far
	/bin/ip link set $b netns far
	/bin/ip addr add 192.0.2.1/24 dev $a
	/bin/ip link set $a up
	/bin/ip netns exec far /bin/ip addr add 192.0.2.2/24 dev $b
	/bin/ip netns exec far /bin/ip link set $b up
"
sleep 2
step link sh -c "/bin/ip -d link show $a; ethtool $a"
step ping /bin/ping -c 20 -i 0.1 -W 5 192.0.2.2
step jumbo sh -e -c "
	/bin/ip link set $a mtu 9000
	/bin/ip netns exec far /bin/ip link set $b mtu 9000
	sleep 2
	/bin/ping -c 5 -i 0.2 -W 5 -M do -s 8972 192.0.2.2
"
/bin/ip netns exec far iperf3 -s -1 >/tmp/server.log 2>&1 &
sleep 1
step iperf3 iperf3 -c 192.0.2.2 -t 3 -P 4
step tap sh -e -c "
	/bin/ip addr add 203.0.113.1/24 dev $c
	/bin/ip link set $c up
	sleep 2
	/bin/ping -c 10 -i 0.1 -W 5 203.0.113.2
"
step iperf3-tap iperf3 -c 203.0.113.2 -t 3
step vlan sh -e -c "
	/bin/ip link add link $a name v7 type vlan id 7
	/bin/ip addr add 198.51.100.1/24 dev v7
	/bin/ip link set v7 up
	/bin/ip netns exec far /bin/ip link add link $b name v7 type vlan id 7
	/bin/ip netns exec far /bin/ip addr add 198.51.100.2/24 dev v7
	/bin/ip netns exec far /bin/ip link set v7 up
	/bin/ping -c 5 -i 0.2 -W 5 198.51.100.2
"
step ethtool-i ethtool -i $a
step ethtool-S ethtool -S $a
step ethtool-k ethtool -k $a
step ethtool-x ethtool -x $a
step ethtool-m ethtool -m $a
step rss sh -e -c "ethtool -X $a equal 2; ethtool -x $a; ethtool -N $a rx-flow-hash udp4 sdfn"
step down sh -e -c "/bin/ip link set $a down; /bin/ip link set $a up; sleep 2; /bin/ping -c 3 -W 5 192.0.2.2"
"""


def kernel_image(place):
    root = packages.tools("arm64")
    img = image.base(packages.busybox("arm64"), [root / "usr/lib/aarch64-linux-gnu"])
    for tool in ("ethtool", "iperf3", "ip", "ping"):
        img.program(next(root / d / tool for d in ("usr/bin", "usr/sbin")
                         if (root / d / tool).exists()))
    img.library("libgcc_s.so.1")
    _, moddir = packages.kernel("arm64")
    img.modules(moddir, KERNEL_MODULES)
    img.put("case.sh", CASE_E)
    return img


def case_e(place):
    """The Linux kernel's own hns3 and hclge bring the model up as network interfaces: ping, jumbo
    frames, TCP with segmentation, VLANs, statistics, RSS, module information, down and up; two
    ports are wired to each other, the third to a TAP device of this machine."""
    tap = f"hns3g{os.getpid() % 100000}"
    m = arm64_machine(place, kernel_image(place), 3,
                      ["--wire", "0=peer:1", "--wire", "1=peer:0", "--wire", f"2=tap:{tap}", "--log",
                       place.work / "sim.log"])
    with FarHost(tap, "203.0.113.2") as far:
        out = machine.run_with_model(m, lambda question: True, far.join)
    out.finished("setup", "link", "ping", "jumbo", "iperf3", "tap", "iperf3-tap", "vlan",
                 "ethtool-i", "ethtool-S", "ethtool-k", "ethtool-x", "ethtool-m", "rss",
                 "down").clean(reset=False)
    assert re.search(r"receiver", out.log("iperf3-tap")), out.log("iperf3-tap")
    for step in ("ping", "jumbo", "tap", "vlan", "down"):
        assert " 0% packet loss" in out.log(step), out.log(step)
    assert "Speed: 25000Mb/s" in out.log("link") and "Link detected: yes" in out.log("link")
    assert re.search(r"^\[SUM\].*receiver", out.log("iperf3"), re.M), out.log("iperf3")
    check_ethtool(out)
    for port in out.report["ports"]:
        said = port["commands"]
        for opcode in ("0x0308", "0x0d07", "0x1101", "0x1102", "0x1503", "0x0034"):
            assert said.get(opcode, {}).get("count"), (opcode, sorted(said))
        refused = {k: v for k, v in said.items() if v["errors"]}
        assert not refused, refused
    bad = [x for x in out.log("dmesg").splitlines()
           if re.search(r"hns3 .*(fail|error|timeout|invalid)|call trace|WARNING", x, re.I)]
    assert not bad, bad
    return out


def check_ethtool(out):
    """What the kernel's driver tells of the model is what the model is."""
    assert re.search(r"^driver: hns3$", out.log("ethtool-i"), re.M), out.log("ethtool-i")
    counters = {k: int(v) for k, v in re.findall(r"^\s+(\S+): (\d+)$", out.log("ethtool-S"), re.M)}
    assert counters["mac_tx_total_pkt_num"] > 20 and counters["mac_rx_total_pkt_num"] > 20, counters
    assert counters["mac_tx_bad_pkt_num"] == 0 and counters["mac_rx_fcs_err_pkt_num"] == 0
    for feature in ("tx-checksum-ipv4: on", "tx-tcp-segmentation: on", "rx-vlan-filter: on"):
        assert feature in out.log("ethtool-k"), feature
    assert "16 RX ring(s)" in out.log("ethtool-x")
    assert "25GBase-SR" in out.log("ethtool-m")
    table = re.findall(r"^\s+\d+:((?:\s+\d+)+)$", out.log("rss"), re.M)
    used = {int(q) for row in table for q in row.split()}
    assert len(table) == 64 and used == {0, 1}, out.log("rss")[:500]


# --- our driver and the distribution's, cross-built ------------------------------------------

def _must(args, why):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=BUILD_S,
                          check=False)
    if done.returncode != 0:
        raise packages.Unavailable(f"{why}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout.strip()


def cross_build():
    """(sysroot, build folder), kept between runs."""
    cross = _must([TOP / "devtools/arm64-sysroot.sh"], "no arm64 packages").splitlines()[-1]
    root = re.search(r"^root = '(.*)'", Path(cross).read_text(), re.M).group(1)
    key = hashlib.sha1(f"{TOP} {root}".encode()).hexdigest()[:10]
    build = packages.cache_dir() / f"build-arm64-{key}"
    if not (build / "build.ninja").exists():
        _must(["meson", "setup", "--cross-file", cross, build, TOP], "the cross build fails")
    done = subprocess.run(["ninja", "-C", str(build), *TARGETS], capture_output=True, text=True,
                          timeout=BUILD_S, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    return Path(root), build


def dpdk_image(script):
    root, build = cross_build()
    dirs = [root / d for d in ("usr/lib/aarch64-linux-gnu", "lib/aarch64-linux-gnu", "lib")]
    img = image.base(packages.busybox("arm64"),
                     [build / "drivers/net/hns3_pmd", build / "lib/ppool", *dirs])
    img.program(root / "usr/bin/dpdk-testpmd")
    for target in TARGETS:
        img.program(build / target)
    img.library("librte_net_hns3_pmd.so")
    img.library("libgcc_s.so.1")
    img.plugins(root / PMD_DIR, ["librte_bus_pci", "librte_bus_vdev", "librte_mempool_ring",
                                 "librte_net_hns3"], PMD_DIR)
    _, moddir = packages.kernel("arm64")
    img.modules(moddir, [*KERNEL_MODULES, "vfio", "vfio_iommu_type1", "vfio_pci_core", "vfio_pci"])
    img.put("case.sh", script)
    return img


# As on a server: the kernel's driver has the ports first, and lets go of them.
CASE_C = f"""
set -- $(devices 19e5:a222)
for d in "$@"; do
	wait_for /sys/bus/pci/devices/$d/uevent "DRIVER=hns3" 30 || say exit hns3 1
done
bind "$@"
until_told forward 0 testpmd-ppool -l 0,1 -a $1 -a $2 -- --forward-mode=io --stats-period=1 \\
	{JUMBO}
until_told distribution 2 dpdk-testpmd -l 0,1 -a $3 -a $4 \\
	--log-level=pmd.net.hns3.driver:debug -- --no-flush-rx --total-num-mbufs=8192 \\
	--forward-mode=io --stats-period=1 --disable-link-check {JUMBO}
step reopen testpmd-ppool -l 0,1 -a $1 -a $2 -- --forward-mode=txonly --duration=2
talk interrupts guest-rx-intr -l 0 -d /lib/librte_net_hns3_pmd.so -a $5 -- 4 2000
wait_for /tmp/interrupts.log "all here" 60
kill -INT $talk_pid
hang_up
reset "$@"
"""


def case_c(place):
    """arm64 behind virtio-iommu: the kernel's hns3 lets go of the ports; our driver and pool, then
    the distribution's net_hns3, byte for byte; a second process; Rx interrupts."""
    wires, arrived, check = replay(place, 4)
    wires += ["--wire", "4=gen:size=64,flows=64,count=2000"]
    m = arm64_machine(place, dpdk_image(CASE_C), 5, [*wires, "--log", place.work / "sim.log"],
                      cmdline="hugepages=160")
    out = machine.run_with_model(m, lambda question: arrived(int(question)))
    out.finished("forward", "distribution", "reopen", "interrupts").clean()
    check((0, 1), exact=False)
    check((2, 3))
    assert "IOVA mode 'VA'" in out.log("forward"), out.log("forward")[:2000]
    assert "pages in flight 0" in out.log("forward"), out.log("forward")[-2000:]
    assert re.search(r"TX-packets: [1-9]", out.log("reopen")), out.log("reopen")[-2000:]
    log = out.log("distribution")
    assert "net_hns3" in log and "net_hns3_pmd" not in log, log[:3000]
    assert forward_totals(log)[-1] == (600, 600), forward_totals(log)
    woken = re.findall(r"queue \d+: (\d+) frames, (\d+) wakes", out.log("interrupts"))
    assert len(woken) == 4 and sum(int(n) for n, _ in woken) == 2000, out.log("interrupts")
    return out
