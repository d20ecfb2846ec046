/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The mempool ops "ppool": whatever rte_mempool's own ops can do with objects, these can, too. */

#include <errno.h>

#include <rte_errno.h>

#include "ppool_test.h"

static uint64_t seed = 88172645463325252;

static uint32_t
rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % n;
}

static struct rte_mempool *
empty_mempool(const char *ops, unsigned int n, unsigned int size, unsigned int cache,
		unsigned int flags)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp;

	snprintf(name, sizeof(name), "drop-in %s", ops);
	mp = rte_mempool_create_empty(name, n, size, cache, 0, SOCKET_ID_ANY, flags);
	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, ops, NULL), 0);
	return mp;
}

static struct rte_mempool *
mempool(const char *ops, unsigned int n, unsigned int size, unsigned int cache)
{
	struct rte_mempool *mp = empty_mempool(ops, n, size, cache, 0);

	assert_int_equal(rte_mempool_populate_default(mp), n);
	return mp;
}

/* A call on this lcore, or on the other. */
struct call {
	struct rte_mempool *mp;
	void **objs;
	unsigned int n;
	bool put;
	int ret;
};

/* The EAL's own hand-over between lcores is in its library, where ThreadSanitizer does not
 * see it: this atomic says the same.
 */
static uint32_t turn;

static int
call_do(void *arg)
{
	struct call *call = arg;

	(void)__atomic_load_n(&turn, __ATOMIC_ACQUIRE);
	call->ret = 0;
	if (call->put)
		rte_mempool_put_bulk(call->mp, call->objs, call->n);
	else
		call->ret = rte_mempool_get_bulk(call->mp, call->objs, call->n);
	__atomic_store_n(&turn, 0, __ATOMIC_RELEASE);
	return 0;
}

static int
on(unsigned int lcore, struct call *call)
{
	__atomic_store_n(&turn, 1, __ATOMIC_RELEASE);
	if (lcore == 0) {
		call_do(call);
	} else {
		assert_int_equal(rte_eal_remote_launch(call_do, call, lcore), 0);
		rte_eal_wait_lcore(lcore);
	}
	(void)__atomic_load_n(&turn, __ATOMIC_ACQUIRE);
	return call->ret;
}

static int
get(unsigned int lcore, struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct call call = { .mp = mp, .objs = objs, .n = n };

	return on(lcore, &call);
}

static void
put(unsigned int lcore, struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct call call = { .mp = mp, .objs = objs, .n = n, .put = true };

	on(lcore, &call);
}

/* Fill, and check later: who shares bytes with somebody sees it. */
static void
stamp(void *obj, unsigned int size)
{
	memset(obj, (uint8_t)((uintptr_t)obj >> 3), size);
	memcpy(obj, &obj, RTE_MIN(size, (unsigned int)sizeof(obj)));
}

static void
stamp_check(void *obj, unsigned int size)
{
	const uint8_t *p = obj, want = (uint8_t)((uintptr_t)obj >> 3);

	assert_memory_equal(obj, &obj, RTE_MIN(size, (unsigned int)sizeof(obj)));
	for (unsigned int i = sizeof(obj); i < size; i++)
		if (p[i] != want)
			fail_msg("object %p: byte %u was overwritten", obj, i);
}

static void
shuffle(void **objs, unsigned int n)
{
	for (unsigned int i = n; i > 1; i--) {
		unsigned int k = rnd(i);
		void *obj = objs[k];

		objs[k] = objs[i - 1];
		objs[i - 1] = obj;
	}
}

static const unsigned int sizes[] = { 8, 64, 2176, 9000, 70000 };
static const unsigned int caches[] = { 0, 256, 512 };

static unsigned int
objects(unsigned int size, unsigned int cache)
{
	unsigned int n = RTE_MIN(4099u, (24u << 20) / size);

	return RTE_MAX(n, cache * 2);
}

