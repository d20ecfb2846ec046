/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What can be done with mbufs, done with those of pools of both layouts: all of it INLINE, all
 * but what makes an mbuf the destination of another's buffer COMPACT.
 */

#include <errno.h>

#include <rte_errno.h>
#include <rte_mbuf_dyn.h>

#include "ppool_test.h"

#define PRIV 64

/* The pool at hand, and an ordinary one for copies and clones of a COMPACT one. */
static struct rte_mempool *mp, *other;

static int
pools_make(enum rte_ppool_layout layout)
{
	mp = rte_ppool_pktmbuf_pool_create("mbufs", 256, PRIV, 0, SOCKET_ID_ANY, layout);
	other = layout == RTE_PPOOL_LAYOUT_COMPACT ? rte_pktmbuf_pool_create("ordinary", 255, 0, PRIV,
			RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY) : mp;
	return mp != NULL && other != NULL ? 0 : -1;
}

static int
make_inline(void **state)
{
	return pools_make(RTE_PPOOL_LAYOUT_INLINE);
}

static int
make_compact(void **state)
{
	return pools_make(RTE_PPOOL_LAYOUT_COMPACT);
}

/* After each test all is back, and nothing was misused; the pool can go at once. */
static int
pools_check(void **state)
{
	struct rte_ppool_stats stats;
	int ret = 0;

	if (rte_ppool_stats_get(rte_ppool_from_mempool(mp), &stats) != 0 ||
			stats.bad_over_put + stats.bad_mbuf + stats.bad_foreign != 0) {
		print_error("misuse was counted\n");
		ret = -1;
	}
	if (!rte_mempool_full(mp) || !rte_mempool_full(other)) {
		print_error("mbufs are missing\n");
		ret = -1;
	}
	if (other != mp)
		rte_mempool_free(other);
	return rte_ppool_destroy(rte_ppool_from_mempool(mp)) == 0 ? ret : -1;
}

static struct rte_mbuf *
take(void)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
	const char *why;

	assert_non_null(m);
	assert_int_equal(rte_mbuf_check(m, 1, &why), 0);
	assert_int_equal(rte_pktmbuf_headroom(m), RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_pktmbuf_data_len(m), 0);
	return m;
}

static void
fill(struct rte_mbuf *m, uint16_t len, uint8_t first)
{
	uint8_t *p = (uint8_t *)rte_pktmbuf_append(m, len);

	assert_non_null(p);
	for (uint16_t i = 0; i < len; i++)
		p[i] = (uint8_t)(first + i);
}

static void
holds(const struct rte_mbuf *m, uint32_t len, uint8_t first)
{
	assert_int_equal(rte_pktmbuf_pkt_len(m), len);
	for (uint32_t i = 0; i < len; i++) {
		uint8_t copy;
		const uint8_t *p = rte_pktmbuf_read(m, i, 1, &copy);

		assert_non_null(p);
		assert_int_equal(*p, (uint8_t)(first + i));
	}
}

/* A packet of n segments, each of that length. */
static struct rte_mbuf *
chain(unsigned int n, uint16_t len)
{
	struct rte_mbuf *head = NULL, *m;

	for (unsigned int i = 0; i < n; i++) {
		m = take();
		fill(m, len, (uint8_t)(i * len));
		if (head == NULL)
			head = m;
		else
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
	}
	return head;
}

/* ---- on both */

static void
alloc_and_free(void **state)
{
	struct rte_mbuf *m[64], *one;

	one = take();
	rte_pktmbuf_free(one);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 64), 0);
	for (int i = 0; i < 64; i++) {
		fill(m[i], rte_pktmbuf_tailroom(m[i]), (uint8_t)i);
		memset(rte_mbuf_to_priv(m[i]), i, PRIV);
	}
	for (int i = 0; i < 64; i++) {
		holds(m[i], rte_pktmbuf_data_room_size(mp) - RTE_PKTMBUF_HEADROOM, (uint8_t)i);
		for (int k = 0; k < PRIV; k++)
			assert_int_equal(((uint8_t *)rte_mbuf_to_priv(m[i]))[k], i);
	}
	rte_pktmbuf_free_bulk(m, 64);
	one = rte_mbuf_raw_alloc(mp);
	assert_non_null(one);
	rte_mbuf_raw_free(one);
	rte_pktmbuf_free(NULL);
}

