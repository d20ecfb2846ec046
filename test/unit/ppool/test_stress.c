/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Everything at once, at random: owners of two lcores and the mempool's doors hand out single
 * fragments, runs and linear mbufs of one pool; two more threads, unknown to the EAL, hold them
 * for a while and give them back, whole or in parts; owners are closed and opened; memory is
 * refused at times; pools are destroyed with fragments out. Each fragment carries a stamp, in
 * its data and beside it: what was handed out twice, or lost, or written by somebody else shows.
 *
 * usage: test_ppool_stress [--seconds N] [--seed S]
 * Without --seconds: PPOOL_STRESS_SECONDS of the environment, or 20.
 */

#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_malloc.h>

#include "ppool_test.h"

#define RING 512u
#define HOLD 256u
#define BURST 40u
#define PRIV 16u

/* What one thread holds and may give away: mbufs, each with its own fragment or a linear run, or
 * bare runs.
 */
struct item {
	struct rte_mbuf *m;        /* of the first fragment */
	uint8_t *addr;
	uint64_t serial;
	uint32_t n;                /* fragments */
	bool bare;                 /* a run without an mbuf */
};

/* One producer, one consumer. */
struct ring {
	uint32_t head __rte_cache_aligned;
	uint32_t tail __rte_cache_aligned;
	struct item slot[RING];
};

struct worker {
	unsigned int id;
	uint64_t rng;
	uint64_t serial;
	struct rte_ppool_owner *owner;
	bool linear;
	struct item held[HOLD];
	uint32_t nb_held;
	uint64_t allocated, refused;
};

static const struct {
	uint32_t page, frag;
} shapes[] = {
	{ 65536, 2048 }, { 65536, 2048 }, { 65536, 512 }, { 4096, 2048 }, { 65536, 1024 },
	{ 262144, 4160 }, { 131072, 2048 }, { 65536, 65536 }, { 65536, 1024 + 64 },
};

static uint64_t seed;
static unsigned int round_nb;

/* Of this round. */
static struct rte_ppool *pool;
static struct rte_mempool *mp;
static uint32_t frag_size, frag_step, frags_per_page, page_size;
static bool compact;
static uint64_t foreign;
static int stop, drain, inject;
/* ThreadSanitizer does not see into the EAL: lcores meet here. */
static int go, done;
static struct ring rings[2][2];    /* from allocator to freer */
static struct worker workers[4];   /* two allocate, two free */

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			failed(#cond, __LINE__); \
	} while (0)

static void
failed(const char *what, int line)
{
	fprintf(stderr, "line %d: %s, in round %u of --seed %" PRIu64 "\n", line, what, round_nb,
		seed);
	if (pool != NULL)
		rte_ppool_dump(stderr, pool);
	fflush(NULL);
	_exit(1);
}

static uint64_t
rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static uint32_t
below(struct worker *w, uint32_t n)
{
	return (uint32_t)((rnd(&w->rng) >> 16) % n);
}

static bool
is_set(const int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE) != 0;
}

static void
set(int *flag, int value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

/* ---- memory is refused */

static __thread uint64_t refuse_rng;
static __thread uint32_t refused_here;

static bool
refuse(void)
{
	if (!is_set(&inject))
		return false;
	if (refuse_rng == 0)
		refuse_rng = seed ^ (uintptr_t)&refuse_rng;
	if ((rnd(&refuse_rng) >> 20 & 1) == 0)
		return false;
	refused_here++;
	return true;
}

/* ThreadSanitizer sees that the heap clears memory, but not the heap's lock: here is one that it
 * does see.
 */
static pthread_mutex_t heap_lock = PTHREAD_MUTEX_INITIALIZER;

void *__real_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__wrap_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__real_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__real_rte_zmalloc(const char *type, size_t size, unsigned int align);
void *__wrap_rte_zmalloc(const char *type, size_t size, unsigned int align);
void __real_rte_free(void *ptr);
void __wrap_rte_free(void *ptr);

void *
__wrap_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	void *p;

	if (refuse())
		return NULL;
	pthread_mutex_lock(&heap_lock);
	p = __real_rte_malloc_socket(type, size, align, socket);
	pthread_mutex_unlock(&heap_lock);
	return p;
}

void *
__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	void *p;

	if (refuse())
		return NULL;
	pthread_mutex_lock(&heap_lock);
	p = __real_rte_zmalloc_socket(type, size, align, socket);
	pthread_mutex_unlock(&heap_lock);
	return p;
}