/* Hold a random sixteenth of all objects, and get the rest, to the last one: on one lcore, and
 * with another that has been given some and has them back in.
 */
static void
hold_a_sixteenth(unsigned int size, unsigned int cache, bool other)
{
	unsigned int n = objects(size, cache), held = n / 16, left, k, i;
	struct rte_mempool *mp = mempool("ppool", n, size, cache);
	void **objs = calloc(n, sizeof(*objs)), *one;
	bool far;

	assert_non_null(objs);
	for (i = 0; i < n; i += k) {
		k = RTE_MIN(1 + rnd(50), n - i);
		far = other && cache == 0 && rnd(2);
		assert_int_equal(get(far, mp, &objs[i], k), 0);
	}
	assert_int_not_equal(rte_mempool_get(mp, &one), 0);
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	for (i = 0; i < n; i++)
		stamp(objs[i], size);
	for (i = 0; i < n; i++)
		stamp_check(objs[i], size);
	shuffle(objs, n);
	for (i = held; i < n; i += k) {
		k = RTE_MIN(1 + rnd(50), n - i);
		put(other && cache == 0 && rnd(2), mp, &objs[i], k);
	}
	assert_int_equal(rte_mempool_avail_count(mp), n - held);
	/* The other lcore opens pages, and has most of what it took back in. */
	if (other && cache == 0) {
		void *some[40];

		assert_int_equal(get(1, mp, some, 40), 0);
		put(1, mp, some, 40);
		assert_int_equal(get(1, mp, some, 1), 0);
		put(1, mp, some, 1);
	}
	assert_int_equal(rte_mempool_avail_count(mp), n - held);
	for (left = n - held; left > n / 4; left -= k) {
		k = RTE_MIN(1 + rnd(33), left);
		assert_int_equal(rte_mempool_get_bulk(mp, &objs[n - left], k), 0);
		assert_int_equal(rte_mempool_avail_count(mp), left - k);
	}
	/* All the rest at once, but for one more than there are. */
	void **more = calloc(left + 1, sizeof(*more));
	assert_non_null(more);
	assert_int_not_equal(rte_mempool_get_bulk(mp, more, left + 1), 0);
	free(more);
	assert_int_equal(rte_mempool_avail_count(mp), left);
	assert_int_equal(rte_mempool_get_bulk(mp, &objs[n - left], left), 0);
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	assert_int_not_equal(rte_mempool_get(mp, &one), 0);
	for (i = 0; i < held; i++)
		stamp_check(objs[i], size);
	rte_mempool_put_bulk(mp, objs, n);
	assert_true(rte_mempool_full(mp));
	assert_int_equal(test_stats(rte_ppool_from_mempool(mp)).bad_over_put, 0);
	free(objs);
	rte_mempool_free(mp);
}

static void
all_but_what_is_held(void **state)
{
	for (unsigned int s = 0; s < RTE_DIM(sizes); s++)
		for (unsigned int c = 0; c < RTE_DIM(caches); c++)
			for (int other = 0; other < 2; other++)
				hold_a_sixteenth(sizes[s], caches[c], other);
}

/* The same calls, step by step, on a mempool of the EAL's own ops and on one of ours: the same
 * gets succeed, and the same counts are told.
 */
