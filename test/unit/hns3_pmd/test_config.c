/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What the driver computes before it tells the firmware: packet buffer, shapers, RSS. */

#include "hns3_test.h"

#include "hns3_dev.h"

#define TOTAL 0x108000u
#define TX    0x4000u
#define DV    0xa000u
#define FRAME 1526u

static void
buf_without_dcb(void **state)
{
	struct hns3_buf_plan p;
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(hns3_buf_compute(&p, TOTAL, TX, DV, FRAME, 1, false), 0);
	assert_int_equal(p.tx[0], 0x4000);
	assert_int_equal(p.shared, 0x104000);
	assert_int_equal(p.shared_high >> 7, 0x34);
	assert_int_equal(p.shared_low >> 7, 0x0c);
	for (i = 0; i < HNS3_TC_MAX; i++) {
		assert_int_equal(p.priv[i].size, 0);
		if (i > 0)
			assert_int_equal(p.tx[i], 0);
	}
}

static void
buf_with_dcb(void **state)
{
	struct hns3_buf_plan p;

	RTE_SET_USED(state);
	assert_int_equal(hns3_buf_compute(&p, TOTAL, TX, DV, FRAME, 1, true), 0);
	assert_int_equal(p.priv[0].size, 0xea000);
	assert_int_equal(p.priv[0].size >> 7, 0x1d40);
	assert_int_equal(p.priv[0].high >> 7, 0x1c00);
	assert_int_equal(p.priv[0].low >> 7, 0x1bd0);
	assert_int_equal(p.shared, 0);
	assert_int_equal(p.shared_high, 0);
	assert_int_equal(p.shared_low, 0);
	assert_int_equal(p.thrd_high, 0);
	assert_int_equal(p.priv[1].size, 0);
}

/* The second and later ways: private buffers shrink, and go, before the port is refused. */
static void
buf_gets_scarce(void **state)
{
	struct hns3_buf_plan p;
	uint32_t total, m = 9728;
	int last = 0, ret;

	RTE_SET_USED(state);
	for (total = TOTAL; total > 0x4000; total -= 0x400) {
		uint64_t sum = 0;
		unsigned int i;

		ret = hns3_buf_compute(&p, total, TX, DV, m, 4, true);
		assert_true(ret == 0 || ret == -ENOMEM);
		/* Once it is too small, less does not help. */
		assert_false(last != 0 && ret == 0);
		last = ret;
		if (ret != 0)
			continue;
		for (i = 0; i < HNS3_TC_MAX; i++) {
			sum += p.tx[i] + p.priv[i].size;
			assert_true(p.priv[i].high <= p.priv[i].size);
			assert_true(p.priv[i].low <= p.priv[i].high);
		}
		assert_true(sum + p.shared <= total);
		assert_true(p.shared_low <= p.shared_high);
	}
	assert_int_equal(last, -ENOMEM);
}

static void
buf_refuses(void **state)
{
	struct hns3_buf_plan p;

	RTE_SET_USED(state);
	assert_int_equal(hns3_buf_compute(&p, 0, TX, DV, FRAME, 1, false), -ENOMEM);
	assert_int_equal(hns3_buf_compute(&p, TX, TX, DV, FRAME, 1, false), -ENOMEM);
	assert_int_equal(hns3_buf_compute(&p, TOTAL, TX, DV, FRAME, 0, false), -ENOMEM);
	assert_int_equal(hns3_buf_compute(&p, TOTAL, TX, DV, FRAME, 9, false), -ENOMEM);
	assert_int_equal(hns3_buf_compute(&p, TOTAL, UINT32_MAX / 2, DV, FRAME, 8, true), -ENOMEM);
	/* The largest that a firmware can report does not overflow. */
	assert_int_equal(hns3_buf_compute(&p, 0xffff * 128, 0x7fff80, 0x7fff80, 9728, 1, true),
		-ENOMEM);
	assert_int_equal(hns3_buf_compute(&p, 0xffff * 128, TX, 0x7fff80, 9728, 1, false), -ENOMEM);
}