/* Records of debug builds: never refused, they would only be missing. */
void *
__wrap_rte_zmalloc(const char *type, size_t size, unsigned int align)
{
	void *p;

	pthread_mutex_lock(&heap_lock);
	p = __real_rte_zmalloc(type, size, align);
	pthread_mutex_unlock(&heap_lock);
	return p;
}

void
__wrap_rte_free(void *ptr)
{
	pthread_mutex_lock(&heap_lock);
	__real_rte_free(ptr);
	pthread_mutex_unlock(&heap_lock);
}

/* ---- stamps */

static uint64_t *
stamp_beside(struct rte_mbuf *m)
{
	return rte_mbuf_to_priv(m);
}

static void
stamp_set(struct item *it, uint32_t i)
{
	struct rte_mbuf *m = RTE_PTR_ADD(it->m, (size_t)i * frag_step);
	uint64_t *data = (uint64_t *)(it->addr + (size_t)i * frag_size);

	/* Nobody else has it. */
	CHECK(__atomic_exchange_n(stamp_beside(m), it->serial, __ATOMIC_RELAXED) == 0);
	data[0] = it->serial;
	data[1] = (uintptr_t)m;
	data[frag_size / 8 - 1] = ~it->serial;
}

static void
stamp_clear(struct item *it, uint32_t i)
{
	struct rte_mbuf *m = RTE_PTR_ADD(it->m, (size_t)i * frag_step);
	const uint64_t *data = (uint64_t *)(it->addr + (size_t)i * frag_size);

	CHECK(data[0] == it->serial);
	CHECK(data[1] == (uintptr_t)m);
	CHECK(data[frag_size / 8 - 1] == ~it->serial);
	CHECK(__atomic_exchange_n(stamp_beside(m), 0, __ATOMIC_RELAXED) == it->serial);
}

/* ---- giving back */

static void
item_clear(struct item *it)
{
	for (uint32_t i = 0; i < it->n; i++)
		stamp_clear(it, i);
}

static void
bare_free(struct worker *w, struct item *it)
{
	struct rte_ppool_run part = { .mbuf = it->m, .n = it->n };
	struct rte_mbuf *m[64];
	uint32_t cut, n;

	if (it->n <= RTE_DIM(m) && below(w, 3) == 0) {
		for (n = 0; n < it->n; n++)
			m[n] = RTE_PTR_ADD(it->m, (size_t)n * frag_step);
		CHECK(rte_ppool_put_bulk(pool, m, n) == n);
		return;
	}
	cut = below(w, it->n + 1);
	part.n = it->n - cut;
	part.mbuf = RTE_PTR_ADD(it->m, (size_t)cut * frag_step);
	CHECK(rte_ppool_run_free(pool, &part) == part.n);
	/* The pool may be gone with the last of them. */
	if (cut == 0)
		return;
	part.n = cut;
	part.mbuf = it->m;
	CHECK(rte_ppool_run_free(pool, &part) == part.n);
}

/* Some of what is held, from anywhere among it. */
static void
give_back(struct worker *w, uint32_t most)
{
	struct rte_mbuf *m[BURST];
	uint32_t n = 0, at;
	struct item it;

	most = RTE_MIN(most, BURST);
	while (w->nb_held > 0 && most-- > 0) {
		at = below(w, w->nb_held);
		it = w->held[at];
		w->held[at] = w->held[--w->nb_held];
		item_clear(&it);
		if (it.bare)
			bare_free(w, &it);
		else
			m[n++] = it.m;
	}
	if (n == 0)
		return;
	if (below(w, 2) == 0)
		rte_pktmbuf_free_bulk(m, n);
	else
		CHECK(rte_ppool_put_bulk(pool, m, n) >= n);
}

/* ---- from hand to hand */

static bool
ring_push(struct ring *r, const struct item *it)
{
	uint32_t head = __atomic_load_n(&r->head, __ATOMIC_RELAXED);

	if (head - __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) == RING)
		return false;
	r->slot[head % RING] = *it;
	__atomic_store_n(&r->head, head + 1, __ATOMIC_RELEASE);
	return true;
}

static bool
ring_pop(struct ring *r, struct item *it)
{
	uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_RELAXED);

	if (tail == __atomic_load_n(&r->head, __ATOMIC_ACQUIRE))
		return false;
	*it = r->slot[tail % RING];
	__atomic_store_n(&r->tail, tail + 1, __ATOMIC_RELEASE);
	return true;
}

static void
hold(struct worker *w, const struct item *it)
{
	while (w->nb_held == HOLD)
		give_back(w, 1 + below(w, BURST));
	w->held[w->nb_held++] = *it;
}

