#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# usage: check-sanitizers.sh DIR
#
# Builds in DIR and runs the unit tests that need no hugepages (suite "fast"): those of the
# page pool under ThreadSanitizer, all of them under AddressSanitizer and
# UndefinedBehaviorSanitizer. Prints a line "PASS name", "SKIP name" or "FAIL name" for each, and
# what the failed ones said. The exit status is 0 only if none failed.
#
# ThreadSanitizer sees the locks and rings of DPDK that are inline functions, since they are
# compiled as C11 atomics (sanitize_thread_atomics); what it is told to leave out stands, with
# the reason, in test/unit/ppool/tsan.supp.

set -u
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:?usage: check-sanitizers.sh DIR}
bad=0
mkdir -p "$dir" || exit 2

# failed NAME FILE: says so, and shows what there is to see.
failed()
{
	echo "FAIL $1"
	tail -60 "$2"
	bad=1
}

# tests BUILD PATTERN: the suite's tests whose name fits, one a line: name, program.
tests()
{
	meson introspect --tests "$1" | python3 -c '
import json, os, re, sys
top, pattern = sys.argv[1:]
for t in json.load(sys.stdin):
    if any(s.endswith("fast") for s in t["suite"]) and re.match(pattern, t["name"]):
        print(t["name"], os.path.relpath(t["cmd"][0], top))' "$1" "$2"
}

# results LOG LABEL: a line for each test of a testlog.json; 1 if one failed.
results()
{
	python3 -c '
import json, sys
bad = 0
for line in open(sys.argv[1], encoding="utf-8"):
    t = json.loads(line)
    name = t["name"].split(" / ")[-1]
    verdict = {"OK": "PASS", "SKIP": "SKIP"}.get(t["result"], "FAIL")
    said = (t.get("stdout", "") + t.get("stderr", "")).split("\n")
    why = [line.strip() for line in said if line.strip()][-1:] if verdict == "SKIP" else []
    print(verdict, sys.argv[2], ": ".join([name, *why]), flush=True)
    if verdict == "FAIL":
        bad = 1
        text = t.get("stdout", "") + t.get("stderr", "")
        print(text[:6000], "...", text[-3000:], sep="\n", flush=True)
sys.exit(bad)' "$1" "$2"
}

# sanitize LABEL PATTERN MESON-OPTION...: build and run.
sanitize()
{
	local label=$1 pattern=$2 b=$dir/$1 log=$dir/$1.log
	shift 2
	rm -rf "$b"
	meson setup "$b" "$top" --buildtype=debugoptimized -Db_lundef=false "$@" >"$log" 2>&1 ||
		{ failed "$label: configure" "$log"; return; }
	local names programs
	names=$(tests "$b" "$pattern" | cut -d' ' -f1)
	programs=$(tests "$b" "$pattern" | cut -d' ' -f2 | sort -u)
	[ -n "$names" ] || { failed "$label: no tests" "$log"; return; }
	# What a test calls besides its own program is part of the default build.
	ninja -C "$b" $programs $(extra "$b" "$pattern") >"$log" 2>&1 ||
		{ failed "$label: build" "$log"; return; }
	meson test -C "$b" --no-rebuild --suite fast --num-processes "$(nproc)" --timeout-multiplier 8 \
		${wrapper:+--wrapper "$wrapper"} $names >"$log" 2>&1 </dev/null
	results "$b/meson-logs/testlog.json" "$label" || bad=1
}

# extra BUILD PATTERN: further targets that the tests depend on.
extra()
{
	meson introspect --tests "$1" | python3 -c '
import json, re, sys
ids = set()
for t in json.load(sys.stdin):
    if any(s.endswith("fast") for s in t["suite"]) and re.match(sys.argv[1], t["name"]):
        ids |= set(t["depends"])
print(*sorted(ids), sep="\n")' "$2" >"$dir/ids"
	meson introspect --targets "$1" | python3 -c '
import json, os, sys
ids = set(open(sys.argv[2]).read().split())
for t in json.load(sys.stdin):
    if t["id"] in ids:
        for f in t["filename"]:
            print(os.path.relpath(f, sys.argv[1]))' "$1" "$dir/ids"
}

# Where the kernel spreads addresses wider than ThreadSanitizer knows, it has to be told not to.
wrapper=''
echo 'int main(void) { return 0; }' >"$dir/probe.c"
if "${CC:-cc}" -fsanitize=thread -o "$dir/probe" "$dir/probe.c" && ! "$dir/probe" 2>"$dir/probe.log"; then
	wrapper='setarch -R'
	$wrapper "$dir/probe" || failed "tsan: does not run on this kernel" "$dir/probe.log"
fi

export TSAN_OPTIONS="suppressions=$top/test/unit/ppool/tsan.supp:halt_on_error=0:exitcode=66:second_deadlock_stack=1"
export ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:exitcode=66"
export UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1"
# Everything at random, for a shorter time than without a sanitizer.
export PPOOL_STRESS_SECONDS=8

sanitize tsan '^ppool_' -Db_sanitize=thread -Dsanitize_thread_atomics=true
wrapper=''
sanitize asan '.' -Db_sanitize=address,undefined
exit $bad
