/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Wires: the words of --wire, the FIFO, the generator's frames. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire.h"

static void
test_spec(void **state)
{
	struct sim_wire_conf w;
	char err[SIM_SPEC + 128];

	(void)state;
	assert_true(sim_wire_parse("loop", 0, 2, &w, err, sizeof(err)));
	assert_int_equal(w.kind, SIM_WIRE_LOOP);
	assert_true(sim_wire_parse("gen", 0, 2, &w, err, sizeof(err)));
	assert_int_equal(w.gen_size, 64);
	assert_int_equal(w.gen_flows, 256);
	assert_int_equal(w.gen_count, 0);
	assert_true(sim_wire_parse("gen:size=1518,flows=1,count=7", 0, 2, &w, err, sizeof(err)));
	assert_int_equal(w.gen_size, 1518);
	assert_int_equal(w.gen_flows, 1);
	assert_int_equal(w.gen_count, 7);
	assert_true(sim_wire_parse("pcap:tx=b,rx=a", 0, 2, &w, err, sizeof(err)));
	assert_string_equal(w.rx, "a");
	assert_string_equal(w.tx, "b");
	assert_true(sim_wire_parse("tap:veth0", 0, 2, &w, err, sizeof(err)));
	assert_string_equal(w.ifname, "veth0");
	assert_true(sim_wire_parse("peer:1", 0, 2, &w, err, sizeof(err)));
	assert_int_equal(w.peer, 1);
}

static void
test_spec_refused(void **state)
{
	static const struct {
		const char *spec, *word;
	} bad[] = {
		{ "", "unknown wire" }, { "nosuch", "nosuch" }, { "loop:1", "'1'" }, { "gen:size=63", "size" },
		{ "gen:size=9729", "size" }, { "gen:size", "size" }, { "gen:size=64x", "64x" },
		{ "gen:flows=0", "flows" }, { "gen:flows=65537", "flows" }, { "gen:count=0", "count" },
		{ "gen:count=-1", "-1" }, { "gen:colour=red", "colour" },
		{ "gen:size=9728,flows=65536", "MiB" }, { "pcap", "rx=FILE" }, { "pcap:rx=", "rx" },
		{ "pcap:rx=a,rx=b", "one" }, { "pcap:in=a", "in" }, { "tap", "tap" }, { "tap:", "tap" },
		{ "tap:a/b", "a/b" }, { "tap:sixteenletters16", "15" }, { "peer:0", "own" },
		{ "peer:2", "peer" }, { "peer:x", "peer" }, { "peer", "peer" },
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sim_wire_conf w;
		char err[SIM_SPEC + 128] = "";

		assert_false(sim_wire_parse(bad[i].spec, 0, 2, &w, err, sizeof(err)));
		assert_non_null(strstr(err, bad[i].word));
	}
}

static void
test_fifo_order(void **state)
{
	struct sim_fifo f;
	uint64_t seed = 3;
	uint32_t in = 0, out = 0;
	uint8_t buf[2048];

	(void)state;
	assert_true(sim_fifo_init(&f, 64, 16384));
	for (unsigned int step = 0; step < 200000; step++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		if (seed >> 63) {
			uint32_t len = 4 + (uint32_t)(seed >> 40) % 1500;

			memset(buf, (int)in, sizeof(buf));
			memcpy(buf, &in, 4);
			if (sim_fifo_put(&f, buf, len))
				in++;
			else
				assert_true(f.nb > 4); /* refused only when it is rather full */
		} else {
			struct sim_frame fr[8];
			unsigned int n = sim_fifo_peek(&f, fr, 8);

			for (unsigned int i = 0; i < n; i++) {
				uint32_t num;

				memcpy(&num, fr[i].data, 4);
				assert_int_equal(num, out + i);
				if (fr[i].len > 4)
					assert_int_equal(fr[i].data[fr[i].len - 1], (uint8_t)num);
			}
			n = n ? (unsigned int)(seed >> 50) % (n + 1) : 0;
			sim_fifo_drop(&f, n);
			out += n;
		}
		assert_int_equal(f.nb, in - out);
	}
	assert_true(out > 50000);
	sim_fifo_fini(&f);
}

static void
test_fifo_full(void **state)
{
	struct sim_fifo f;
	struct sim_frame fr[4];

	(void)state;
	assert_true(sim_fifo_init(&f, 4, 1024));
	for (unsigned int i = 0; i < 4; i++)
		assert_true(sim_fifo_put(&f, "frame", 5));
	assert_false(sim_fifo_put(&f, "frame", 5)); /* slots */
	assert_int_equal(sim_fifo_peek(&f, fr, 4), 4);
	sim_fifo_drop(&f, 4);
	assert_non_null(sim_fifo_room(&f, 1024));
	assert_null(sim_fifo_room(&f, 1025)); /* bytes */
	sim_fifo_fini(&f);
}

static uint16_t
sum(const uint8_t *p, uint32_t len, uint32_t s)
{
	for (uint32_t i = 0; i + 1 < len; i += 2)
		s += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		s += (uint32_t)p[len - 1] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

static void
test_gen_frames(void **state)
{
	static const uint8_t mac[6] = { 2, 0x18, 0x2d, 0x7d, 0, 1 };
	const uint32_t sizes[] = { 64, 65, 1518, 9728 };

	(void)state;
	for (unsigned int s = 0; s < 4; s++) {
		struct sim_wire_conf c = { .gen_size = sizes[s], .gen_flows = 300 };
		struct sim_frame f[256];
		struct sim_gen g;

		assert_true(sim_gen_init(&g, &c, mac));
		for (unsigned int turn = 0; turn < 3; turn++) {
			assert_int_equal(sim_gen_peek(&g, f, 256), 256);
			for (unsigned int i = 0; i < 256; i++) {
				const uint8_t *ip = f[i].data + 14;
				unsigned int flow = (turn * 256 + i) % 300;

				assert_int_equal(f[i].len, sizes[s] - 4);
				assert_memory_equal(f[i].data, mac, 6);
				assert_int_equal(ip[14] << 8 | ip[15], flow);
				assert_int_equal(sum(ip, 20, 0), 0xffff);
				assert_int_equal(ip[2] << 8 | ip[3], f[i].len - 14);
				assert_int_equal(sum(ip + 20, f[i].len - 34,
					sum(ip + 12, 8, 17 + f[i].len - 34)), 0xffff);
				assert_int_equal(f[i].memo[0] | f[i].memo[7], 0);
			}
			sim_gen_done(&g, 256);
		}
		sim_gen_fini(&g);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_spec_refused),
		cmocka_unit_test(test_fifo_order),
		cmocka_unit_test(test_fifo_full),
		cmocka_unit_test(test_gen_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