/* A new item: stamped, and kept or sent to somebody. */
static void
received(struct worker *w, struct rte_mbuf *m, void *addr, uint32_t n, bool bare)
{
	struct item it = { .m = m, .addr = addr, .n = n, .bare = bare };
	uint32_t to = below(w, 4);

	it.serial = ++w->serial << 2 | w->id;
	for (uint32_t i = 0; i < n; i++)
		stamp_set(&it, i);
	w->allocated += n;
	if (to < 2 && ring_push(&rings[w->id][to], &it))
		return;
	hold(w, &it);
}

static void
received_mbufs(struct worker *w, struct rte_mbuf **m, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		received(w, m[i], m[i]->buf_addr, 1, false);
}

/* ---- taking */

static void
take_run(struct worker *w)
{
	struct rte_ppool_run run;
	struct rte_mbuf *m;

	if (rte_ppool_run_alloc(w->owner, 1 + below(w, 70), &run) == 0) {
		w->refused++;
		return;
	}
	if (below(w, 2) == 0) {
		received(w, run.mbuf, run.addr, run.n, true);
		return;
	}
	for (uint32_t i = 0; i < run.n; i++) {
		m = RTE_PTR_ADD(run.mbuf, (size_t)i * frag_step);
		received(w, m, m->buf_addr, 1, false);
	}
}

static void
take_size(struct worker *w)
{
	struct rte_ppool_run run;

	if (rte_ppool_frag_alloc(w->owner, 1 + below(w, page_size), &run) > 0)
		received(w, run.mbuf, run.addr, run.n, true);
	else
		w->refused++;
}

/* One mbuf of several fragments; sometimes its end is given back at once. */
static void
take_linear(struct worker *w)
{
	uint32_t size = 1 + below(w, RTE_MIN(page_size, 60000u)), k = (size - 1) / frag_size + 1, keep;
	struct rte_mbuf *m = rte_ppool_mbuf_alloc_linear(w->owner, size);

	if (m == NULL) {
		w->refused++;
		return;
	}
	CHECK(m->buf_len >= RTE_MIN(size, 65535u));
	if (k > 1 && below(w, 3) == 0) {
		keep = 1 + below(w, k);
		m->data_len = keep * frag_size - m->data_off;
		m->pkt_len = m->data_len;
		CHECK(rte_ppool_run_trim(m) == k - keep);
		k = keep;
	}
	received(w, m, m->buf_addr, k, false);
}

static void
take_bulk(struct worker *w, bool door)
{
	struct rte_mbuf *m[BURST];
	uint32_t n = 1 + below(w, BURST);
	int ret = door ? rte_pktmbuf_alloc_bulk(mp, m, n) :
		rte_ppool_mbuf_alloc_bulk(w->owner, m, n);

	if (ret != 0) {
		w->refused++;
		return;
	}
	received_mbufs(w, m, n);
}

static void
owner_close(struct worker *w)
{
	rte_ppool_owner_close(w->owner);
	w->owner = NULL;
}

static void
owner_open(struct worker *w)
{
	uint32_t before = refused_here;
	char name[32];

	snprintf(name, sizeof(name), "worker %u", w->id);
	w->linear = compact && frags_per_page > 1 && below(w, 4) == 0;
	w->owner = w->linear ? rte_ppool_owner_open_linear(pool, name, 1) :
		rte_ppool_owner_open(pool, name);
	/* Whether it is set by now says nothing: another thread sets it. */
	if (w->owner == NULL)
		CHECK(refused_here != before);
}

static void
put_foreign(struct worker *w)
{
	struct rte_mbuf on_stack, *bad = below(w, 2) == 0 ? &on_stack :
		(struct rte_mbuf *)(uintptr_t)rnd(&w->rng);

	CHECK(rte_ppool_put_bulk(pool, &bad, 1) == 0);
	__atomic_fetch_add(&foreign, 1, __ATOMIC_RELAXED);
}

static void
take(struct worker *w)
{
	uint32_t what = below(w, 40);

	/* Chunks that are idle go, and come back. */
	if (below(w, 1000) == 0)
		rte_ppool_maintain(pool);
	if (!compact || what < 8) {
		take_bulk(w, true);
	} else if (w->owner == NULL) {
		owner_open(w);
	} else if (what < 18) {
		take_bulk(w, false);
	} else if (what < 28) {
		take_run(w);
	} else if (what < 33) {
		take_size(w);
	} else if (what < 38) {
		take_linear(w);
	} else if (what == 38) {
		owner_close(w);
	} else {
		put_foreign(w);
	}
}

/* ---- threads */

