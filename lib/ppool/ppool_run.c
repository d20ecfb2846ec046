/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Runs: neighbouring fragments as linear memory, held by the mbuf of the first of them.
 *
 * How many an mbuf holds stands beside the chunk, where no user of mbufs can overwrite it. A put
 * looks there only if the mbuf's buffer is not as it was handed out, which it is not if it holds
 * more than its own. COMPACT only: elsewhere there are headers between the fragments.
 */

#include <errno.h>

#include <rte_errno.h>
#include <rte_prefetch.h>

#include "ppool_debug.h"
#include "ppool_page.h"

/* Where an mbuf of a COMPACT pool stands; false if it is none. */
static bool
locate(struct rte_ppool *pool, const struct rte_mbuf *m, struct ppool_page **page,
		uint32_t *frag, uint16_t **klen)
{
	struct ppool_chunk *c = NULL;
	uint32_t g, pg;

	if (pool == NULL || !pool->compact || (g = ppool_locate(pool, &c, m)) == UINT32_MAX)
		return false;
	pg = ppool_div(g, pool->recip_frags);
	*page = &c->pages[pg];
	*frag = g - pg * pool->frags_per_page;
	*klen = &c->klen[g];
	return true;
}

/* An mbuf comes back whose buffer is not as it was. Is it in order, because it was bound to a
 * run? Then *held are the fragments that it held, which it holds no more.
 */
bool
ppool_run_mbuf(const struct rte_ppool *pool, const struct ppool_page *page, uint32_t frag,
		const struct rte_mbuf *m, uint32_t *held)
{
	uint16_t *klen = &page->chunk->klen[(page - page->chunk->pages) *
		pool->frags_per_page + frag];
	uintptr_t start = (uintptr_t)page->addr + (size_t)frag * pool->frag_size;

	/* A second put, or misuse: not for us to say. */
	if (*klen == 0 || ppool_state_back(page->state, frag, 1) != 0 ||
			rte_mbuf_refcnt_read(m) != 1 || (m->ol_flags & RTE_MBUF_F_INDIRECT) ||
			(uintptr_t)m->buf_addr - start > RTE_PKTMBUF_HEADROOM)
		return false;
	*held = *klen;
	*klen = 0;
	return true;
}

/* Two words of an mbuf at once: SSE or NEON where there is one. */
typedef uint64_t pair __attribute__((vector_size(16), may_alias));
_Static_assert(offsetof(struct rte_mbuf, rearm_data) == 16 &&
	offsetof(struct rte_mbuf, refcnt) == 18 && offsetof(struct rte_mbuf, nb_segs) == 20 &&
	offsetof(struct rte_mbuf, ol_flags) == 24 && RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN,
	"of the first line of an mbuf a pair of words is looked at");

/* Mbufs that hold runs, the first of them that of this fragment, each beginning where the last
 * one's run ends. What differs from what it has to be is collected and looked at once; buffer and
 * length, which a run moves in its mbuf, are put right when it goes back. Most are as long as the
 * one before. How many mbufs, and what they hold; or 0.
 */
static unsigned int
runs_take(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		const struct ppool_page *page, uint32_t frag, uint64_t *bits)
{
	const pair want = { 0x000100010000, RTE_MBUF_F_EXTERNAL };
	const pair mask = { 0xffffffff0000, RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT };
	const size_t g = (page - page->chunk->pages) * pool->frags_per_page + frag;
	const struct rte_mbuf_ext_shared_info *shinfo = &page->chunk->shinfo[g];
	uintptr_t start = (uintptr_t)page->addr + (size_t)frag * pool->frag_size, moved = 0;
	uint32_t left = RTE_MIN(page->nb_frags - frag, 64 - frag % 64), held, refs = 0, k;
	struct rte_mbuf *const *at = mbufs, *const *last;
	const uint16_t *klen = &page->chunk->klen[g];
	const struct rte_mbuf *m = mbufs[0];
	const uint32_t all = left;
	pair differ = { 0 };
	size_t size, stride;

	do {
		held = *klen;
		if (unlikely(held - 1 >= left))
			break;
		size = (size_t)held * pool->frag_size;
		stride = (size_t)held * pool->mbuf_stride;
		k = left / held;
		k = RTE_MIN(k, n);
		last = at + k;
		do {
			differ |= *(const pair *)&m->rearm_data ^ want;
			refs |= rte_mbuf_ext_refcnt_read(shinfo);
			moved |= (uintptr_t)m->buf_addr - start;
			klen += held;
			shinfo += held;
			start += size;
			m = RTE_PTR_ADD(m, stride);
		} while (++at != last && *at == m && *klen == held);
		k -= last - at;
		n -= k;
		left -= k * held;
	} while (n > 0 && left > 0 && *at == m);
	differ &= mask;
	/* The beginning may be cut: of the sum of what was cut off only its magnitude is known. */
	if (unlikely((differ[0] | differ[1] | (refs ^ 1)) != 0 || moved >= 2 * RTE_PKTMBUF_HEADROOM))
		return 0;
	*bits = ppool_bits(frag % 64, all - left);
	return at - mbufs;
}