static void
step_by_step(unsigned int n, unsigned int cache)
{
	struct rte_mempool *mp[2] = { mempool("ring_mp_mc", n, 64, cache),
		mempool("ppool", n, 64, cache) };
	void **out[2][2], *some[2][256];
	unsigned int have[2] = { 0, 0 }, lcore, k;
	int ret[2];

	for (int p = 0; p < 2; p++)
		for (int l = 0; l < 2; l++)
			assert_non_null(out[p][l] = calloc(n, sizeof(void *)));
	for (int step = 0; step < 3000; step++) {
		lcore = rnd(4) == 0;
		k = rnd(8) == 0 ? 1 : 1 + rnd(RTE_DIM(some[0]));
		if (rnd(100) < 55) {
			for (int p = 0; p < 2; p++)
				ret[p] = get(lcore, mp[p], some[p], k);
			/* At its end, the cache of the EAL's may fail a get that ours can serve. */
			assert_true(ret[1] == 0 || ret[0] != 0);
			if (ret[0] != 0 && ret[1] == 0) {
				put(lcore, mp[1], some[1], k);
				continue;
			}
			if (ret[0] != 0)
				continue;
			for (int p = 0; p < 2; p++)
				memcpy(&out[p][lcore][have[lcore]], some[p], k * sizeof(void *));
			have[lcore] += k;
		} else {
			/* What one lcore has got the other may put. */
			unsigned int from = rnd(2), order = rnd(2);

			k = RTE_MIN(k, have[from]);
			if (k == 0)
				continue;
			if (order)
				shuffle(out[1][from], have[from]);
			have[from] -= k;
			for (int p = 0; p < 2; p++)
				put(lcore, mp[p], &out[p][from][have[from]], k);
		}
		assert_int_equal(rte_mempool_avail_count(mp[0]), rte_mempool_avail_count(mp[1]));
	}
	for (int p = 0; p < 2; p++) {
		for (int l = 0; l < 2; l++) {
			if (have[l] > 0)
				put(0, mp[p], out[p][l], have[l]);
			free(out[p][l]);
		}
		assert_int_equal(rte_mempool_avail_count(mp[p]), n);
		rte_mempool_free(mp[p]);
	}
}

static void
as_the_ring(void **state)
{
	for (unsigned int c = 0; c < RTE_DIM(caches); c++) {
		step_by_step(2047, caches[c]);
		step_by_step(RTE_MAX(100u, caches[c] * 2), caches[c]);
	}
}

/* ---- memory of any kind */

struct seen {
	unsigned int n;
	void *objs[400];
};

static void
see(struct rte_mempool *mp, void *opaque, void *obj, unsigned int i)
{
	struct seen *seen = opaque;

	assert_int_equal(i, seen->n);
	assert_true(seen->n < RTE_DIM(seen->objs));
	seen->objs[seen->n++] = obj;
	assert_ptr_equal(rte_mempool_from_obj(obj), mp);
}

static void
count_memory(struct rte_mempool *mp, void *opaque, struct rte_mempool_memhdr *hdr,
		unsigned int i)
{
	size_t *bytes = opaque;

	*bytes += hdr->len;
}

static void
freed(struct rte_mempool_memhdr *hdr, void *opaque)
{
	(*(unsigned int *)opaque)++;
}

static bool
known(const struct seen *seen, const void *obj)
{
	for (unsigned int i = 0; i < seen->n; i++)
		if (seen->objs[i] == obj)
			return true;
	return false;
}

/* All objects out at once: each is one that the iterators know, none overlaps another. */
static void
use_all(struct rte_mempool *mp, unsigned int n, unsigned int size)
{
	struct seen seen = { 0 }, ours = { 0 };
	void *objs[RTE_DIM(seen.objs)];

	assert_true(n < RTE_DIM(seen.objs));
	assert_int_equal(mp->populated_size, n);
	assert_int_equal(rte_mempool_obj_iter(mp, see, &seen), n);
	assert_int_equal(rte_ppool_obj_iter(rte_ppool_from_mempool(mp), see, &ours), n);
	assert_int_equal(rte_mempool_get_bulk(mp, objs, n), 0);
	assert_int_not_equal(rte_mempool_get(mp, &objs[n]), 0);
	for (unsigned int i = 0; i < n; i++) {
		stamp(objs[i], size);
		assert_true(known(&seen, objs[i]) && known(&ours, objs[i]));
	}
	for (unsigned int i = 0; i < n; i++)
		stamp_check(objs[i], size);
	shuffle(objs, n);
	rte_mempool_put_bulk(mp, objs, n);
	assert_true(rte_mempool_full(mp) || mp->size > n);
}

