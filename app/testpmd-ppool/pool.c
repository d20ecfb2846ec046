/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The buffers: how many are needed, of which kind, and whether all came home. */

#include <inttypes.h>
#include <stddef.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "testpmd_ppool.h"

static uint32_t
longest_frame(const struct app *app)
{
	uint32_t longest = 0;
	unsigned int i;

	for (i = 0; i < app->nb_ports; i++)
		longest = RTE_MAX(longest, app->port[i].frame_len);
	return longest;
}

uint32_t
pools_buffer_size(const struct app *app)
{
	const struct options *opt = &app->opt;

	if (opt->pool == POOL_MEMPOOL)
		return opt->mbuf_size != 0 ? opt->mbuf_size : RTE_MBUF_DEFAULT_BUF_SIZE;
	/* For longer frames, too: a driver that takes fragments natively receives them across
	 * neighbours, and for that a fragment must be as long as what the NIC writes at once.
	 */
	return opt->frag_size != 0 ? opt->frag_size : RTE_PPOOL_FRAG_DEFAULT;
}

/* Do frames lie across several fragments? */
static bool
long_frames(const struct app *app)
{
	return longest_frame(app) > pools_buffer_size(app) - RTE_PKTMBUF_HEADROOM;
}

/* Of what a page costs when it comes and goes, a long frame pays five times as much as a short one. */
static uint32_t
page_size(const struct app *app)
{
	if (app->opt.page_size != 0)
		return app->opt.page_size;
	return long_frames(app) ? 2 * RTE_PPOOL_PAGE_DEFAULT : RTE_PPOOL_PAGE_DEFAULT;
}

/* Fragments of a page that an Rx ring can get: where frames lie across several, the last ones, an
 * eighth of the page at most, are not posted.
 */
static uint32_t
posted_per_page(const struct app *app)
{
	uint32_t n = page_size(app) / pools_buffer_size(app);

	return n > 1 && long_frames(app) ? n - RTE_MAX(n / 8, 1u) : n;
}

struct app_pool *
pools_find(struct app *app, int socket)
{
	unsigned int i;

	for (i = 0; i < app->nb_pools; i++)
		if (app->pool[i].socket == socket)
			return &app->pool[i];
	return NULL;
}

/* Buffers that a lcore may hold besides what stands in the rings. */
static uint32_t
lcore_buffers(const struct options *opt)
{
	return opt->burst * (1 + opt->nb_txpkts);
}

/* Buffers that the Rx rings of the node's ports hold as long as these run. */
static uint64_t
posted_buffers(const struct app *app, int socket)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < app->nb_ports; i++)
		if (app->port[i].socket == socket)
			n += (uint64_t)app->opt.rxq * app->port[i].rxd;
	return n;
}

static uint64_t
mempool_buffers(const struct app *app)
{
	const struct options *opt = &app->opt;
	uint64_t n = 1024;
	unsigned int i;

	/* Packets may end up in the Tx ring of any port. */
	for (i = 0; i < app->nb_ports; i++)
		n += (uint64_t)opt->rxq * app->port[i].rxd + (uint64_t)opt->txq * app->port[i].txd;
	/* A cache holds up to one and a half times its size. */
	n += (uint64_t)rte_lcore_count() * (opt->mbcache + opt->mbcache / 2 + lcore_buffers(opt));
	return n;
}

/* Pages, when each ring may begin and end in the middle of one, and each context (Rx queue
 * or lcore) has one open. Half as many again, for packets that do not leave in the order in
 * which they came.
 */
static uint64_t
ppool_pages(const struct app *app, uint32_t per_page)
{
	const struct options *opt = &app->opt;
	uint64_t n;
	unsigned int i;

	n = (uint64_t)rte_lcore_count() * (3 + lcore_buffers(opt) / per_page);
	for (i = 0; i < app->nb_ports; i++) {
		n += (uint64_t)opt->rxq * (3 + app->port[i].rxd / per_page);
		n += (uint64_t)opt->txq * (2 + app->port[i].txd / per_page);
	}
	return n + n / 2;
}

static int
create_ppool(struct app *app, struct app_pool *pool)
{
	const struct options *opt = &app->opt;
	struct rte_ppool_params params = {
		.page_size = page_size(app),
		.frag_size = pools_buffer_size(app),
		.socket_id = pool->socket,
		.layout = RTE_PPOOL_LAYOUT_COMPACT,
	};
	uint32_t per_page = posted_per_page(app);

	if (opt->total_num_mbufs != 0) {
		params.min_pages = (opt->total_num_mbufs + per_page - 1) / per_page;
		params.max_pages = params.min_pages;
	} else {
		params.min_pages = ppool_pages(app, per_page);
		params.max_pages = RTE_MIN(2 * params.min_pages, RTE_PPOOL_FRAGS_MAX / per_page);
	}
	pool->pp = rte_ppool_create(pool->name, &params);
	if (pool->pp == NULL) {
		app_err("page pool %s (%u pages of %u bytes on NUMA node %d) not created: %s; more "
			"memory for the program: -m MEGABYTES", pool->name, params.min_pages,
			params.page_size, pool->socket, rte_strerror(rte_errno));
		return -1;
	}
	pool->mp = rte_ppool_to_mempool(pool->pp);
	printf("testpmd-ppool: page pool <%s>: %u to %u pages of %u bytes, %u fragments of %u bytes "
		"in each, socket=%d\n", pool->name, params.min_pages, params.max_pages,
		params.page_size, params.page_size / params.frag_size, params.frag_size, pool->socket);
	return 0;
}