/* The same; if not all are in order, of the first that are. */
unsigned int
ppool_runs_take(const struct rte_ppool *pool, struct rte_mbuf *const *mbufs, unsigned int n,
		const struct ppool_page *page, uint32_t frag, uint64_t *bits)
{
	unsigned int k = n, took;

	do {
		took = runs_take(pool, mbufs, k, page, frag, bits);
		k /= 2;
	} while (unlikely(took == 0) && k > 0);
	return took;
}

uint32_t
rte_ppool_frag_alloc(struct rte_ppool_owner *o, uint32_t size, struct rte_ppool_run *run)
{
	PPOOL_DEBUG_ENTRY();
	const struct rte_ppool *pool = o->pool;
	uint32_t k;

	run->n = 0;
	if (!pool->compact || size == 0 || size > pool->page_size)
		return 0;
	k = (size - 1) / pool->frag_size + 1;
	if (k > pool->frags_per_page - o->linear)
		return 0;
	return ppool_owner_exact(o, k, run);
}

struct rte_mbuf *
rte_ppool_mbuf_alloc_linear(struct rte_ppool_owner *o, uint32_t size)
{
	PPOOL_DEBUG_ENTRY();
	const struct rte_ppool *pool = o->pool;
	struct rte_ppool_run run;

	if (!pool->compact || size == 0 || size > UINT16_MAX || (size - 1) / pool->frag_size + 1 >
			pool->frags_per_page - o->linear) {
		rte_errno = EINVAL;
		return NULL;
	}
	if (rte_ppool_frag_alloc(o, size, &run) == 0) {
		rte_errno = ENOENT;
		return NULL;
	}
	run.mbuf->ol_flags = RTE_MBUF_F_EXTERNAL;
	run.mbuf->data_off = RTE_PKTMBUF_HEADROOM;
	if (run.n > 1)
		rte_ppool_run_bind(run.mbuf, run.n, 0, 0);
	return run.mbuf;
}

/* The page of an mbuf is remembered. False: it is no mbuf of the pool. */
static __rte_noinline bool
spot_find(struct rte_ppool *pool, struct rte_ppool_spot *spot, const struct rte_mbuf *m)
{
	/* Read before the look-up: what is remembered must not seem newer than it is. */
	uint64_t generation = PPOOL_READ(pool->generation);
	struct ppool_chunk *c = NULL;
	struct ppool_page *page;
	uint32_t g, pg, most;

	if (pool == NULL || !pool->compact || (g = ppool_locate(pool, &c, m)) == UINT32_MAX)
		return false;
	pg = ppool_div(g, pool->recip_frags);
	page = &c->pages[pg];
	spot->generation = generation;
	spot->mbufs = (uintptr_t)page->mbuf;
	spot->bytes = page->nb_frags * pool->mbuf_stride;
	/* A run of at most so many has a buf_len that fits, whatever cut and spill are. */
	most = (UINT16_MAX - RTE_PKTMBUF_HEADROOM) / pool->frag_size;
	spot->most = most < 62 ? most : 62;
	/* A run that ends before this one is of one word, and not at the end of the page. */
	spot->end = page->nb_frags < 64 ? page->nb_frags : 64;
	spot->addr = (uintptr_t)page->addr;
	spot->iova_off = page->iova - (uintptr_t)page->addr;
	spot->page = page;
	spot->state = page->state->word;
	spot->klen = &c->klen[pg * pool->frags_per_page];
	spot->shinfo = &c->shinfo[pg * pool->frags_per_page];
	return true;
}

