/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Telemetry, asked through its socket as DPDK's own client does. */

#include <sys/socket.h>
#include <sys/un.h>

#include <jansson.h>

#include "ppool_test.h"

/* What telemetry says it may send at once. */
#define ANSWER_MAX 16384

static int sock = -1;

static void
connect_telemetry(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = 20 };
	char hello[1024];

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/dpdk_telemetry.v2",
		rte_eal_get_runtime_dir());
	sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_true(sock >= 0);
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_true(recv(sock, hello, sizeof(hello), 0) > 0);
}

/* The answer to a command, without its envelope. The caller owns it. */
static json_t *
ask(const char *request)
{
	static char answer[ANSWER_MAX + 1];
	char cmd[128];
	json_error_t err;
	json_t *root, *body;
	ssize_t n;

	snprintf(cmd, sizeof(cmd), "%s", request);
	cmd[strcspn(cmd, ",")] = '\0';
	assert_true(send(sock, request, strlen(request), 0) == (ssize_t)strlen(request));
	n = recv(sock, answer, ANSWER_MAX, 0);
	assert_true(n > 0);
	answer[n] = '\0';
	root = json_loads(answer, 0, &err);
	if (root == NULL)
		print_message("%s: %s in %s\n", request, err.text, answer);
	assert_non_null(root);
	body = json_object_get(root, cmd);
	assert_non_null(body);
	json_incref(body);
	json_decref(root);
	return body;
}

static json_int_t
number(const json_t *dict, const char *key)
{
	const json_t *v = json_object_get(dict, key);

	if (v == NULL || !json_is_integer(v))
		print_message("no number \"%s\"\n", key);
	assert_non_null(v);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static json_int_t
ask_number(const char *request, const char *key)
{
	json_t *dict = ask(request);
	json_int_t n = number(dict, key);

	json_decref(dict);
	return n;
}

static void
list(void **state)
{
	struct rte_ppool *a, *b;
	json_t *names = ask("/ppool/list");

	assert_true(json_is_array(names));
	assert_int_equal(json_array_size(names), 0);
	json_decref(names);
	a = test_pool("first", 1);
	b = test_pool("second", 1);
	names = ask("/ppool/list");
	assert_int_equal(json_array_size(names), 2);
	assert_string_equal(json_string_value(json_array_get(names, 0)), "first");
	assert_string_equal(json_string_value(json_array_get(names, 1)), "second");
	json_decref(names);
	assert_int_equal(rte_ppool_destroy(a), 0);
	assert_int_equal(rte_ppool_destroy(b), 0);
	names = ask("/ppool/list");
	assert_int_equal(json_array_size(names), 0);
	json_decref(names);
}

static void
info(void **state)
{
	struct rte_ppool *pool = test_pool("state", 3);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[40];
	json_t *d;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 40), 0);
	d = ask("/ppool/info,state");
	assert_string_equal(json_string_value(json_object_get(d, "name")), "state");
	assert_string_equal(json_string_value(json_object_get(d, "layout")), "compact");
	assert_int_equal(number(d, "page_size"), 65536);
	assert_int_equal(number(d, "frag_size"), 2048);
	assert_int_equal(number(d, "frags_per_page"), 32);
	assert_int_equal(number(d, "nb_pages"), 3);
	assert_int_equal(number(d, "min_pages"), 3);
	assert_int_equal(number(d, "max_pages"), 3);
	assert_int_equal(number(d, "socket_id"), SOCKET_ID_ANY);
	assert_int_equal(number(d, "pages_in_flight"), 2);
	assert_int_equal(number(d, "nb_owners"), 1);
	assert_int_equal(number(d, "avail_count"), 3 * 32 - 40);
	assert_in_range(number(d, "memory_bytes"), 3 * 65536, 3 * 65536 + (1 << 20));
	json_decref(d);
	rte_ppool_put_bulk(pool, m, 40);
	rte_ppool_owner_close(o);
	assert_int_equal(ask_number("/ppool/info,state", "nb_owners"), 0);
	assert_int_equal(ask_number("/ppool/info,state", "pages_in_flight"), 0);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* Each field of the statistics, with its value. */