static int
allocate(void *arg)
{
	struct worker *w = arg;

	CHECK(is_set(&go));
	while (!is_set(&stop)) {
		take(w);
		if (below(w, 3) == 0)
			give_back(w, below(w, BURST));
		if (below(w, 64) == 0)
			sched_yield();
	}
	if (w->owner != NULL)
		owner_close(w);
	set(&done, 1);
	return 0;
}

static void *
hold_and_free(void *arg)
{
	struct worker *w = arg;
	uint32_t me = w->id - 2, i, n;
	struct item it;
	bool last;

	do {
		last = is_set(&drain);
		n = 0;
		for (i = 0; i < 2; i++) {
			while (n < 64 && ring_pop(&rings[i][me], &it)) {
				hold(w, &it);
				n++;
			}
		}
		if (last && n == 0)
			give_back(w, BURST);
		else if (below(w, 2) == 0)
			give_back(w, below(w, BURST));
		if (n == 0)
			sched_yield();
	} while (!last || n > 0 || w->nb_held > 0);
	return NULL;
}

/* ---- rounds */

static struct rte_ppool *
make_compact(struct worker *w)
{
	uint32_t s = below(w, RTE_DIM(shapes));
	struct rte_ppool_params p = {
		.page_size = shapes[s].page,
		.frag_size = shapes[s].frag,
		.max_pages = 4 + below(w, RTE_MAX(8u, (8u << 20) / shapes[s].page)),
		.socket_id = SOCKET_ID_ANY,
		.priv_size = PRIV,
		.cache_pages = 1 + below(w, 20),
		.layout = RTE_PPOOL_LAYOUT_COMPACT,
	};

	p.min_pages = below(w, p.max_pages + 1);
	return rte_ppool_create("stress", &p);
}

static struct rte_ppool *
make_inline(struct worker *w)
{
	return rte_ppool_from_mempool(rte_ppool_pktmbuf_pool_create("stress",
		64 + below(w, 2000), PRIV, 0, SOCKET_ID_ANY, RTE_PPOOL_LAYOUT_INLINE));
}

static void
begin(struct worker *w)
{
	struct rte_ppool_info info;

	set(&inject, below(w, 2));
	pool = NULL;
	for (int i = 0; i < 20 && pool == NULL; i++)
		pool = below(w, 5) == 0 ? make_inline(w) : make_compact(w);
	set(&inject, 0);
	if (pool == NULL)
		pool = make_compact(w);
	CHECK(pool != NULL);
	CHECK(rte_ppool_info_get(pool, &info) == 0);
	mp = rte_ppool_to_mempool(pool);
	compact = info.layout == RTE_PPOOL_LAYOUT_COMPACT;
	frag_size = compact ? info.frag_size : info.data_room;
	page_size = info.page_size;
	frags_per_page = info.frags_per_page;
	frag_step = info.mbuf_stride;
	foreign = 0;
	set(&stop, 0);
	set(&done, 0);
	set(&drain, 0);
	set(&inject, below(w, 2));
}

/* All is back: nothing is missing, nothing there twice. */
static void
check_home(void)
{
	struct rte_ppool_stats stats = test_stats(pool);
	struct rte_ppool_info info;

	CHECK(rte_ppool_info_get(pool, &info) == 0);
	CHECK(rte_ppool_in_flight(pool) == 0);
	CHECK(info.pages_in_flight == 0);
	CHECK(stats.bad_over_put == 0);
	CHECK(stats.bad_mbuf == 0);
	CHECK(stats.bad_foreign == foreign);
}

/* So says the pool itself. (Not while an lcore has a part of a page of a linear owner: what lies
 * behind a fragment that it has not handed out yet is not counted there.)
 */
static void
check_whole(void)
{
	struct rte_ppool_info info;

	check_home();
	CHECK(rte_ppool_info_get(pool, &info) == 0);
	if (compact)
		CHECK(rte_ppool_avail_count(pool) == (uint64_t)info.nb_pages * frags_per_page);
	else
		CHECK(rte_ppool_avail_count(pool) == mp->size);
	CHECK(rte_mempool_avail_count(mp) == mp->size);
}

/* Everything can be had again, once. All at a time: one by one, what an lcore has left of a linear
 * page would be split from what lies before it.
 */
