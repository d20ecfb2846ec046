#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# Makes what a cross build for AArch64 needs, outside the tree, and prints the path of the
# Meson cross file: a sysroot with Debian's own arm64 packages of the release that this
# machine runs (libdpdk-dev and what it needs), unpacked and not installed, and the
# emulator that runs the programs. Nothing of the machine's package state is changed.
#
# usage: arm64-sysroot.sh [--refresh]
#   --refresh   make the sysroot anew (it is kept in the user's cache between runs)
#
# meson setup --cross-file "$(devtools/arm64-sysroot.sh)" build-arm64

set -eu
export LC_ALL=C

packages='libdpdk-dev,dpdk,dpdk-dev,libnuma-dev,libpcap-dev,libjansson-dev,libcmocka-dev,libc6-dev'

fail()
{
	echo "arm64-sysroot: $*" >&2
	exit 1
}

refresh=
case ${1:-} in
'') ;;
--refresh) refresh=1 ;;
*) fail "unknown argument '$1'" ;;
esac

for p in mmdebstrap qemu-aarch64-static aarch64-linux-gnu-gcc; do
	command -v "$p" >/dev/null || fail "no $p: apt-get install mmdebstrap qemu-user-static gcc-aarch64-linux-gnu"
done
# shellcheck disable=SC1091
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$release" ] || fail "this system does not say which Debian release it is"

cache=${XDG_CACHE_HOME:-${HOME:-/var/cache}/.cache}/ppool-arm64/$release
root=$cache/sysroot
cross=$cache/cross.ini

make_root()
{
	local tmp=$cache/new parts=$cache/parts f
	rm -rf "$tmp" "$parts"
	mkdir -p "$cache" "$parts"
	# The machine's own Debian archives, in files of our own.
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$f" ] && grep -E '^deb[[:space:]].*debian' "$f" >>"$parts/all.list" || true
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] && grep -qi 'debian' "$f" && cat "$f" >>"$parts/all.sources" &&
			echo >>"$parts/all.sources" || true
	done
	cat "$parts"/all.* >"$parts/in" 2>/dev/null || fail "no Debian archive is configured here"
	mmdebstrap --quiet --arch=arm64 --variant=extract --mode=root \
		--include="$packages" "$release" "$tmp" - <"$parts/in" >"$cache/log" 2>&1 || {
		tail -5 "$cache/log" >&2
		fail "the arm64 packages could not be had"
	}
	# Debian 12 merges /usr by a package script, which did not run here.
	for f in lib bin sbin; do
		[ -e "$tmp/$f" ] || ln -s "usr/$f" "$tmp/$f"
	done
	rm -rf "$root"
	mv "$tmp" "$root"
}

if [ -n "$refresh" ] || [ ! -e "$root/usr/lib/aarch64-linux-gnu/pkgconfig/libdpdk.pc" ]; then
	make_root
fi

cat >"$cross.new" <<EOF
[constants]
root = '$root'
args = ['--sysroot=' + root]

[binaries]
c = ['aarch64-linux-gnu-gcc'] + args
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-aarch64-static', '-L', root]

[properties]
sys_root = root
pkg_config_libdir = root + '/usr/lib/aarch64-linux-gnu/pkgconfig:' + root + '/usr/share/pkgconfig'
needs_exe_wrapper = true
emulator = ['qemu-aarch64-static', '-L', root]

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
EOF
mv "$cross.new" "$cross"
echo "$cross"