static void
prepend_append_adj_trim(void **state)
{
	struct rte_mbuf *m = take();
	uint16_t room = rte_pktmbuf_tailroom(m);
	char *p;

	fill(m, 100, 28);
	p = rte_pktmbuf_prepend(m, 28);
	assert_non_null(p);
	for (int i = 0; i < 28; i++)
		p[i] = (char)i;
	holds(m, 128, 0);
	assert_non_null(rte_pktmbuf_adj(m, 8));
	holds(m, 120, 8);
	assert_int_equal(rte_pktmbuf_trim(m, 20), 0);
	holds(m, 100, 8);
	assert_int_equal(rte_pktmbuf_tailroom(m), room - 80);
	assert_null(rte_pktmbuf_append(m, room));
	assert_null(rte_pktmbuf_prepend(m, RTE_PKTMBUF_HEADROOM));
	assert_null(rte_pktmbuf_adj(m, 101));
	assert_int_equal(rte_pktmbuf_trim(m, 101), -1);
	holds(m, 100, 8);
	/* All that there is, at both ends. */
	assert_non_null(rte_pktmbuf_prepend(m, rte_pktmbuf_headroom(m)));
	assert_non_null(rte_pktmbuf_append(m, rte_pktmbuf_tailroom(m)));
	assert_int_equal(rte_pktmbuf_pkt_len(m), rte_pktmbuf_data_room_size(mp));
	rte_pktmbuf_free(m);
	/* The next user finds it as new. */
	for (int i = 0; i < 256; i++)
		rte_pktmbuf_free(take());
}

static void
chains(void **state)
{
	struct rte_mbuf *m = chain(5, 200), *tail = chain(3, 40), *bulk[2];

	holds(m, 1000, 0);
	assert_int_equal(m->nb_segs, 5);
	assert_int_equal(rte_pktmbuf_chain(m, tail), 0);
	assert_int_equal(m->nb_segs, 8);
	bulk[0] = m;
	bulk[1] = chain(2, 7);
	rte_pktmbuf_free_bulk(bulk, 2);
}

static void
linearize(void **state)
{
	struct rte_mbuf *m = chain(7, 150), *whole = chain(4, 1500);

	assert_int_equal(rte_pktmbuf_linearize(m), 0);
	assert_true(rte_pktmbuf_is_contiguous(m));
	holds(m, 1050, 0);
	assert_true(rte_pktmbuf_linearize(whole) != 0);
	holds(whole, 6000, 0);
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(whole);
}

/* Copies of part of a packet, into another pool or the same. */
static void
copy(void **state)
{
	struct rte_mbuf *m = chain(3, 900), *c;

	c = rte_pktmbuf_copy(m, other, 0, UINT32_MAX);
	assert_non_null(c);
	holds(c, 2700, 0);
	rte_pktmbuf_free(c);
	c = rte_pktmbuf_copy(m, other, 250, 1000);
	assert_non_null(c);
	rte_pktmbuf_free(m);
	holds(c, 1000, 250);
	rte_pktmbuf_free(c);
}

/* Clones keep what they are clones of, in whatever order they go. */
static void
clones(void **state)
{
	for (int order = 0; order < 6; order++) {
		struct rte_mbuf *all[3], *m = chain(3, 700);

		all[0] = m;
		all[1] = rte_pktmbuf_clone(m, other);
		assert_non_null(all[1]);
		all[2] = rte_pktmbuf_clone(all[1], other);
		assert_non_null(all[2]);
		for (int k = 0; k < 3; k++) {
			struct rte_mbuf **next = &all[(order + (order < 3 ? k : 3 - k)) % 3];

			for (int i = 0; i < 3; i++)
				if (all[i] != NULL)
					holds(all[i], 2100, 0);
			rte_pktmbuf_free(*next);
			*next = NULL;
		}
	}
	assert_true(rte_mempool_full(mp));
}

static void
references(void **state)
{
	struct rte_mbuf *m = chain(2, 10);

	rte_pktmbuf_refcnt_update(m, 1);
	assert_int_equal(rte_mbuf_refcnt_read(m), 2);
	rte_pktmbuf_free(m);
	holds(m, 20, 0);
	rte_pktmbuf_free(m);
}

static void
dynamic_fields(void **state)
{
	static const struct rte_mbuf_dynfield field = { .name = "ppool_test_field",
		.size = sizeof(uint32_t), .align = __alignof__(uint32_t) };
	static const struct rte_mbuf_dynflag flag = { .name = "ppool_test_flag" };
	int off = rte_mbuf_dynfield_register(&field), bit = rte_mbuf_dynflag_register(&flag);
	struct rte_mbuf *m[100], *c;

	assert_true(off >= 0 && bit >= 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 100), 0);
	for (uint32_t i = 0; i < 100; i++) {
		*RTE_MBUF_DYNFIELD(m[i], off, uint32_t *) = i;
		m[i]->ol_flags |= UINT64_C(1) << bit;
		fill(m[i], 60, (uint8_t)i);
	}
	for (uint32_t i = 0; i < 100; i++) {
		c = rte_pktmbuf_copy(m[i], other, 0, UINT32_MAX);
		assert_non_null(c);
		assert_int_equal(*RTE_MBUF_DYNFIELD(c, off, uint32_t *), i);
		assert_true(c->ol_flags & UINT64_C(1) << bit);
		rte_pktmbuf_free(c);
		c = rte_pktmbuf_clone(m[i], other);
		assert_non_null(c);
		assert_int_equal(*RTE_MBUF_DYNFIELD(c, off, uint32_t *), i);
		rte_pktmbuf_free(c);
		assert_int_equal(*RTE_MBUF_DYNFIELD(m[i], off, uint32_t *), i);
	}
	rte_pktmbuf_free_bulk(m, 100);
	c = take();
	assert_false(c->ol_flags & UINT64_C(1) << bit);
	rte_pktmbuf_free(c);
}