static void
pieces_of_memory(void **state)
{
	static const struct {
		unsigned int size, flags;
		size_t bytes[5];
	} t[] = {
		/* some of them are too small for a single object */
		{ 2176, 0, { 100000, 2300, 40, 70000, 7000 } },
		{ 64, 0, { 500, 129, 4096, 64, 1000 } },
		{ 64, RTE_MEMPOOL_F_NO_CACHE_ALIGN, { 500, 129, 4096, 64, 1001 } },
		{ 1, RTE_MEMPOOL_F_NO_CACHE_ALIGN, { 77, 129, 1000, 24, 100 } },
		{ 2176, RTE_MEMPOOL_F_NO_IOVA_CONTIG, { 100000, 2300, 40, 70000, 7000 } },
		{ 100000, 0, { 100000, 300000, 100200, 70000, 1 } },
	};
	static char memory[5][300000] __rte_cache_aligned;

	for (unsigned int i = 0; i < RTE_DIM(t); i++) {
		for (int bad = 0; bad < 2; bad++) {
			struct rte_mempool *mp = empty_mempool("ppool", 390, t[i].size, 0,
					t[i].flags);
			unsigned int n = 0, gone = 0, chunks = 0;
			size_t bytes = 0, total = mp->header_size + mp->elt_size + mp->trailer_size;
			void *obj;

			for (int k = 4; k >= 0; k--) {
				/* Not one of them need be aligned to anything. */
				char *at = &memory[k][bad * 8];
				rte_iova_t iova = bad ? RTE_BAD_IOVA : (rte_iova_t)k << 32;
				int ret = rte_mempool_populate_iova(mp, at, iova, t[i].bytes[k], freed,
						&gone);
				char *first = RTE_PTR_ALIGN_CEIL(at, t[i].flags &
					RTE_MEMPOOL_F_NO_CACHE_ALIGN ? 8 : RTE_MEMPOOL_ALIGN);
				ssize_t room = t[i].bytes[k] - (first - at);
				int want = room > 0 ? (int)(room / total) : 0;

				assert_true(ret == want || (ret == -EINVAL && room <= 0));
				if (want == 0)
					continue;
				n += want;
				chunks++;
				/* What a device is told. */
				obj = first + mp->header_size;
				assert_true(rte_mempool_virt2iova(obj) == (bad ? RTE_BAD_IOVA :
					iova + ((char *)obj - at)));
			}
			assert_true(n > 0);
			assert_int_equal(rte_mempool_mem_iter(mp, count_memory, &bytes), chunks);
			assert_int_equal(rte_mempool_avail_count(mp), n);
			use_all(mp, n, t[i].size);
			rte_mempool_free(mp);
			assert_int_equal(gone, chunks);
		}
	}
}

/* Not more than the mempool's size, however much memory there is; and from anonymous memory. */
static void
more_memory_than_objects(void **state)
{
	static char memory[100000] __rte_cache_aligned;
	struct rte_mempool *mp = empty_mempool("ppool", 100, 64, 0, 0);
	size_t total = mp->header_size + mp->elt_size + mp->trailer_size;

	assert_int_equal(rte_mempool_populate_iova(mp, memory, RTE_BAD_IOVA, total * 50 - 1, NULL,
		NULL), 49);
	assert_int_equal(rte_mempool_populate_iova(mp, memory + total * 50, RTE_BAD_IOVA,
		total * 200, NULL, NULL), 51);
	assert_int_equal(rte_mempool_populate_iova(mp, memory, RTE_BAD_IOVA, 10, NULL, NULL),
		-ENOSPC);
	use_all(mp, 100, 64);
	rte_mempool_free(mp);

	mp = empty_mempool("ppool", 300, 2000, 0, 0);
	assert_int_equal(rte_mempool_populate_anon(mp), 300);
	use_all(mp, 300, 2000);
	rte_mempool_free(mp);
}

