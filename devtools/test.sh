#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# Installs what is missing, builds, and runs every test. Ends with one line:
# N passed, N failed, N skipped. The exit status is 0 only if nothing failed.
#
# usage: sudo devtools/test.sh [--only STAGE]... [--full | --guest CASE]
# --full: the long cases in virtual machines too; --guest CASE: nothing but this one.
# stages: tree unit models compilers sanitizers arm64 e2e docs demo

set -u
. "$(dirname "$0")/host.sh"

stages='tree unit models compilers sanitizers arm64 e2e docs demo'
only=''
e2e_tests=''
while [ $# -gt 0 ]; do
	case $1 in
	--only)
		[[ " $stages " == *" ${2:-} "* ]] || die "--only takes one of: $stages"
		only="$only $2"
		shift 2
		;;
	--full)
		export PPOOL_GUEST=full
		shift
		;;
	--guest)
		[ -n "${2:-}" ] || die "--guest takes a case of test/guest/cases.py"
		export PPOOL_GUEST=$2
		e2e_tests=test_guest.py
		only=e2e
		shift 2
		;;
	-h | --help)
		sed -n 's/^# \{0,1\}//p' "$0" | sed -n '4,10p'
		exit 0
		;;
	*) die "unknown argument '$1'; try --help" ;;
	esac
done
[ -n "$only" ] || only=$stages

need_root
work=$(mktemp -d)
trap 'rm -rf "$work"; restore_host' EXIT
trap 'exit 130' INT TERM

passed=0
failed=0
skipped=0
failures=''

# count NAME PASSED FAILED SKIPPED: adds the figures of a stage.
count()
{
	passed=$((passed + $2))
	failed=$((failed + $3))
	skipped=$((skipped + $4))
	[ "$3" -eq 0 ] || failures="$failures $1"
	echo "$1: $2 passed, $3 failed, $4 skipped"
}

# one NAME COMMAND...: a stage that is a single test; its output is shown if it fails.
one()
{
	local name=$1 log=$work/one.log
	shift
	if "$@" >"$log" 2>&1 </dev/null; then
		count "$name" 1 0 0
	else
		tail -60 "$log"
		count "$name" 0 1 0
	fi
}

stage_tree()
{
	one "tree: licence headers, sizes, dependencies" "$top/devtools/check-tree.sh"
}

stage_unit()
{
	local log=$work/unit.log
	meson test -C "$build" --no-rebuild --num-processes "$(nproc)" --timeout-multiplier 8 \
		--no-suite spin --no-suite relacy --print-errorlogs >"$log" 2>&1 </dev/null
	grep -E 'FAIL|TIMEOUT|ERROR|SKIP' "$log" | head -40
	/usr/bin/python3 "$top/devtools/count-tests.py" meson "$build/meson-logs/testlog.json" \
		>"$work/n" || { tail -40 "$log"; echo "0 1 0" >"$work/n"; }
	count "unit tests" $(cat "$work/n")
}

# The protocol, modelled: its steps and its memory orders, and that each error seeded in them
# is found.
stage_models()
{
	local log=$work/models.log
	if ninja -C "$build" -t targets all | grep -q '^models:'; then
		ninja -C "$build" models >"$log" 2>&1 || tail -40 "$log"
	fi
	meson test -C "$build" --no-rebuild --num-processes "$(nproc)" --timeout-multiplier 8 \
		--suite spin --suite relacy --print-errorlogs >"$log" 2>&1 </dev/null
	grep -E 'FAIL|TIMEOUT|ERROR|SKIP' "$log" | head -40
	/usr/bin/python3 "$top/devtools/count-tests.py" meson "$build/meson-logs/testlog.json" \
		>"$work/n" || { tail -40 "$log"; echo "0 1 0" >"$work/n"; }
	count "models" $(cat "$work/n")
}

# Other compilers and levels must build without a warning, and the link status of the
# driver must survive each of them (a store that one compiler dropped elsewhere).
stage_compilers()
{
	local build_of dir
	for build_of in 'gcc 0' 'gcc 2' 'clang 2' 'clang 3'; do
		dir=$work/build-other
		one "build: ${build_of/ / -O} -Werror" "$top/devtools/check-build.sh" \
			"$dir" $build_of
		rm -rf "$dir"
	done
}

# lines NAME COMMAND...: a stage whose command prints PASS, FAIL or SKIP lines.
lines()
{
	local name=$1 log=$work/lines.log
	shift
	"$@" >"$log" 2>&1 </dev/null
	local status=$?
	grep -E '^(PASS|FAIL|SKIP)' "$log"
	local ok bad skip
	ok=$(grep -c '^PASS' "$log")
	bad=$(grep -c '^FAIL' "$log")
	skip=$(grep -c '^SKIP' "$log")
	if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	[ "$bad" -eq 0 ] || tail -60 "$log"
	count "$name" "$ok" "$bad" "$skip"
}

stage_sanitizers()
{
	lines "sanitizers" "$top/devtools/check-sanitizers.sh" "$work/sanitizers"
}

# The architecture that it is for, under an emulator.
stage_arm64()
{
	lines "arm64" "$top/devtools/check-arm64.sh" "$work/arm64"
}

stage_e2e()
{
	local log=$work/e2e.log
	PPOOL_BUILD_DIR=$build /usr/bin/python3 -m pytest -p no:cacheprovider -q -rsf \
		--junitxml="$work/e2e.xml" "$top/test/e2e/$e2e_tests" >"$log" 2>&1 </dev/null
	grep -vE '^\s*$|^\.+' "$log" | tail -80
	/usr/bin/python3 "$top/devtools/count-tests.py" junit "$work/e2e.xml" >"$work/n" ||
		echo "0 1 0" >"$work/n"
	count "end to end" $(cat "$work/n")
}

# The guides and the API reference build without a warning.
stage_docs()
{
	one "docs: guides and API reference" "$top/devtools/check-docs.sh" "$work/build-docs"
}

# The other README command, in a clean clone, and the host is left as it was.
stage_demo()
{
	one "demo: in a clean clone" "$top/devtools/check-demo.sh" "$work/clone"
}

install_packages $build_packages $run_packages clang libclang-rt-14-dev git make python3 \
	g++ relacy-dev spin \
	python3-pytest python3-scapy mmdebstrap qemu-user-static \
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross iperf3 iproute2 iputils-ping procps doxygen python3-sphinx
build_tree
need_hugepages 768

for s in $only; do
	say "$s"
	SECONDS=0
	"stage_$s"
	echo "$s took $SECONDS s"
done

echo
[ -z "$failures" ] || echo "failed:$failures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
