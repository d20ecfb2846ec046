#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# Forwards generated traffic between two simulated hns3 ports, on a machine that has no
# such NIC: installs what is missing, builds, runs, and shows what happened.
#
# usage: sudo devtools/demo.sh [SECONDS]     (default 10)

set -eu
. "$(dirname "$0")/host.sh"

seconds=${1:-10}
case $seconds in
'' | *[!0-9]* | 0) die "SECONDS is a positive number, not '$seconds'" ;;
esac
need_root
[ "$(nproc)" -ge 2 ] || echo "demo.sh: one CPU only: forwarding and model share it, rates will be low" >&2

trap restore_host EXIT
install_packages $build_packages $run_packages
build_tree
need_hugepages 256

report=$(mktemp)
trap 'rm -f "$report"; restore_host' EXIT

# The main lcore prints; one worker forwards; the model of the NIC runs on what is left.
lcores=0,1
[ "$(nproc)" -ge 2 ] || lcores=0@0,1@0

say "testpmd-ppool, macswap on one core, two simulated hns3 ports, 64-byte frames, ${seconds} s"
"$build/test/sim/hns3-sim" --ports 2 --wire 0=gen:size=64,flows=256 --wire 1=gen:size=64,flows=256 \
	--report "$report" -- \
	"$build/app/testpmd-ppool/testpmd-ppool" --in-memory --no-telemetry -m 400 --lcores $lcores -- \
	--forward-mode=macswap --pool=ppool --nb-cores=1 --stats-period=1 --duration="$seconds" \
	--record-core-cycles </dev/null

say "what the simulated NIC saw"
/usr/bin/python3 "$top/devtools/sim-summary.py" "$report"