static void
stats(void **state)
{
	struct rte_ppool *pool = test_pool("count", 2);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_ppool_stats s;
	struct rte_mbuf *m[64];
	json_t *d;

	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, 64), 0);
	assert_int_not_equal(rte_ppool_mbuf_alloc_bulk(o, m, 5), 0);
	rte_ppool_put_bulk(pool, m, 64);
	rte_ppool_put_bulk(pool, m, 3);
	s = test_stats(pool);
	d = ask("/ppool/stats,count");
	assert_int_equal(json_object_size(d), sizeof(s) / sizeof(uint64_t));
	assert_int_equal(number(d, "alloc_fast"), s.alloc_fast);
	assert_int_equal(number(d, "alloc_slow"), 2);
	assert_int_equal(number(d, "alloc_fail"), 5);
	assert_int_equal(number(d, "bad_over_put"), 3);
	assert_int_equal(number(d, "recycle_cached"), 2);
	assert_int_equal(number(d, "bad_foreign"), 0);
	json_decref(d);
	rte_ppool_stats_reset(pool);
	assert_int_equal(ask_number("/ppool/stats,count", "bad_over_put"), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

/* At home, open, retired, and the share that is back, followed through the life of pages. */
static void
pages_of(uint32_t frag_size, uint32_t frags)
{
	struct rte_ppool_params p = { .page_size = 65536, .frag_size = frag_size, .min_pages = 4,
		.max_pages = 4, .socket_id = SOCKET_ID_ANY, .layout = RTE_PPOOL_LAYOUT_COMPACT };
	struct rte_ppool *pool = rte_ppool_create("where", &p);
	struct rte_ppool_owner *o = rte_ppool_owner_open(pool, "me");
	struct rte_mbuf *m[512];
	json_t *d = ask("/ppool/pages,where");

	assert_int_equal(number(d, "pages"), 4);
	assert_int_equal(number(d, "at_home"), 4);
	assert_int_equal(number(d, "frags_at_home"), 4 * frags);
	assert_int_equal(number(d, "frags_out"), 0);
	assert_int_equal(number(d, "oldest_us"), 0);
	json_decref(d);

	/* One page used up, 8 fragments of the next. */
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m, frags + 8), 0);
	d = ask("/ppool/pages,where");
	assert_int_equal(number(d, "at_home"), 2);
	assert_int_equal(number(d, "open"), 1);
	assert_int_equal(number(d, "retired"), 1);
	assert_int_equal(number(d, "retired_none_back"), 1);
	assert_int_equal(number(d, "frags_ready"), frags - 8);
	assert_int_equal(number(d, "frags_out"), frags + 8);
	assert_int_equal(number(d, "frags_back_retired"), 0);
	json_decref(d);

	/* One fragment of each is back, then all but one of the first, then all. */
	rte_ppool_put_bulk(pool, &m[0], 1);
	rte_ppool_put_bulk(pool, &m[frags], 1);
	d = ask("/ppool/pages,where");
	assert_int_equal(number(d, "frags_back_retired"), 1);
	assert_int_equal(number(d, "frags_back_open"), 1);
	assert_int_equal(number(d, "retired_up_to_1_8_back"), 1);
	assert_int_equal(number(d, "frags_out"), frags + 6);
	json_decref(d);
	rte_ppool_put_bulk(pool, &m[1], frags - 2);
	d = ask("/ppool/pages,where");
	assert_int_equal(number(d, "frags_back_retired"), frags - 1);
	assert_int_equal(number(d, "retired_up_to_8_8_back"), 1);
	assert_true(number(d, "oldest_us") > 0);
	json_decref(d);
	rte_ppool_put_bulk(pool, &m[frags - 1], 1);
	rte_ppool_put_bulk(pool, &m[frags + 1], 7);
	rte_ppool_owner_close(o);
	d = ask("/ppool/pages,where");
	assert_int_equal(number(d, "at_home"), 4);
	assert_int_equal(number(d, "retired"), 0);
	assert_int_equal(number(d, "frags_out"), 0);
	json_decref(d);
	assert_int_equal(rte_ppool_destroy(pool), 0);
}