/* A populate that fails takes back all memory of the mempool, also that of earlier calls. */
static void
populate_fails_and_again(void **state)
{
	static char memory[100000] __rte_cache_aligned;
	struct rte_mempool *mp = empty_mempool("ppool", 400000, 2000, 0, 0);
	size_t total = mp->header_size + mp->elt_size + mp->trailer_size;
	unsigned int gone = 0;

	/* More than there is: it takes what it can get, and gives it back when it gets no more. */
	assert_true(rte_mempool_populate_default(mp) < 0);
	assert_int_equal(mp->populated_size, 0);
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	assert_int_equal(rte_mempool_populate_iova(mp, memory, 0, total * 40, freed, &gone), 40);
	use_all(mp, 40, 2000);
	rte_mempool_free(mp);
	assert_int_equal(gone, 1);
}

/* ---- misuse and reports */

struct log {
	char *text;
	size_t len;
	FILE *f;
};

static void
log_begin(struct log *log)
{
	log->f = open_memstream(&log->text, &log->len);
	assert_non_null(log->f);
	rte_openlog_stream(log->f);
}

static void
log_has(struct log *log, const char *what, bool has)
{
	fflush(log->f);
	if ((strstr(log->text, what) != NULL) != has)
		fail_msg("log %s \"%s\": %s", has ? "lacks" : "has", what, log->text);
}

static void
log_end(struct log *log)
{
	rte_openlog_stream(NULL);
	fclose(log->f);
	free(log->text);
}

static void
misuse(void **state)
{
	struct rte_mempool *mp = mempool("ppool", 500, 100, 0);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	static char outside[4096];
	char *text;
	void *objs[4], *no[5];
	struct log log;
	size_t len;
	FILE *f;

	assert_ptr_equal(rte_ppool_lookup(mp->name), pool);
	assert_ptr_equal(rte_ppool_to_mempool(pool), mp);
	/* Objects that are no mbufs are not handed out as such. */
	assert_null(rte_ppool_owner_open(pool, "queue"));
	assert_int_equal(rte_errno, ENOTSUP);
	assert_int_equal(rte_mempool_get_bulk(mp, objs, 4), 0);
	rte_mempool_put(mp, objs[1]);
	log_begin(&log);
	rte_mempool_put(mp, objs[1]);
	log_has(&log, "not out", true);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	no[0] = outside;
	no[1] = (char *)objs[0] + 8;
	no[2] = (char *)objs[0] - mp->header_size;
	no[3] = NULL;
	no[4] = (void *)(uintptr_t)-64;
	usleep(200000); /* the rate of such lines is limited */
	rte_mempool_ops_enqueue_bulk(mp, no, 5);
	log_has(&log, "no mbuf of this pool", true);
	log_end(&log);
	assert_int_equal(test_stats(pool).bad_foreign, 5);
	assert_int_equal(rte_mempool_avail_count(mp), 497);
	f = open_memstream(&text, &len);
	rte_mempool_dump(f, mp);
	rte_mempool_audit(mp);
	rte_ppool_dump(f, pool);
	fclose(f);
	assert_non_null(strstr(text, "common_pool_count=497"));
	assert_non_null(strstr(text, "drop-in ppool"));
	free(text);
	objs[1] = objs[3];
	rte_mempool_put_bulk(mp, objs, 3);
	assert_true(rte_mempool_full(mp));
	rte_mempool_free(mp);
	assert_null(rte_ppool_lookup("drop-in ppool"));
}

/* With the mempool's own cache the library sees a second put when the cache is flushed. */
static void
over_put_through_a_cache(void **state)
{
	struct rte_mempool *mp = mempool("ppool", 1000, 100, 32);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct log log;
	void *obj;

	assert_int_equal(rte_mempool_get(mp, &obj), 0);
	log_begin(&log);
	rte_mempool_put(mp, obj);
	rte_mempool_put(mp, obj);
	assert_int_equal(test_stats(pool).bad_over_put, 0);
	rte_mempool_cache_flush(NULL, mp);
	log_end(&log);
	assert_int_equal(test_stats(pool).bad_over_put, 1);
	assert_true(rte_mempool_full(mp));
	rte_mempool_free(mp);
}