static int
create_mempool(struct app *app, struct app_pool *pool)
{
	const struct options *opt = &app->opt;
	uint64_t n = opt->total_num_mbufs != 0 ? opt->total_num_mbufs : mempool_buffers(app);

	/* A mempool does not take a cache of more than two thirds of itself. */
	pool->mp = rte_pktmbuf_pool_create(pool->name, n, RTE_MIN(opt->mbcache, n / 2), 0,
		pools_buffer_size(app), pool->socket);
	if (pool->mp == NULL) {
		app_err("mempool %s (%" PRIu64 " buffers of %u bytes on NUMA node %d) not created: %s; "
			"more memory for the program: -m MEGABYTES", pool->name, n,
			pools_buffer_size(app), pool->socket, rte_strerror(rte_errno));
		return -1;
	}
	printf("testpmd-ppool: mempool <%s>: n=%" PRIu64 ", size=%u, socket=%d\n", pool->name, n,
		pools_buffer_size(app), pool->socket);
	return 0;
}

static int
create_pool(struct app *app, int socket)
{
	struct app_pool *pool = &app->pool[app->nb_pools];
	uint64_t posted = posted_buffers(app, socket);
	int ret;

	if (app->opt.total_num_mbufs != 0 && app->opt.total_num_mbufs < posted) {
		app_err("--total-num-mbufs=%u: the Rx rings alone hold %" PRIu64,
			app->opt.total_num_mbufs, posted);
		return -1;
	}
	pool->socket = socket;
	snprintf(pool->name, sizeof(pool->name), "mb_pool_%d", socket);
	ret = app->opt.pool == POOL_PPOOL ? create_ppool(app, pool) : create_mempool(app, pool);
	if (ret == 0)
		app->nb_pools++;
	return ret;
}

int
pools_create(struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->nb_ports; i++)
		if (pools_find(app, app->port[i].socket) == NULL &&
				create_pool(app, app->port[i].socket) != 0)
			return -1;
	return 0;
}

static void
print_counts(const struct rte_ppool_stats *s)
{
	static const struct {
		const char *name;
		size_t at;
	} field[] = {
#define COUNT(f) { #f, offsetof(struct rte_ppool_stats, f) }
		COUNT(alloc_fast), COUNT(alloc_slow), COUNT(alloc_empty), COUNT(alloc_refill),
		COUNT(alloc_reuse), COUNT(alloc_waive), COUNT(alloc_fail), COUNT(recycle_cached),
		COUNT(recycle_cache_full), COUNT(recycle_ring), COUNT(recycle_ring_full),
		COUNT(recycle_released), COUNT(pages_grown), COUNT(pages_released),
		COUNT(bad_over_put), COUNT(bad_mbuf), COUNT(bad_foreign), COUNT(bad_process),
#undef COUNT
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(field); i++)
		printf("  %-18s %14" PRIu64 "%s", field[i].name,
			*(const uint64_t *)((const char *)s + field[i].at),
			i % 2 == 1 || i + 1 == RTE_DIM(field) ? "\n" : "  ");
}

void
pools_report(struct app *app)
{
	struct rte_ppool_stats stats;
	struct rte_ppool_info info;
	unsigned int i;

	for (i = 0; i < app->nb_pools; i++) {
		struct app_pool *pool = &app->pool[i];

		if (pool->pp == NULL || rte_ppool_info_get(pool->pp, &info) != 0 ||
				rte_ppool_stats_get(pool->pp, &stats) != 0)
			continue;
		printf("\n  Pool statistics of %s (counted in pages): %u pages of %u bytes with memory, "
			"%u at most, %u fragments of %u bytes each, %" PRIu64 " KiB of hugepages\n",
			info.name, info.nb_pages, info.page_size, info.max_pages, info.frags_per_page,
			info.frag_size, info.memory_bytes >> 10);
		print_counts(&stats);
	}
}

int
pools_destroy(struct app *app)
{
	unsigned int i;
	int bad = 0;

	for (i = 0; i < app->nb_pools; i++) {
		struct app_pool *pool = &app->pool[i];
		uint64_t held;

		if (pool->pp != NULL) {
			held = rte_ppool_in_flight(pool->pp);
			printf("ppool %s: pages in flight %" PRIu64 "\n", pool->name, held);
			if (rte_ppool_destroy(pool->pp) != 0 || held != 0) {
				app_err("page pool %s: fragments were not given back", pool->name);
				bad = -1;
			}
			continue;
		}
		/* A driver that keeps mbufs over its close (net_ring) is no failure of ours,
		 * but may still give them back when EAL removes it.
		 */
		held = rte_mempool_in_use_count(pool->mp);
		printf("mempool %s: mbufs in use %" PRIu64 "\n", pool->name, held);
		if (held == 0)
			rte_mempool_free(pool->mp);
	}
	app->nb_pools = 0;
	return bad;
}
