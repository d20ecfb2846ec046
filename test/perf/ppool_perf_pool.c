/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The pools that are compared: made, emptied, given up. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memzone.h>

#include "ppool_perf.h"

/* The same room behind the headroom for all: 2048 bytes, which most NICs want to write at once.
 * COMPACT fragments are 2048 in all, and stand side by side.
 */
#define DATA_ROOM RTE_MBUF_DEFAULT_BUF_SIZE
/* Memory of pinned external buffers: pieces of a hugepage less the heap's own header. */
#define EXT_BYTES ((2u << 20) - 8192u)

const struct pp_variant pp_variants[] = {
	{ "mempool ring, cache 256", PP_MEMPOOL, "ring_mp_mc", 256, true },
	{ "mempool ring, cache 512", PP_MEMPOOL, "ring_mp_mc", 512, true },
	{ "mempool stack, cache 256", PP_MEMPOOL, "stack", 256, true },
	{ "mempool stack, cache 512", PP_MEMPOOL, "stack", 512, true },
	{ "mempool lf_stack, cache 256", PP_MEMPOOL, "lf_stack", 256, true },
	{ "mempool lf_stack, cache 512", PP_MEMPOOL, "lf_stack", 512, true },
	{ "pinned extbuf, cache 256", PP_EXTBUF, NULL, 256, false },
	{ "pinned extbuf, cache 512", PP_EXTBUF, NULL, 512, false },
	{ PP_SUBJECT, PP_NATIVE, NULL, 0, false },
	{ "ppool COMPACT mbuf API", PP_COMPACT, NULL, 0, false },
	{ PP_SUBJECT_INLINE, PP_MEMPOOL, "ppool", 256, false },
	{ "ppool INLINE elastic", PP_INLINE, NULL, 0, false },
};
const unsigned int pp_nb_variants = RTE_DIM(pp_variants);

bool
pp_variant_is(const struct pp_variant *v, const char *name)
{
	return strcmp(v->name, name) == 0;
}

static void
pool_name(char *buf, size_t size)
{
	static unsigned int serial;

	snprintf(buf, size, "perf_%u", serial++);
}

static void
ext_free(struct pp_ext *e)
{
	unsigned int i;

	for (i = 0; i < e->n; i++)
		rte_memzone_free(e->mz[i]);
	free(e);
}

static struct pp_ext *
ext_alloc(uint32_t n, int socket)
{
	struct pp_ext *e = calloc(1, sizeof(*e));
	uint32_t per = EXT_BYTES / DATA_ROOM;
	char name[RTE_MEMZONE_NAMESIZE];

	while (e != NULL && e->n * per < n && e->n < RTE_DIM(e->mz)) {
		const struct rte_memzone *mz;

		pool_name(name, sizeof(name));
		mz = rte_memzone_reserve(name, EXT_BYTES, socket, RTE_MEMZONE_IOVA_CONTIG);
		if (mz == NULL) {
			ext_free(e);
			return NULL;
		}
		e->mem[e->n] = (struct rte_pktmbuf_extmem) { .buf_ptr = mz->addr,
			.buf_iova = mz->iova, .buf_len = (size_t)per * DATA_ROOM,
			.elt_size = DATA_ROOM };
		e->mz[e->n++] = mz;
	}
	return e;
}

static int
create_ext(struct pp_pool *p, const char *name, int socket)
{
	p->ext = ext_alloc(p->n, socket);
	if (p->ext == NULL)
		return -ENOMEM;
	p->ol_flags = RTE_MBUF_F_EXTERNAL;
	p->mp = rte_pktmbuf_pool_create_extbuf(name, p->n, p->v->cache, 0, DATA_ROOM, socket,
		p->ext->mem, p->ext->n);
	if (p->mp == NULL)
		ext_free(p->ext);
	return p->mp != NULL ? 0 : -rte_errno;
}