/* Where all of it stands is known of the mbuf's address: nothing is waited for. */
void
rte_ppool_run_ahead(const struct rte_ppool *pool, const struct rte_mbuf *m)
{
	struct ppool_chunk *c = NULL;
	const char *state;
	uint32_t g, pg;

	if (unlikely(!pool->compact || (g = ppool_locate(pool, &c, m)) == UINT32_MAX))
		return;
	pg = ppool_div(g, pool->recip_frags);
	state = (const char *)c->pages[0].state + pg * ppool_state_size(pool);
	rte_prefetch0(&c->pages[pg]);
	rte_prefetch0(state + offsetof(struct ppool_state, word));
	ppool_prefetch_write(&c->klen[g]);
}

/* Is the page of this mbuf the one that is remembered? Then its fragment. */
static __rte_always_inline bool
spot_has(const struct rte_ppool *pool, const struct rte_ppool_spot *spot, const struct rte_mbuf *m,
		uint32_t *frag)
{
	uintptr_t off = (uintptr_t)m - spot->mbufs;

	*frag = ppool_div((uint32_t)off, pool->recip_stride);
	return off < spot->bytes && spot->generation == PPOOL_READ(pool->generation) &&
		*frag * pool->mbuf_stride == off;
}

static inline void
bind(const struct rte_ppool_spot *spot, struct rte_mbuf *m, uint32_t frag, uint32_t k,
		size_t off, uint32_t cut, uint32_t len)
{
	uintptr_t addr = spot->addr + off;

	m->buf_addr = (void *)addr;
	rte_mbuf_iova_set(m, addr + spot->iova_off);
	m->data_off = (uint16_t)(RTE_PKTMBUF_HEADROOM - cut);
	m->buf_len = (uint16_t)len;
	((uint16_t *)spot->klen)[frag] = (uint16_t)k;
}

/* The same, where nothing is remembered, and all of the limits, one by one. */
static __rte_noinline int
bind_slow(struct rte_ppool *pool, struct rte_ppool_spot *spot, struct rte_mbuf *m, uint32_t k,
		uint32_t cut, uint32_t spill)
{
	const struct ppool_page *page;
	uint32_t frag, reach;

	if (!spot_find(pool, spot, m))
		return -EINVAL;
	page = spot->page;
	frag = (uint32_t)((uintptr_t)m - spot->mbufs) / pool->mbuf_stride;
	if (k == 0 || k > page->nb_frags - frag || cut > RTE_PKTMBUF_HEADROOM ||
			spill > RTE_PKTMBUF_HEADROOM || (spill > 0 && frag + k == page->nb_frags))
		return -EINVAL;
	reach = RTE_MIN(k * pool->frag_size, UINT16_MAX + cut) + spill;
	if (reach - cut > UINT16_MAX || ppool_state_back(page->state, frag, k) != 0)
		return -EINVAL;
	bind(spot, m, frag, k, (size_t)frag * pool->frag_size + cut, cut, reach - cut);
	return 0;
}

int
rte_ppool_run_bind_at(struct rte_ppool *pool, struct rte_ppool_spot *spot, struct rte_mbuf *m,
		uint32_t k, uint32_t cut, uint32_t spill)
{
	uint64_t bits;
	uint32_t frag;

	/* The mbuf is in the page that is remembered, and what is asked for is usual. */
	if (unlikely(!spot_has(pool, spot, m, &frag) || k - 1 >= spot->most ||
			frag + k >= spot->end || (cut | spill) > RTE_PKTMBUF_HEADROOM))
		return bind_slow(pool, spot, m, k, cut, spill);
	bits = ((UINT64_C(1) << k) - 1) << frag;
	if (unlikely((PPOOL_READ(*(const uint64_t *)spot->state) & bits) != 0))
		return bind_slow(pool, spot, m, k, cut, spill);
	bind(spot, m, frag, k, (size_t)frag * pool->frag_size + cut, cut,
		k * pool->frag_size + spill - cut);
	return 0;
}

