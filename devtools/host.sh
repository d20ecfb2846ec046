# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# Sourced by demo.sh and test.sh: what both need of the host, and how it is given back.

export LC_ALL=C.UTF-8
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build

build_packages='gcc meson ninja-build pkg-config libdpdk-dev libnuma-dev libpcap-dev
libjansson-dev libcmocka-dev dpkg-dev xz-utils ca-certificates'
run_packages='dpdk dpdk-dev'

say()
{
	printf '\n== %s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

need_root()
{
	[ "$(id -u)" = 0 ] || die "run as root (sudo $0): it reserves hugepages and installs packages"
}

# Installs what is missing of the packages named; says which. They stay installed.
install_packages()
{
	local missing='' p
	for p in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
			missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || die "no apt-get; install the counterparts of:$missing"
	say "installing$missing"
	export DEBIAN_FRONTEND=noninteractive
	local log
	log=$(mktemp)
	if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } \
		>"$log" 2>&1 </dev/null; then
		# An archive of somebody else that does not answer must not stop us.
		apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 </dev/null || {
			tail -20 "$log"
			rm -f "$log"
			die "apt-get could not install$missing"
		}
	fi
	rm -f "$log"
}

hugepages_file=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
hugepages_before=

# Makes sure that so many 2M hugepages are free; restore_host gives them back.
need_hugepages()
{
	local want=$1 free have
	[ -w $hugepages_file ] || die "this kernel has no 2M hugepages ($hugepages_file)"
	free=$(cat ${hugepages_file/nr_/free_})
	[ "$free" -ge "$want" ] && return 0
	have=$(cat $hugepages_file)
	hugepages_before=$have
	echo $((have + want - free)) >$hugepages_file
	free=$(cat ${hugepages_file/nr_/free_})
	[ "$free" -ge "$want" ] ||
		die "only $free of $want hugepages of 2M can be had: free some memory, or reboot with hugepages=$want"
}

restore_host()
{
	if [ -n "$hugepages_before" ]; then
		echo "$hugepages_before" >$hugepages_file
		hugepages_before=
	fi
	# What root built belongs to the user who called sudo.
	if [ -n "${SUDO_UID:-}" ] && [ -d "$build" ]; then
		chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$build"
	fi
}

# Configures $build if need be, and builds; silent unless it fails.
build_tree()
{
	local log=$build.log
	say "building in $build"
	if [ ! -f "$build/build.ninja" ]; then
		meson setup "$build" "$top" >"$log" 2>&1 || {
			tail -20 "$log"
			rm -f "$log"
			die "meson setup failed"
		}
	fi
	if ! ninja -C "$build" >"$log" 2>&1; then
		grep -E -A8 'error|FAILED' "$log" | head -60
		rm -f "$log"
		die "the build failed"
	fi
	rm -f "$log"
}