/* rte_mempool_free() cannot wait: who still has what is said, and nothing is said of objects
 * in caches.
 */
static void
freed_while_out(void **state)
{
	static const struct {
		unsigned int n, cache, get, put;
	} t[] = {
		{ 200, 0, 0, 0 }, { 200, 0, 7, 0 }, { 200, 0, 7, 7 }, { 200, 0, 200, 0 },
		{ 200, 0, 200, 1 }, { 200, 0, 1, 0 }, { 200, 0, 1, 1 }, { 1, 0, 0, 0 },
		{ 1, 0, 1, 0 }, { 1, 0, 1, 1 }, { 1000, 128, 0, 0 }, { 1000, 128, 60, 50 },
		{ 1000, 128, 600, 600 }, { 1000, 128, 1, 0 }, { 2, 0, 1, 0 }, { 2, 0, 2, 1 },
	};
	char want[64];
	void *objs[600];
	struct log log;

	for (unsigned int i = 0; i < RTE_DIM(t); i++) {
		struct rte_mempool *mp = mempool("ppool", t[i].n, 64, t[i].cache);

		for (unsigned int k = 0; k < t[i].get; k++)
			assert_int_equal(rte_mempool_get(mp, &objs[k]), 0);
		for (unsigned int k = 0; k < t[i].put; k++)
			rte_mempool_put(mp, objs[k]);
		log_begin(&log);
		rte_mempool_free(mp);
		snprintf(want, sizeof(want), "while %u objects are out", t[i].get - t[i].put);
		log_has(&log, want, t[i].get > t[i].put);
		log_has(&log, "objects are out", t[i].get > t[i].put);
		log_has(&log, "lcore 0", t[i].get > t[i].put);
		log_has(&log, "gone with the mempool", t[i].get > t[i].put);
		log_has(&log, "is back", false);
		log_end(&log);
	}
}

/* ---- pools of mbufs */

