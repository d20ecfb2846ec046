#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# Builds for AArch64 against Debian's arm64 packages (arm64-sysroot.sh), and runs what was
# built under an emulator: the unit tests, testpmd-ppool forwarding on the simulated NIC,
# and the distribution's own arm64 dpdk-testpmd with net_hns3 on the same.
# Prints a line PASS, FAIL or SKIP for each test.
#
# usage: check-arm64.sh DIR   (the build folder)

set -u
. "$(dirname "$0")/host.sh"
dir=${1:?a folder for the build}

cross=$("$top/devtools/arm64-sysroot.sh" 2>"$dir.why") || {
	echo "SKIP arm64: $(tail -1 "$dir.why")"
	rm -f "$dir.why"
	exit 0
}
rm -f "$dir.why"
root=$(sed -n "s/^root = '\(.*\)'/\1/p" "$cross")

if meson setup --cross-file "$cross" --werror "$dir" "$top" >"$dir.log" 2>&1 &&
	ninja -C "$dir" >>"$dir.log" 2>&1; then
	echo "PASS arm64: build with -Werror"
	rm -f "$dir.log"
else
	grep -E -A8 'error|ERROR|FAILED' "$dir.log" | head -40
	echo "FAIL arm64: build with -Werror"
	exit 1
fi

# Not: tests that start themselves again (the emulator would have to be asked for it), the
# library once more with its assertions, which takes minutes here, and a test that reserves
# terabytes of addresses, for which the emulator would take as many gigabytes of memory.
status=0
names=$(meson introspect --tests "$dir" | /usr/bin/python3 -c '
import json, re, sys
for t in json.load(sys.stdin):
    if any(s.endswith("fast") for s in t["suite"]) and not re.search(
            "_asserting$|^ppool_asserts$|^ppool_debug$|stress|secondary|^sim_vfu_dma$", t["name"]):
        print(t["name"])')
meson test -C "$dir" --no-rebuild --num-processes 2 --timeout-multiplier 10 $names \
	>"$dir/unit.log" 2>&1 </dev/null || status=1
sed -nE 's,^ *[0-9]+/[0-9]+ +[^/]*/ ([^ ]+) +(OK|EXPECTEDFAIL) .*,PASS arm64: \1,p
s,^ *[0-9]+/[0-9]+ +[^/]*/ ([^ ]+) +SKIP .*,SKIP arm64: \1,p
s,^ *[0-9]+/[0-9]+ +[^/]*/ ([^ ]+) +(FAIL|TIMEOUT|ERROR|INTERRUPT|UNEXPECTEDPASS).*,FAIL arm64: \1,p' "$dir/unit.log"

# Programs on the simulated NIC. The emulator runs the simulator and what that starts.
cases='(replay and (order or standard or small)) or (linear and (order or stream))'
cases="$cases or (distribution and (pcap or a222))"
PPOOL_BUILD_DIR=$dir PPOOL_EMULATOR="qemu-aarch64-static -L $root" \
	PPOOL_DPDK_TESTPMD=$root/usr/bin/dpdk-testpmd /usr/bin/python3 -m pytest \
	-p no:cacheprovider -v "$top/test/e2e/test_replay.py" "$top/test/e2e/test_linear.py" \
	"$top/test/e2e/test_distribution_driver.py" \
	-k "$cases" \
	>"$dir/e2e.log" 2>&1 </dev/null || status=1
sed -nE 's,^.*(test_[a-z_]+\.py::[^ ]+) (PASSED|FAILED|ERROR|SKIPPED).*,\2 arm64: \1,p' "$dir/e2e.log" |
	sed -e 's/^PASSED/PASS/' -e 's/^FAILED/FAIL/' -e 's/^ERROR/FAIL/' -e 's/^SKIPPED/SKIP/'
[ $status -eq 0 ] || tail -60 "$dir/e2e.log"

# Instructions a packet are counted, and are of a plausible number: no limit on them.
counted=$dir/instr.json
rm -f "$counted"
if "$top/test/perf/arm64_instr.py" "$dir" --count --only ours --json "$counted" \
		-w fwd,ring=128 >"$dir/instr.log" 2>&1 </dev/null &&
	/usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))["rows"][0]["ours"]
calls = r["instructions_by_call"]
sys.exit(not (20 < r["instructions_in_driver"] < r["instructions"] < 300 and
    min(calls["rx"], calls["tx"], calls["loop"]) > 10))' "$counted"; then
	echo "PASS arm64: instructions are counted"
else
	tail -20 "$dir/instr.log"
	echo "FAIL arm64: instructions are counted"
	status=1
fi
exit $status