/* An elastic pool, with its default page; the mempool door's owners are its own. */
static int
create_elastic(struct pp_pool *p, const char *name, uint32_t max, uint64_t chunk,
		enum rte_ppool_layout layout, int socket)
{
	struct rte_ppool_params params = { .socket_id = socket, .layout = layout };
	struct rte_ppool_info info;

	/* Pages of 64K: 32 fragments of 2048, or 27 and more of INLINE. Where memory is compared
	 * (chunk given) as many as a mempool is made for, else some for what is between two hands.
	 */
	params.max_pages = (max + 31) / 32 + (chunk != 0 ? 0 : 64);
	if (p->v->door == PP_INLINE) {
		params.max_pages = max / 26 + 64;
		params.frag_size = DATA_ROOM;
	}
	if (chunk != 0) {
#ifdef PERF_HAVE_CHUNK_SIZE
		params.chunk_size = chunk;
#else
		return -ENOTSUP;
#endif
	}
	p->pool = rte_ppool_create(name, &params);
	if (p->pool == NULL)
		return -rte_errno;
	p->mp = rte_ppool_to_mempool(p->pool);
	rte_ppool_info_get(p->pool, &info);
	p->mbuf_stride = info.mbuf_stride;
	p->frag_size = info.frag_size;
	if (p->v->door != PP_INLINE)
		p->ol_flags = RTE_MBUF_F_EXTERNAL;
	if (p->v->door == PP_NATIVE) {
		p->owner = rte_ppool_owner_open(p->pool, "perf");
		if (p->owner == NULL) {
			rte_ppool_destroy(p->pool);
			return -ENOMEM;
		}
	}
	return 0;
}

int
pp_pool_create(struct pp_pool *p, const struct pp_variant *v, uint32_t n, uint32_t max,
		uint64_t chunk)
{
	int socket = (int)rte_socket_id();
	char name[RTE_MEMPOOL_NAMESIZE];

	memset(p, 0, sizeof(*p));
	p->v = v;
	p->n = n;
	pool_name(name, sizeof(name));
	switch (v->door) {
	case PP_MEMPOOL:
		p->mp = rte_pktmbuf_pool_create_by_ops(name, n, v->cache, 0, DATA_ROOM, socket,
			v->ops);
		if (p->mp == NULL)
			return rte_errno == EINVAL ? -ENOTSUP : -rte_errno;
		return 0;
	case PP_EXTBUF:
		return create_ext(p, name, socket);
	case PP_NATIVE:
	case PP_COMPACT:
		return create_elastic(p, name, max, chunk, RTE_PPOOL_LAYOUT_COMPACT, socket);
	case PP_INLINE:
#ifdef PERF_HAVE_INLINE
		return create_elastic(p, name, max, chunk, RTE_PPOOL_LAYOUT_INLINE, socket);
#else
		return -ENOTSUP;
#endif
	}
	return -EINVAL;
}

uint32_t
pp_pool_destroy(struct pp_pool *p)
{
	uint32_t lost;

	if (p->pool != NULL) {
		rte_ppool_owner_close(p->owner);
		lost = (uint32_t)rte_ppool_in_flight(p->pool);
		if (rte_ppool_destroy(p->pool) != 0)
			lost = RTE_MAX(lost, 1u);
		return lost;
	}
	lost = p->n - rte_mempool_avail_count(p->mp);
	rte_mempool_free(p->mp);
	if (p->ext != NULL)
		ext_free(p->ext);
	return lost;
}

bool
pp_pool_get(struct pp_pool *p, struct rte_mbuf **m, uint32_t n)
{
	if (p->owner != NULL)
		return rte_ppool_mbuf_alloc_bulk(p->owner, m, n) == 0;
	return rte_mempool_get_bulk(p->mp, (void **)m, n) == 0;
}

void
pp_pool_put(struct pp_pool *p, struct rte_mbuf **m, uint32_t n)
{
	if (p->owner != NULL)
		rte_ppool_put_bulk(p->pool, m, n);
	else
		rte_mempool_put_bulk(p->mp, (void **)m, n);
}