static void
shaper_words(void **state)
{
	static const struct {
		uint32_t mbps;
		enum hns3_tm_level level;
		uint32_t max, word;
	} known[] = {
		{ 10000, HNS3_TM_PORT, 100000, 0x028520f0 },
		{ 25000, HNS3_TM_PORT, 100000, 0x02850096 },
		{ 100000, HNS3_TM_PORT, 100000, 0x02850296 },
		{ 100000, HNS3_TM_PG, 100000, 0x02850496 },
		{ 100000, HNS3_TM_PRI, 100000, 0x02850796 },
		{ 200000, HNS3_TM_PRI, 200000, 0x02850896 },
	};
	uint32_t word, i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(known); i++) {
		assert_int_equal(hns3_tm_shaper_word(known[i].mbps, known[i].level, known[i].max,
			&word), 0);
		assert_int_equal(word, known[i].word);
	}
	assert_int_equal(hns3_tm_shaper_word(100001, HNS3_TM_PORT, 100000, &word), -EINVAL);
	assert_int_equal(hns3_tm_shaper_word(0, HNS3_TM_PORT, 100000, &word), -EINVAL);
}

/* Every rate comes back from its word within what 8 bits can tell. */
static void
shaper_all_rates(void **state)
{
	static const uint32_t ticks[] = {
		[HNS3_TM_PRI] = 1536, [HNS3_TM_PG] = 192, [HNS3_TM_PORT] = 48,
	};
	uint32_t level, rate, w;
	double got;

	RTE_SET_USED(state);
	for (level = HNS3_TM_PRI; level <= HNS3_TM_PORT; level++)
		for (rate = 1; rate <= 200000; rate += rate < 2000 ? 1 : 97) {
			assert_int_equal(hns3_tm_shaper_word(rate, level, 200000, &w), 0);
			if (w == 0)
				continue; /* too slow to be expressed */
			got = (double)(w & 0xff) * (1u << (w >> 8 & 0xf)) * 8000 /
				((double)ticks[level] * (1u << (w >> 12 & 0xf)));
			assert_true(got > rate * 0.97 - 1 && got < rate * 1.03 + 1);
		}
}

static void
speed_codes(void **state)
{
	RTE_SET_USED(state);
	assert_int_equal(hns3_speed_code(1000), 0);
	assert_int_equal(hns3_speed_code(25000), 2);
	assert_int_equal(hns3_speed_code(100000), 5);
	assert_int_equal(hns3_speed_code(200000), 8);
	assert_true(hns3_speed_code(0) < 0);
	assert_true(hns3_speed_code(12345) < 0);
}

static void
rss_tuples(void **state)
{
	RTE_SET_USED(state);
	assert_true(hns3_rss_tuples(0) == 0);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV4_TCP) == 0xf);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV4_UDP) == 0xf00);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV4_SCTP) == 0xf0000);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV4_OTHER) == 0x3000000);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_FRAG_IPV4) == 0xc000000);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV6_TCP) == 0xfull << 32);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV6_UDP) == 0xfull << 40);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV6_OTHER) == 3ull << 56);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_FRAG_IPV6) == 3ull << 58);
	/* IPv4 is all of IPv4, by address where the ports were not asked for. */
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_IPV4) == 0x30c0c0c);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP) == 0x30c0f0c);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_L3_SRC_ONLY) == 0x8);
	assert_true(hns3_rss_tuples(RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_L4_DST_ONLY) == 0x1);
	/* What is offered is what has an effect. */
	assert_true(hns3_rss_tuples(hns3_rss_supported() & RTE_ETH_RSS_NONFRAG_IPV6_SCTP) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_without_dcb), cmocka_unit_test(buf_with_dcb),
		cmocka_unit_test(buf_gets_scarce), cmocka_unit_test(buf_refuses),
		cmocka_unit_test(shaper_words), cmocka_unit_test(shaper_all_rates),
		cmocka_unit_test(speed_codes), cmocka_unit_test(rss_tuples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
