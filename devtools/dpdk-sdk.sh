#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# Finds the driver SDK headers of the installed DPDK, or takes them out of the
# distribution's own source package of exactly that version, and prints the folder.
#
# Debian's libdpdk-dev leaves out the seven headers that a driver outside DPDK's tree
# needs, though its libraries export the symbols. They are kept outside this tree.
#
# usage: dpdk-sdk.sh [--dpdk-version VERSION] [--dir DIR]
#   --dpdk-version  version that pkg-config reports (default: asked from pkg-config)
#   --dir           use this folder: the headers side by side, or a DPDK source tree
# prints the include folders on standard output, one a line.

set -eu
export LC_ALL=C

headers='lib/ethdev/ethdev_driver.h lib/ethdev/ethdev_pci.h lib/ethdev/ethdev_vdev.h
drivers/bus/pci/bus_pci_driver.h drivers/bus/vdev/bus_vdev_driver.h
lib/eal/include/bus_driver.h lib/eal/include/dev_driver.h'

fail()
{
	echo "dpdk-sdk: $*" >&2
	exit 1
}

version=
dir=
while [ $# -gt 0 ]; do
	case $1 in
	--dpdk-version) version=${2:?}; shift 2 ;;
	--dir) dir=${2:?}; shift 2 ;;
	*) fail "unknown argument '$1'" ;;
	esac
done
[ -n "$version" ] || version=$(pkg-config --modversion libdpdk) ||
	fail "no DPDK found by pkg-config: install libdpdk-dev"

# A folder is good if it says that it is of this version and has all headers.
check_dir()
{
	local d=$1 h
	[ -d "$d" ] || { echo "$d is not a folder"; return 1; }
	[ -r "$d/VERSION" ] || { echo "$d has no file VERSION that says of which DPDK it is"; return 1; }
	[ "$(cat "$d/VERSION")" = "$version" ] ||
		{ echo "$d is of DPDK $(cat "$d/VERSION"), installed is $version"; return 1; }
	for h in $headers; do
		[ -r "$d/$h" ] || [ -r "$d/${h##*/}" ] || { echo "$d lacks ${h##*/}"; return 1; }
	done
}

print_dir()
{
	local d=$1
	if [ -r "$d/ethdev_driver.h" ]; then
		echo "$d"
	else
		for h in $headers; do
			echo "$d/${h%/*}"
		done | sort -u
	fi
}

if [ -n "$dir" ]; then
	why=$(check_dir "$dir") || fail "$why (-Ddpdk_sdk_dir)"
	print_dir "$dir"
	exit 0
fi

# A DPDK that was built with -Denable_driver_sdk=true brings them along.
inc=$(pkg-config --variable=includedir libdpdk || true)
if [ -r "$inc/ethdev_driver.h" ] && [ -r "$inc/bus_pci_driver.h" ]; then
	echo "$inc"
	exit 0
fi

cache=${XDG_CACHE_HOME:-${HOME:-/var/cache}/.cache}/dpdk-driver-sdk/$version
if check_dir "$cache" >/dev/null; then
	print_dir "$cache"
	exit 0
fi

hint="give the folder of a DPDK $version source tree by -Ddpdk_sdk_dir=DIR"
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
	fail "the headers are taken from a Debian source package, and this is no Debian: $hint"
read -r package pkgversion <<-EOF
	$(dpkg-query -W -f '${source:Package} ${source:Version}\n' libdpdk-dev 2>/dev/null)
EOF
[ -n "$package" ] || fail "libdpdk-dev is not installed by dpkg: $hint"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/parts" "$tmp/src"

# The machine's own package sources, as source archives, in files of our own: nothing of
# the machine's configuration is changed. Both the one-line and the deb822 form.
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ -r "$f" ] || continue
	sed -nE 's/^deb(-src)?[[:space:]]/deb-src /p' "$f" | grep -i debian |
		sort -u > "$tmp/parts/$(basename "${f%.list}").list" || true
done
for f in /etc/apt/sources.list.d/*.sources; do
	[ -r "$f" ] && grep -qi debian "$f" || continue
	sed -E 's/^Types:.*/Types: deb-src/' "$f" > "$tmp/parts/$(basename "$f")"
done
find "$tmp/parts" -type f -size 0 -delete

apt="apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$tmp/parts/
	-o Dir::State::lists=$tmp/lists/ -o Dir::Cache=$tmp/cache/ -o APT::Sandbox::User=root
	-o Acquire::Retries=3"
$apt update >"$tmp/log" 2>&1 || true # one dead archive must not stop the others
(cd "$tmp/src" && $apt source --download-only "$package=$pkgversion") >>"$tmp/log" 2>&1 || {
	tail -5 "$tmp/log" >&2
	fail "cannot get the source package $package $pkgversion: $hint"
}
orig=$(ls "$tmp/src/"*.orig.tar.* 2>/dev/null | grep -v '\.asc$' | head -n 1)
[ -n "$orig" ] || fail "source package $package $pkgversion has no original archive: $hint"
mkdir -p "$tmp/tree" "$tmp/out"
tar -C "$tmp/tree" --strip-components=1 -xf "$orig"
for h in $headers; do
	cp "$tmp/tree/$h" "$tmp/out/" || fail "source package has no $h: $hint"
done
[ "$(cat "$tmp/tree/VERSION")" = "$version" ] ||
	fail "source package is of DPDK $(cat "$tmp/tree/VERSION"), installed is $version: $hint"
cp "$tmp/tree/VERSION" "$tmp/out/VERSION"
mkdir -p "${cache%/*}"
rm -rf "$cache"
cp -r "$tmp/out" "$cache"
print_dir "$cache"