/* No more of them than fit into the word, and end before the page does. */
unsigned int
rte_ppool_run_bind_bulk(struct rte_ppool *pool, struct rte_ppool_spot *spot,
		struct rte_mbuf *const *mbufs, const uint16_t *k, unsigned int n)
{
	struct rte_mbuf *const *at = mbufs, *const *last;
	const struct rte_mbuf_ext_shared_info *shinfo;
	uint32_t frag, held, left, most, some;
	struct rte_mbuf *m = mbufs[0];
	uint16_t *klen, len;
	uint64_t back;
	size_t stride;

	if (unlikely(!spot_has(pool, spot, m, &frag)) && (!spot_find(pool, spot, m) ||
			!spot_has(pool, spot, m, &frag)))
		return 0;
	if (unlikely(frag >= spot->end))
		return 0;
	klen = (uint16_t *)spot->klen + frag;
	shinfo = (const struct rte_mbuf_ext_shared_info *)spot->shinfo + frag;
	most = spot->most;
	left = spot->end - 1 - frag;
	/* Up to one that is not out. */
	back = PPOOL_READ(*(const uint64_t *)spot->state) >> frag;
	if (back != 0)
		left = RTE_MIN(left, (uint32_t)__builtin_ctzll(back));
	do {
		held = *k;
		if (unlikely(held - 1 >= most || held > left))
			break;
		some = left / held;
		some = RTE_MIN(some, n);
		last = at + some;
		len = (uint16_t)(held * pool->frag_size);
		stride = (size_t)held * pool->mbuf_stride;
		/* Most are as long as the one before. */
		do {
			m->buf_len = len;
			*klen = (uint16_t)held;
			/* Who gives it back reads it. */
			rte_prefetch0(shinfo);
			klen += held;
			shinfo += held;
			m = RTE_PTR_ADD(m, stride);
			k++;
		} while (++at != last && *at == m && *k == held);
		some -= last - at;
		n -= some;
		left -= some * held;
	} while (n > 0 && *at == m);
	return at - mbufs;
}

int
rte_ppool_run_bind(struct rte_mbuf *m, uint32_t k, uint32_t cut, uint32_t spill)
{
	struct rte_ppool *pool = rte_ppool_from_mempool(m->pool);
	struct rte_ppool_spot spot = { .generation = 0 };

	return pool != NULL ? rte_ppool_run_bind_at(pool, &spot, m, k, cut, spill) : -EINVAL;
}

uint32_t
rte_ppool_run_trim(struct rte_mbuf *m)
{
	PPOOL_DEBUG_ENTRY();
	struct rte_ppool *pool = rte_ppool_from_mempool(m->pool);
	uint32_t frag, cut, need, k;
	struct rte_ppool_run tail;
	struct ppool_page *page;
	uint16_t *klen;

	if (!locate(pool, m, &page, &frag, &klen) || *klen < 2 ||
			rte_mbuf_refcnt_read(m) != 1 || RTE_MBUF_CLONED(m) ||
			rte_mbuf_ext_refcnt_read(m->shinfo) != 1)
		return 0;
	cut = (uint32_t)((uintptr_t)m->buf_addr - (uintptr_t)page->addr) - frag * pool->frag_size;
	need = (cut + m->data_off + m->data_len + pool->frag_size - 1) / pool->frag_size;
	need = RTE_MAX(need, 1u);
	k = *klen;
	if (need >= k)
		return 0;
	/* An mbuf whose buffer is as it was is not looked up here when it comes back. */
	*klen = need > 1 || cut > 0 ? (uint16_t)need : 0;
	m->buf_len = (uint16_t)(RTE_MIN(need * pool->frag_size, (uint32_t)UINT16_MAX) - cut);
	tail.mbuf = ppool_mbuf_at(pool, page, frag + need);
	tail.n = k - need;
	return rte_ppool_run_free(pool, &tail);
}
