/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Telemetry: /ppool/list, /ppool/info, /ppool/stats and /ppool/pages of a running process. */

#include <errno.h>
#include <string.h>

#include <rte_telemetry.h>

#include "ppool_report.h"


/* ---- one pool, by name */

struct query {
	const char *name;
	int (*fill)(const struct rte_ppool *pool, struct rte_tel_data *d);
	struct rte_tel_data *data;
	int ret;
};

static void
query_pool(struct rte_ppool *pool, void *arg)
{
	struct query *q = arg;

	if (q->ret == -ENOENT && strcmp(pool->name, q->name) == 0)
		q->ret = q->fill(pool, q->data);
}

/* A pool may be destroyed at any time, but not while all of them are walked. */
static int
query(const char *name, struct rte_tel_data *d,
		int (*fill)(const struct rte_ppool *pool, struct rte_tel_data *d))
{
	struct query q = { .name = name, .fill = fill, .data = d, .ret = -ENOENT };

	if (name == NULL || name[0] == '\0')
		return -EINVAL;
	rte_tel_data_start_dict(d);
	rte_ppool_walk(query_pool, &q);
	return q.ret;
}

/* ---- /ppool/list */

static void
list_pool(struct rte_ppool *pool, void *arg)
{
	rte_tel_data_add_array_string(arg, pool->name);
}

static int
cmd_list(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	RTE_SET_USED(params);
	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	/* Those beyond what an array takes are left out by it. */
	rte_ppool_walk(list_pool, d);
	return 0;
}

/* ---- /ppool/info */

static int
fill_info(const struct rte_ppool *pool, struct rte_tel_data *d)
{
	struct rte_ppool_info info;

	if (rte_ppool_info_get(pool, &info) != 0)
		return -EINVAL;
	rte_tel_data_add_dict_string(d, "name", info.name);
	rte_tel_data_add_dict_string(d, "layout", ppool_layout_name(info.layout));
	rte_tel_data_add_dict_int(d, "socket_id", info.socket_id);
	rte_tel_data_add_dict_u64(d, "page_size", info.page_size);
	rte_tel_data_add_dict_u64(d, "frag_size", info.frag_size);
	rte_tel_data_add_dict_u64(d, "frags_per_page", info.frags_per_page);
	rte_tel_data_add_dict_u64(d, "mbuf_stride", info.mbuf_stride);
	rte_tel_data_add_dict_u64(d, "priv_size", info.priv_size);
	rte_tel_data_add_dict_u64(d, "data_room", info.data_room);
	rte_tel_data_add_dict_u64(d, "min_pages", info.min_pages);
	rte_tel_data_add_dict_u64(d, "max_pages", info.max_pages);
	rte_tel_data_add_dict_u64(d, "nb_pages", info.nb_pages);
	rte_tel_data_add_dict_u64(d, "nb_owners", info.nb_owners);
	rte_tel_data_add_dict_u64(d, "memory_bytes", info.memory_bytes);
	rte_tel_data_add_dict_u64(d, "pages_in_flight", info.pages_in_flight);
	rte_tel_data_add_dict_u64(d, "avail_count", rte_ppool_avail_count(pool));
	return 0;
}

static int
cmd_info(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	return query(params, d, fill_info);
}

/* ---- /ppool/stats */

static int
fill_stats(const struct rte_ppool *pool, struct rte_tel_data *d)
{
	struct rte_ppool_stats stats;
	const char *name;
	uint64_t value;
	uint32_t i;

	if (rte_ppool_stats_get(pool, &stats) != 0)
		return -EINVAL;
	for (i = 0; (name = ppool_stats_field(&stats, i, &value)) != NULL; i++)
		rte_tel_data_add_dict_u64(d, name, value);
	return 0;
}

static int
cmd_stats(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	return query(params, d, fill_stats);
}

/* ---- /ppool/pages */

static int
fill_pages(const struct rte_ppool *pool, struct rte_tel_data *d)
{
	struct ppool_census c;
	char name[32];
	uint32_t i;

	ppool_census_take(pool, &c);
	rte_tel_data_add_dict_u64(d, "pages", c.pages);
	rte_tel_data_add_dict_u64(d, "at_home", c.home);
	rte_tel_data_add_dict_u64(d, "open", c.open);
	rte_tel_data_add_dict_u64(d, "retired", c.retired);
	rte_tel_data_add_dict_u64(d, "frags_at_home", c.frags_home);
	rte_tel_data_add_dict_u64(d, "frags_ready", c.frags_ready);
	rte_tel_data_add_dict_u64(d, "frags_back_open", c.frags_back_open);
	rte_tel_data_add_dict_u64(d, "frags_back_retired", c.frags_back_retired);
	rte_tel_data_add_dict_u64(d, "frags_out", c.frags_out);
	rte_tel_data_add_dict_u64(d, "oldest_us", c.oldest_us);
	/* Retired pages by the share of their fragments that is back. */
	rte_tel_data_add_dict_u64(d, "retired_none_back", c.back[0]);
	for (i = 1; i < RTE_DIM(c.back); i++) {
		snprintf(name, sizeof(name), "retired_up_to_%u_8_back", i);
		rte_tel_data_add_dict_u64(d, name, c.back[i]);
	}
	return 0;
}

static int
cmd_pages(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	return query(params, d, fill_pages);
}

/* Called once, when the library is loaded. Not by a second copy of it in the process, whose
 * pools there are none of.
 */
void
ppool_telemetry_init(void)
{
	static const struct {
		const char *cmd, *help;
		telemetry_cb fn;
	} cmds[] = {
		{ "/ppool/list", "Names of the page pools. Takes no parameters.", cmd_list },
		{ "/ppool/info", "State of a page pool. Parameters: string name.", cmd_info },
		{ "/ppool/stats", "Statistics of a page pool. Parameters: string name.",
			cmd_stats },
		{ "/ppool/pages", "Where the pages of a page pool are, and how many fragments of "
			"them are back. Parameters: string name.", cmd_pages },
	};
	uint32_t i;
	int ret;

	for (i = 0; i < RTE_DIM(cmds); i++) {
		ret = rte_telemetry_register_cmd(cmds[i].cmd, cmds[i].fn, cmds[i].help);
		if (ret != 0)
			PPOOL_LOG(WARNING, "no telemetry for %s: %d", cmds[i].cmd, ret);
	}
}