static void
owners(void **state)
{
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "queue");
	struct rte_mbuf *m[150];

	assert_non_null(o);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 150), 0);
	for (int i = 0; i < 150; i++) {
		rte_pktmbuf_reset(m[i]);
		fill(m[i], 1500, (uint8_t)i);
	}
	for (int i = 0; i < 150; i++)
		holds(m[i], 1500, (uint8_t)i);
	rte_pktmbuf_free_bulk(m, 50);
	for (int i = 50; i < 100; i++)
		rte_pktmbuf_free(m[i]);
	assert_int_equal(rte_ppool_put_bulk(pool, &m[100], 50), 50);
	rte_ppool_owner_close(o);
}

/* ---- mbufs of ours as the destination: INLINE only */

static void
attach_and_detach(void **state)
{
	struct rte_mbuf *m = take(), *a = take(), *b = take();
	void *own = a->buf_addr;

	fill(m, 300, 3);
	rte_pktmbuf_attach(a, m);
	rte_pktmbuf_attach(b, a); /* in the end, to m */
	assert_true(RTE_MBUF_CLONED(a) && RTE_MBUF_CLONED(b));
	assert_int_equal(rte_mbuf_refcnt_read(m), 3);
	rte_pktmbuf_free(m);
	holds(b, 300, 3);
	rte_pktmbuf_detach(a);
	assert_ptr_equal(a->buf_addr, own);
	rte_pktmbuf_reset(a);
	fill(a, 1000, 9);
	holds(b, 300, 3);
	holds(a, 1000, 9);
	rte_pktmbuf_free(b);
	rte_pktmbuf_free(a);
}

static unsigned int ext_freed;

static void
ext_free(void *addr, void *opaque)
{
	assert_ptr_equal(opaque, &ext_freed);
	ext_freed++;
}

static void
external_buffers(void **state)
{
	static char buffer[4096];
	struct rte_mbuf_ext_shared_info *info;
	struct rte_mbuf *m = take(), *c;
	uint16_t len = sizeof(buffer);

	ext_freed = 0;
	info = rte_pktmbuf_ext_shinfo_init_helper(buffer, &len, ext_free, &ext_freed);
	assert_non_null(info);
	rte_pktmbuf_attach_extbuf(m, buffer, RTE_BAD_IOVA, len, info);
	fill(m, 3000, 1);
	c = rte_pktmbuf_clone(m, mp);
	assert_non_null(c);
	rte_pktmbuf_free(m);
	assert_int_equal(ext_freed, 0);
	holds(c, 3000, 1);
	rte_pktmbuf_free(c);
	assert_int_equal(ext_freed, 1);
	/* Both are their own again. */
	for (int i = 0; i < 256; i++) {
		m = take();
		assert_ptr_equal(m->buf_addr, (char *)(m + 1) + PRIV);
		rte_pktmbuf_free(m);
	}
}

/* A clone whose mbufs are of a COMPACT pool is what the guide warns of; one from a COMPACT pool
 * into an INLINE one is what it advises.
 */
static void
between_pools(void **state)
{
	struct rte_mempool *from = rte_ppool_pktmbuf_pool_create("from", 64, PRIV, 0, SOCKET_ID_ANY,
			RTE_PPOOL_LAYOUT_COMPACT);
	struct rte_mbuf *m, *c;

	assert_non_null(from);
	m = rte_pktmbuf_alloc(from);
	assert_non_null(m);
	fill(m, 800, 5);
	c = rte_pktmbuf_clone(m, mp);
	assert_non_null(c);
	rte_pktmbuf_free(m);
	holds(c, 800, 5);
	assert_int_equal(rte_mempool_in_use_count(from), 1);
	rte_pktmbuf_free(c);
	assert_true(rte_mempool_full(from));
	assert_int_equal(rte_ppool_destroy(rte_ppool_from_mempool(from)), 0);
}

#define INLINE_ONLY(f) { "INLINE: " #f, f, make_inline, pools_check, NULL }
#define BOTH(f) INLINE_ONLY(f), { "COMPACT: " #f, f, make_compact, pools_check, NULL }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(alloc_and_free),
		BOTH(prepend_append_adj_trim),
		BOTH(chains),
		BOTH(linearize),
		BOTH(copy),
		BOTH(clones),
		BOTH(references),
		BOTH(dynamic_fields),
		BOTH(owners),
		INLINE_ONLY(attach_and_detach),
		INLINE_ONLY(external_buffers),
		INLINE_ONLY(between_pools),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
