/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "perf_commit.h"
#include "perf_env.h"
#include "perf_meter.h"

#define CPU_DIR "/sys/devices/system/cpu/"

/* First line of a file, "" if there is none. */
static void
first_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");

	buf[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(buf, (int)size, f) == NULL)
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	fclose(f);
}

static void
add(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, json_string(value[0] != '\0' ? value : "unknown"));
}

static void
add_file(json_t *o, const char *key, const char *path)
{
	char buf[512];

	first_line(path, buf, sizeof(buf));
	add(o, key, buf);
}

/* "key : value" of /proc/cpuinfo or /proc/meminfo. */
static void
add_proc(json_t *o, const char *key, const char *path, const char *field)
{
	char line[512], *v;
	FILE *f = fopen(path, "r");
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, field, strlen(field)) != 0 || (v = strchr(line, ':')) == NULL)
			continue;
		v += 1 + strspn(v + 1, " \t");
		v[strcspn(v, "\n")] = '\0';
		add(o, key, v);
		found = true;
	}
	if (f != NULL)
		fclose(f);
	if (!found)
		add(o, key, "");
}

/* Sizes of the caches of the first CPU, and who shares the last of them. */
static void
add_caches(json_t *o)
{
	char path[128], level[16], type[32], size[32], with[64], all[256] = "";
	unsigned int i;

	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), CPU_DIR "cpu0/cache/index%u/level", i);
		first_line(path, level, sizeof(level));
		if (level[0] == '\0')
			break;
		snprintf(path, sizeof(path), CPU_DIR "cpu0/cache/index%u/type", i);
		first_line(path, type, sizeof(type));
		snprintf(path, sizeof(path), CPU_DIR "cpu0/cache/index%u/size", i);
		first_line(path, size, sizeof(size));
		snprintf(path, sizeof(path), CPU_DIR "cpu0/cache/index%u/shared_cpu_list", i);
		first_line(path, with, sizeof(with));
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%sL%s %s %s (CPUs %s)",
			i > 0 ? ", " : "", level, type, size, with);
	}
	add(o, "caches", all);
}

/* Where the lcores stand: CPU, core, package, node, siblings. */
static void
add_lcores(json_t *o)
{
	char path[128], core[16], package[16], siblings[64], line[192];
	json_t *list = json_array();
	unsigned int lcore, cpu;

	RTE_LCORE_FOREACH(lcore) {
		cpu = (unsigned int)rte_lcore_to_cpu_id((int)lcore);
		snprintf(path, sizeof(path), CPU_DIR "cpu%u/topology/core_id", cpu);
		first_line(path, core, sizeof(core));
		snprintf(path, sizeof(path), CPU_DIR "cpu%u/topology/physical_package_id", cpu);
		first_line(path, package, sizeof(package));
		snprintf(path, sizeof(path), CPU_DIR "cpu%u/topology/thread_siblings_list", cpu);
		first_line(path, siblings, sizeof(siblings));
		snprintf(line, sizeof(line), "lcore %u: CPU %u, core %s, package %s, node %u, "
			"hardware threads of the core: CPUs %s", lcore, cpu, core, package,
			rte_lcore_to_socket_id(lcore), siblings);
		json_array_append_new(list, json_string(line));
	}
	json_object_set_new(o, "lcores", list);
}

static void
add_command(json_t *o, int argc, char **argv)
{
	char line[512] = "";
	int i;

	for (i = 0; i < argc; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s",
			i > 0 ? " " : "", argv[i]);
	add(o, "command", line);
}

json_t *
perf_env_json(int argc, char **argv)
{
	json_t *o = json_object();
	struct utsname u;

	add_command(o, argc, argv);
	add(o, "commit", PERF_COMMIT);
	add(o, "compiler", PERF_COMPILER " " __VERSION__);
	add(o, "flags", PERF_FLAGS);
	add(o, "dpdk", rte_version());
	add(o, "iova mode", rte_eal_iova_mode() == RTE_IOVA_PA ? "PA" : "VA");
	if (uname(&u) == 0)
		add(o, "kernel", u.release);
	add_file(o, "kernel command line", "/proc/cmdline");
	add_proc(o, "cpu", "/proc/cpuinfo", "model name");
	add_proc(o, "hypervisor flag", "/proc/cpuinfo", "flags");
	json_object_set_new(o, "hypervisor flag", json_string(strstr(json_string_value(
		json_object_get(o, "hypervisor flag")), " hypervisor") != NULL ?
		"yes: virtual CPUs, topology may not be what it seems" : "no"));
	add_file(o, "cpus online", CPU_DIR "online");
	add_caches(o);
	add_lcores(o);
	add_file(o, "governor", CPU_DIR "cpu0/cpufreq/scaling_governor");
	add_file(o, "smt", CPU_DIR "smt/active");
	add_file(o, "load", "/proc/loadavg");
	add_proc(o, "hugepage size", "/proc/meminfo", "Hugepagesize");
	add_proc(o, "hugepages", "/proc/meminfo", "HugePages_Total");
	json_object_set_new(o, "tsc_hz", json_integer((json_int_t)rte_get_tsc_hz()));
	json_object_set_new(o, "tsc_read_cost", json_integer((json_int_t)perf_meter_overhead()));
	return o;
}

void
perf_env_print(const json_t *env)
{
	const char *key;
	json_t *v, *item;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)env, key, v) {
		if (json_is_string(v))
			printf("# %s: %s\n", key, json_string_value(v));
		else if (json_is_integer(v))
			printf("# %s: %" JSON_INTEGER_FORMAT "\n", key, json_integer_value(v));
		json_array_foreach(v, i, item)
			printf("# %s\n", json_string_value(item));
	}
}