static void
pool_of_mbufs(void **state)
{
	struct rte_mempool *mp = rte_ppool_pktmbuf_pool_create("inline", 1000, 64, 0, SOCKET_ID_ANY,
			RTE_PPOOL_LAYOUT_INLINE);
	struct rte_ppool *pool = rte_ppool_from_mempool(mp);
	struct rte_ppool_info info;
	struct rte_ppool_owner *o;
	struct rte_ppool_run run;
	struct rte_mbuf *m[100];
	uint32_t page, frag, n;

	assert_non_null(pool);
	assert_ptr_equal(rte_ppool_lookup("inline"), pool);
	assert_ptr_equal(rte_mempool_lookup("inline"), mp);
	assert_true(mp->size >= 1000 && mp->populated_size == mp->size);
	assert_int_equal(rte_mempool_avail_count(mp), mp->size);
	assert_int_equal(rte_ppool_avail_count(pool), mp->size);
	assert_int_equal(rte_pktmbuf_data_room_size(mp), RTE_MBUF_DEFAULT_BUF_SIZE);
	assert_int_equal(rte_pktmbuf_priv_size(mp), 64);
	assert_int_equal(rte_ppool_info_get(pool, &info), 0);
	assert_int_equal(info.layout, RTE_PPOOL_LAYOUT_INLINE);
	assert_int_equal(info.data_room, RTE_MBUF_DEFAULT_BUF_SIZE);
	assert_int_equal(info.min_pages, info.max_pages);
	assert_int_equal(info.nb_pages, info.max_pages);
#ifdef RTE_ARCH_X86
	/* rte_mempool spreads objects over the channels of memory. */
	assert_int_equal(info.mbuf_stride / RTE_CACHE_LINE_SIZE % 2, 1);
#endif
	assert_true(info.memory_bytes > (uint64_t)mp->size * info.mbuf_stride);

	o = rte_ppool_owner_open(pool, "queue");
	assert_non_null(o);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 100), 0);
	for (int i = 0; i < 100; i++) {
		assert_ptr_equal(m[i]->pool, mp);
		assert_ptr_equal(m[i]->buf_addr, (char *)(m[i] + 1) + 64);
		assert_true(m[i]->buf_iova == rte_mempool_virt2iova(m[i]) + sizeof(*m[i]) + 64);
		assert_int_equal(rte_mbuf_refcnt_read(m[i]), 1);
		assert_int_equal(rte_ppool_mbuf_where(pool, m[i], &page, &frag), 0);
		assert_true(page < info.nb_pages && frag < info.frags_per_page);
	}
	assert_int_equal(rte_ppool_mbuf_where(pool, (void *)((char *)m[0] + 64), &page, &frag), -EINVAL);
	assert_int_equal(rte_mempool_avail_count(mp), mp->size - 100 -
		(info.frags_per_page - 100 % info.frags_per_page) % info.frags_per_page);
	assert_int_equal(rte_ppool_put_bulk(pool, m, 100), 100);
	n = rte_ppool_run_alloc(o, 10, &run);
	assert_true(n >= 1 && n <= 10);
	for (uint32_t i = 0; i < n; i++) {
		m[i] = (void *)((char *)run.mbuf + (size_t)i * info.mbuf_stride);
		assert_ptr_equal(m[i]->buf_addr, (char *)run.addr + (size_t)i * info.frag_size);
		assert_true(m[i]->buf_iova == run.iova + (rte_iova_t)i * info.frag_size);
	}
	rte_pktmbuf_free_bulk(m, n);
	assert_null(rte_ppool_owner_open_linear(pool, "linear", 1));
	assert_int_equal(rte_errno, ENOTSUP);
	assert_int_equal(rte_ppool_destroy(pool), -EBUSY);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_in_flight(pool), 0);
	assert_int_equal(rte_mempool_avail_count(mp), mp->size);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_null(rte_mempool_lookup("inline"));
}

/* rte_ppool_destroy() waits for the last object, whoever made the mempool; what it has in
 * caches it does not wait for.
 */
static void
destroy_waits(void **state)
{
	struct rte_ppool_params params = { .max_pages = 3, .socket_id = SOCKET_ID_ANY };
	struct rte_ppool *pool = rte_ppool_create("inline", &params);
	struct rte_mempool *mp;
	struct rte_mbuf *m[3];
	struct log log;
	void *objs[20];

	assert_non_null(pool);
	mp = rte_ppool_to_mempool(pool);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 3), 0);
	log_begin(&log);
	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	log_has(&log, "lcore 0", true);
	log_end(&log);
	assert_null(rte_ppool_lookup("inline"));
	assert_null(rte_pktmbuf_alloc(mp));
	assert_int_equal(rte_ppool_destroy(pool), -EALREADY);
	/* The name is free again. */
	pool = rte_ppool_create("inline", &params);
	assert_non_null(pool);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	rte_pktmbuf_free_bulk(m, 3);

	mp = mempool("ppool", 1000, 64, 32);
	assert_int_equal(rte_mempool_get_bulk(mp, objs, 20), 0);
	rte_mempool_put_bulk(mp, objs, 19);
	assert_int_equal(rte_ppool_destroy(rte_ppool_from_mempool(mp)), -EINPROGRESS);
	rte_mempool_put(mp, objs[19]);
	assert_null(rte_mempool_lookup("drop-in ppool"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_but_what_is_held),
		cmocka_unit_test(as_the_ring),
		cmocka_unit_test(pieces_of_memory),
		cmocka_unit_test(more_memory_than_objects),
		cmocka_unit_test(populate_fails_and_again),
		cmocka_unit_test(misuse),
		cmocka_unit_test(over_put_through_a_cache),
		cmocka_unit_test(freed_while_out),
		cmocka_unit_test(pool_of_mbufs),
		cmocka_unit_test(destroy_waits),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