static void
take_everything(void)
{
	uint32_t n = mp->size, i;
	struct rte_mbuf **m = calloc(n, sizeof(*m));
	struct item it;

	CHECK(m != NULL);
	CHECK(rte_mempool_get_bulk(mp, (void **)m, n) == 0);
	for (i = 0; i < n; i++) {
		it = (struct item) { .m = m[i], .addr = m[i]->buf_addr, .n = 1, .serial = i + 1 };
		stamp_set(&it, 0);
	}
	CHECK(rte_mempool_get(mp, (void **)&it.m) != 0);
	for (i = 0; i < n; i++) {
		it = (struct item) { .m = m[i], .addr = m[i]->buf_addr, .n = 1, .serial = i + 1 };
		stamp_clear(&it, 0);
	}
	rte_mempool_put_bulk(mp, (void **)m, n);
	free(m);
}

static uint64_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats s;
	uint64_t sum = 0;

	for (int i = 0; i < RTE_MAX_NUMA_NODES; i++)
		if (rte_malloc_get_socket_stats(i, &s) == 0)
			sum += s.heap_allocsz_bytes;
	return sum;
}

static void
one_round(void)
{
	struct worker *w = &workers[0];
	uint64_t end = rte_rdtsc() + (50 + below(w, 400)) * rte_get_tsc_hz() / 1000;
	bool with_frags_out = below(w, 2) == 0;
	pthread_t freers[2];
	int ret;

	begin(w);
	for (int i = 0; i < 2; i++)
		CHECK(pthread_create(&freers[i], NULL, hold_and_free, &workers[2 + i]) == 0);
	set(&go, 1);
	CHECK(rte_eal_remote_launch(allocate, &workers[1], 1) == 0);
	while (rte_rdtsc() < end) {
		take(w);
		if (below(w, 3) == 0)
			give_back(w, below(w, BURST));
		if (below(w, 200) == 0)
			set(&inject, below(w, 2));
	}
	set(&stop, 1);
	set(&inject, 0);
	if (w->owner != NULL)
		owner_close(w);
	CHECK(rte_eal_wait_lcore(1) == 0);
	CHECK(is_set(&done));
	if (with_frags_out) {
		ret = rte_ppool_destroy(pool);
		CHECK(ret == 0 || ret == -EINPROGRESS);
		CHECK(ret != 0 || w->nb_held + workers[1].nb_held == 0);
	}
	set(&drain, 1);
	for (int i = 0; i < 2; i++)
		while (workers[i].nb_held > 0)
			give_back(&workers[i], BURST);
	for (int i = 0; i < 2; i++)
		CHECK(pthread_join(freers[i], NULL) == 0);
	if (with_frags_out)
		return;
	check_home();
	/* After memory was refused the pool does not ask for a tenth of a second. */
	rte_delay_us_sleep(150000);
	take_everything();
	check_whole();
	CHECK(rte_ppool_destroy(pool) == 0);
}

static uint32_t
options(int argc, char **argv)
{
	static const struct option opts[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'S' },
		{ NULL, 0, NULL, 0 },
	};
	const char *env = getenv("PPOOL_STRESS_SECONDS");
	uint32_t seconds = env != NULL ? strtoul(env, NULL, 0) : 20;
	int c;

	seed = time(NULL);
	while ((c = getopt_long(argc, argv, "", opts, NULL)) != -1) {
		if (c == 's') {
			seconds = strtoul(optarg, NULL, 0);
		} else if (c == 'S') {
			seed = strtoull(optarg, NULL, 0);
		} else {
			fprintf(stderr, "usage: %s [--seconds N] [--seed S]\n", argv[0]);
			exit(2);
		}
	}
	return seconds;
}

int
main(int argc, char **argv)
{
	uint32_t seconds = options(argc, argv);
	uint64_t end, heap, sum = 0, refused = 0;

	printf("--seed %" PRIu64 ", %u s\n", seed, seconds);
	fflush(stdout);
	if (test_eal("256") != 0)
		return 1;
	rte_log_set_level_pattern("lib.ppool", RTE_LOG_CRIT);
	for (uint32_t i = 0; i < RTE_DIM(workers); i++) {
		workers[i].id = i;
		workers[i].rng = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	}
	/* What the library keeps for good it takes with the first pool. */
	CHECK(rte_ppool_destroy(test_pool("first", 1)) == 0);
	heap = heap_in_use();
	end = rte_rdtsc() + seconds * rte_get_tsc_hz();
	do {
		round_nb++;
		one_round();
		pool = NULL;
		/* The memory of all pools is back, too. */
		CHECK(heap_in_use() == heap);
	} while (rte_rdtsc() < end);
	for (uint32_t i = 0; i < 2; i++) {
		sum += workers[i].allocated;
		refused += workers[i].refused;
	}
	printf("%u rounds, %" PRIu64 " fragments, %" PRIu64 " refused: none lost, none twice\n",
		round_nb, sum, refused);
	return rte_eal_cleanup() == 0 ? 0 : 1;
}
