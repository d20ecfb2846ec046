#!/bin/busybox sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# First process of the guest. Loads the modules, binds the ports, runs /case.sh, powers off.
# The host listens on the second serial line: "exit STEP STATUS" tells how a step ended, and
# "ask QUESTION" waits for a line of answer, yes or no. Logs of steps go to the console, between marks.

/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/hugepages /dev/shm
mount -t hugetlbfs hugetlbfs /dev/hugepages
chmod 755 / # EAL wants no folder above its plugins that everybody can write
ip link set lo up
export LD_LIBRARY_PATH=/lib PATH=/bin HOME=/root

line=$(cat /proc/cmdline)
case $line in
*control=*) control=/dev/${line##*control=}; control=${control%% *} ;;
*) control=/dev/ttyS1 ;;
esac
exec 3<>"$control"
stty raw -echo <&3

# say WORD...: one line to the host.
say()
{
	echo "$*" >&3
}

# ask QUESTION: waits for the host's answer, and prints it.
ask()
{
	local answer
	say "ask $*"
	read -r answer <&3
	echo "$answer"
}

# show NAME FILE: a log for the host, on the console.
show()
{
	echo "@@begin $1"
	cat "$2"
	echo
	echo "@@end $1"
}

# step NAME COMMAND...: runs a program; its output and status go to the host.
step()
{
	local name=$1 status
	shift
	echo "@@run $name: $*"
	"$@" >/tmp/$name.log 2>&1 </dev/null
	status=$?
	show "$name" /tmp/$name.log
	say "exit $name $status"
}

running()
{
	grep -q "^State:.[^Z]" /proc/$1/status 2>/dev/null
}

# [ready=PATTERN] until_told NAME QUESTION COMMAND...: runs a program until the host has answered
# yes, then interrupts it. It is asked when the program has printed PATTERN.
until_told()
{
	local name=$1 question=$2 status pid
	shift 2
	echo "@@run $name: $*"
	"$@" >/tmp/$name.log 2>&1 </dev/null &
	pid=$!
	[ -z "$ready" ] || wait_for /tmp/$name.log "$ready" 100 $pid
	while running $pid && [ "$(ask "$question")" != yes ]; do
		usleep 300000
	done
	kill -INT $pid
	wait $pid
	status=$?
	show "$name" /tmp/$name.log
	say "exit $name $status"
}

# talk NAME COMMAND...: starts a program that takes commands, for tell and hang_up.
talk()
{
	talk_name=$1
	shift
	echo "@@run $talk_name: $*"
	rm -f /tmp/talk
	mkfifo /tmp/talk
	"$@" >/tmp/$talk_name.log 2>&1 </tmp/talk &
	talk_pid=$!
	exec 4>/tmp/talk
}

tell()
{
	echo "$*" >&4
}

# The program has been told to end.
hang_up()
{
	local status
	exec 4>&-
	wait $talk_pid
	status=$?
	show "$talk_name" /tmp/$talk_name.log
	say "exit $talk_name $status"
}

# wait_for FILE PATTERN SECONDS [PROCESS]
wait_for()
{
	local i=0
	while ! grep -q "$2" "$1" 2>/dev/null; do
		[ -z "$4" ] || running $4 || return 1
		i=$((i + 1))
		[ $i -le $(($3 * 5)) ] || return 1
		usleep 200000
	done
}

# PCI names of the devices VENDOR:DEVICE, in order.
devices()
{
	local d
	for d in /sys/bus/pci/devices/*; do
		[ "$(cat $d/vendor):$(cat $d/device)" = "0x${1%:*}:0x${1#*:}" ] && basename $d
	done
}

# bind DEVICE...: to vfio-pci, without dpdk-devbind.py, which needs Python.
bind()
{
	local d
	for d in "$@"; do
		[ ! -e /sys/bus/pci/devices/$d/driver ] ||
			echo $d >/sys/bus/pci/devices/$d/driver/unbind
		echo vfio-pci >/sys/bus/pci/devices/$d/driver_override
		echo $d >/sys/bus/pci/drivers_probe
	done
	local drv
	for d in "$@"; do
		drv=$(basename "$(readlink /sys/bus/pci/devices/$d/driver)")
		[ "$drv" = vfio-pci ] || { say "exit bind 1"; echo "$d is bound to '$drv'"; }
	done
}

# reset DEVICE...: while no program has them open. The model notes what is still mapped.
reset()
{
	local d
	for d in "$@"; do
		echo 1 >/sys/bus/pci/devices/$d/reset || say "exit reset 1"
	done
}

while read -r m; do
	insmod /modules/$m.ko || say "exit insmod-$m 1"
done </modules/order

say "booted $(cut -d' ' -f1 /proc/uptime)"
. /case.sh
dmesg | grep -iE "dmar|iommu|vfio|hns3|hclge|fault|error|warn|call trace" >/tmp/dmesg.log
show dmesg /tmp/dmesg.log
say "done $(cut -d' ' -f1 /proc/uptime)"
sync
poweroff -f