static void
pages(void **state)
{
	pages_of(2048, 32);
	pages_of(512, 128);
}

/* Names that are none: telemetry's answer for a refused command is null. */
static void
bad_names(void **state)
{
	static const char *const requests[] = {
		"/ppool/info", "/ppool/info,", "/ppool/info,nobody", "/ppool/info,there,there",
		"/ppool/info,ther", "/ppool/info,therefore", "/ppool/stats", "/ppool/stats,",
		"/ppool/stats,nobody", "/ppool/stats,%s%n", "/ppool/pages", "/ppool/pages,",
		"/ppool/pages,nobody",
		"/ppool/pages,a_name_that_is_longer_than_any_pool_may_have_and_goes_on_and_on",
	};
	struct rte_ppool *pool = test_pool("there", 1);

	for (uint32_t i = 0; i < RTE_DIM(requests); i++) {
		json_t *d = ask(requests[i]);

		if (!json_is_null(d))
			print_message("%s\n", requests[i]);
		assert_true(json_is_null(d));
	}
	assert_int_equal(ask_number("/ppool/info,there", "nb_pages"), 1);
	assert_int_equal(rte_ppool_destroy(pool), 0);
	assert_true(json_is_null(ask("/ppool/info,there")));
}

/* A pool that waits for its last fragment is not found any more, nor is it touched. */
static void
while_destroyed(void **state)
{
	struct rte_ppool *pool = test_pool("going", 1);
	struct rte_mbuf *m = rte_pktmbuf_alloc(rte_ppool_to_mempool(pool));

	assert_int_equal(rte_ppool_destroy(pool), -EINPROGRESS);
	assert_true(json_is_null(ask("/ppool/pages,going")));
	rte_pktmbuf_free(m);
	assert_true(json_is_null(ask("/ppool/pages,going")));
}

/* The list is cut to what one answer holds, and is a list all the same. */
static void
many(void **state)
{
	static struct rte_ppool *pools[600];
	struct rte_ppool_params p = { .page_size = 4096, .min_pages = 0, .max_pages = 1,
		.socket_id = SOCKET_ID_ANY, .layout = RTE_PPOOL_LAYOUT_COMPACT };
	char name[32];
	uint32_t n;
	json_t *names;

	for (n = 0; n < RTE_DIM(pools); n++) {
		snprintf(name, sizeof(name), "a long name of a pool %u", n);
		pools[n] = rte_ppool_create(name, &p);
		if (pools[n] == NULL)
			break;
	}
	assert_true(n > 100);
	names = ask("/ppool/list");
	assert_true(json_is_array(names));
	assert_in_range(json_array_size(names), RTE_MIN(n, 512u), n);
	json_decref(names);
	while (n > 0)
		assert_int_equal(rte_ppool_destroy(pools[--n]), 0);
}

static int
setup(void **state)
{
	char prefix[64], *argv[] = { (char[]) { "test" }, (char[]) { "--no-huge" },
		(char[]) { "--no-shconf" }, (char[]) { "--no-pci" }, (char[]) { "-m" },
		(char[]) { "256" }, (char[]) { "--lcores=0@0" }, prefix };

	snprintf(prefix, sizeof(prefix), "--file-prefix=ppool-telemetry-%d", (int)getpid());
	if (rte_eal_init(RTE_DIM(argv), argv) < 0)
		return -1;
	connect_telemetry();
	return 0;
}

static int
teardown(void **state)
{
	close(sock);
	return rte_eal_cleanup();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list),
		cmocka_unit_test(info),
		cmocka_unit_test(stats),
		cmocka_unit_test(pages),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(while_destroyed),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
