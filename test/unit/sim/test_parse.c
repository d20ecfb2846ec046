/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What the parser says about frames, good, bad and cut off. */

#include <stdlib.h>

#include "fake_data.h"

static struct sim_pkt
parse(const struct fake_pkt *p)
{
	struct sim_pkt pkt;

	sim_parse(p->data, p->len, &pkt);
	return pkt;
}

static void
test_plain(void **state)
{
	static const struct {
		bool six;
		uint8_t proto, l3, l4;
		bool l3l4p;
	} c[] = {{false, 17, 0, 0, true}, {false, 6, 0, 1, true}, {false, 132, 0, 3, true},
		{false, 1, 0, 5, false}, {false, 2, 0, 4, false}, {false, 99, 0, 15, false},
		{true, 17, 1, 0, true}, {true, 6, 1, 1, true}, {true, 132, 1, 3, true},
		{true, 58, 1, 5, false}, {true, 1, 1, 15, false}, {false, 58, 0, 15, false}};
	struct fake_pkt p;

	(void)state;
	for (unsigned int i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		for (unsigned int tags = 0; tags < 3; tags++) {
			struct sim_pkt k;

			fake_build(&p, c[i].six, c[i].proto, tags, 33);
			k = parse(&p);
			assert_int_equal(k.l3id, c[i].l3);
			assert_int_equal(k.l4id, c[i].l4);
			assert_int_equal(k.l3l4p, c[i].l3l4p);
			assert_false(k.l3e || k.l4e || k.ol3e || k.ol4e || k.frag);
			assert_int_equal(k.l3_off, p.l3);
			assert_int_equal(k.l4_off, p.l4);
			assert_int_equal(k.nb_vlan, tags);
			assert_int_equal(k.ol4id, 0);
			if (tags)
				assert_int_equal(k.tci[0], 0x2000 + 100);
		}
	}
}

static void
test_errors_are_seen(void **state)
{
	static const uint8_t protos[] = {17, 6, 132};
	struct fake_pkt p;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		for (int six = 0; six < 2; six++) {
			fake_build(&p, six, protos[i], 0, 41);
			p.data[p.len - 1] ^= 0x40;
			assert_true(parse(&p).l4e);
			assert_false(parse(&p).l3e);
			assert_true(parse(&p).l3l4p);
		}
		fake_build(&p, false, protos[i], 0, 41);
		p.data[p.l3 + 8]--;
		assert_true(parse(&p).l3e);
		assert_false(parse(&p).l4e);
	}
}

static void
test_udp_without_checksum(void **state)
{
	struct fake_pkt p;

	(void)state;
	fake_build(&p, false, 17, 0, 20);
	sim_put_be16(p.data + p.l4 + 6, 0);
	assert_false(parse(&p).l4e);
	assert_true(parse(&p).udp0);
	fake_build(&p, true, 17, 0, 20);
	sim_put_be16(p.data + p.l4 + 6, 0);
	assert_true(parse(&p).l4e);
}

static void
test_options_and_fragments(void **state)
{
	struct fake_pkt p;
	struct sim_pkt k;

	(void)state;
	fake_build(&p, false, 17, 0, 40);
	memmove(p.data + p.l4 + 4, p.data + p.l4, p.len - p.l4);
	memset(p.data + p.l4, 1, 4);
	p.data[p.l3] = 0x46;
	sim_put_be16(p.data + p.l3 + 2, (uint16_t)(24 + 48));
	p.l4 += 4;
	p.len += 4;
	fake_checksum(&p);
	k = parse(&p);
	assert_int_equal(k.l3id, 4);
	assert_int_equal(k.l4id, 0);
	assert_true(k.l3l4p && !k.l3e && !k.l4e);

	fake_build(&p, false, 17, 0, 40);
	sim_put_be16(p.data + p.l3 + 6, 0x4000);
	fake_checksum(&p);
	assert_false(parse(&p).frag);
	sim_put_be16(p.data + p.l3 + 6, 0x0001);
	fake_checksum(&p);
	k = parse(&p);
	assert_true(k.frag);
	assert_int_equal(k.l4id, 15);
	assert_false(k.l3l4p || k.l3e || k.l4e);
}

static void
test_ipv6_extensions(void **state)
{
	struct fake_pkt p;
	struct sim_pkt k;
	uint8_t *ip;

	(void)state;
	fake_build(&p, true, 6, 0, 40);
	ip = p.data + p.l3;
	memmove(ip + 48, ip + 40, 60);
	memset(ip + 40, 0, 8);
	ip[6] = 0;
	ip[40] = 6;
	sim_put_be16(ip + 4, 68);
	p.len += 8;
	k = parse(&p);
	assert_int_equal(k.l3id, 5);
	assert_int_equal(k.l4id, 1);
	assert_true(k.l3l4p && !k.l4e);
	assert_int_equal(k.l4_off, p.l3 + 48);
	/* The same room as a fragment header. */
	ip[6] = 44;
	sim_put_be16(ip + 42, 0x0009);
	k = parse(&p);
	assert_true(k.frag);
	assert_int_equal(k.l4id, 15);
	/* A fragment that is the whole packet is none. */
	sim_put_be16(ip + 42, 0);
	assert_false(parse(&p).frag);
	/* A chain that never ends stops at the end of the frame. */
	ip[6] = 0;
	ip[40] = 0;
	ip[41] = 255;
	k = parse(&p);
	assert_int_equal(k.l3id, 5);
	assert_int_equal(k.l4id, 15);
}

static void
test_other_ethertypes(void **state)
{
	static const struct {
		uint16_t type;
		uint8_t b0, b1, l3;
	} c[] = {{0x0806, 0, 0, 2}, {0x8035, 0, 0, 3}, {0x88cc, 0, 0, 6}, {0x0026, 0x42, 0x42, 7},
		{0x8808, 0, 1, 8}, {0x8808, 1, 1, 9}, {0x8808, 9, 9, 15}, {0x22e9, 0, 0, 12},
		{0x1234, 0, 0, 15}, {0x0026, 0xaa, 0xaa, 15}};
	uint8_t f[60] = {1, 0x80, 0xc2};
	struct sim_pkt k;

	(void)state;
	for (unsigned int i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		sim_put_be16(f + 12, c[i].type);
		f[14] = c[i].b0;
		f[15] = c[i].b1;
		sim_parse(f, sizeof(f), &k);
		assert_int_equal(k.l3id, c[i].l3);
		assert_int_equal(k.l4id, 15);
		assert_int_equal(k.flow, 0xff);
		assert_int_equal(k.dmac_class, 1);
	}
}

/** Puts @p inner into a tunnel; kind: 4789, 4790, 6081, or 0 for NVGRE. */
static void
wrap(struct fake_pkt *out, const struct fake_pkt *inner, bool six, unsigned int port, uint32_t opt)
{
	uint32_t head = 8 + opt;

	fake_build(out, six, port ? 17 : 47, 0, head + inner->len);
	if (port == 0) {
		sim_put_be16(out->data + out->l4, 0x2000);
		sim_put_be16(out->data + out->l4 + 2, 0x6558);
		memcpy(out->data + out->l4 + 8, inner->data, inner->len);
	} else {
		uint8_t *t = out->data + out->l4 + 8;

		sim_put_be16(out->data + out->l4 + 2, (uint16_t)port);
		memset(t, 0, head);
		if (port == 6081) {
			t[0] = (uint8_t)(opt / 4);
			sim_put_be16(t + 2, 0x6558);
		} else {
			t[0] = 0x08;
			t[3] = port == 4790 ? 3 : 0;
		}
		memcpy(t + head, inner->data, inner->len);
	}
	fake_checksum(out);
}

static void
test_tunnels(void **state)
{
	static const struct {
		unsigned int port;
		uint32_t opt;
		uint8_t id;
	} c[] = {{4789, 0, 1}, {4790, 0, 1}, {6081, 0, 1}, {6081, 12, 1}, {0, 0, 2}};
	struct fake_pkt in, out;
	struct sim_pkt k;

	(void)state;
	for (unsigned int i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		for (int six = 0; six < 2; six++) {
			fake_build(&in, !six, 6, 0, 50);
			wrap(&out, &in, six, c[i].port, c[i].opt);
			k = parse(&out);
			assert_int_equal(k.ol4id, c[i].id);
			assert_int_equal(k.ol3id, six ? 1 : 0);
			assert_int_equal(k.l3id, six ? 0 : 1);
			assert_int_equal(k.l4id, 1);
			assert_true(k.l3l4p && !k.l3e && !k.l4e && !k.ol3e && !k.ol4e);
			/* Errors of the inner and of the outer headers are told apart. */
			out.data[out.len - 1] ^= 1;
			if (c[i].port != 0)
				fake_checksum(&out);
			k = parse(&out);
			assert_true(k.l4e && !k.ol4e);
			out.data[out.len - 1] ^= 1;
			if (c[i].port != 0) {
				fake_checksum(&out);
				out.data[out.l4 + 6] ^= 1;
				k = parse(&out);
				assert_true(k.ol4e && !k.l4e);
			}
			if (!six) {
				out.data[out.l3 + 8]++;
				assert_true(parse(&out).ol3e);
			}
		}
	}
}

static void
test_outer_udp_checksum(void **state)
{
	struct fake_pkt in, out;
	struct sim_pkt k;

	(void)state;
	fake_build(&in, false, 6, 0, 50);
	wrap(&out, &in, false, 4789, 0);
	sim_put_be16(out.data + out.l4 + 6, 0);
	k = parse(&out);
	assert_false(k.l4e || k.ol4e);
	sim_put_be16(out.data + out.l4 + 6, 0x1234);
	k = parse(&out);
	assert_true(k.ol4e);
	assert_false(k.l4e);
}

static void
test_lengths_that_lie(void **state)
{
	struct fake_pkt p;
	struct sim_pkt k;

	(void)state;
	fake_build(&p, false, 17, 0, 40);
	sim_put_be16(p.data + p.l3 + 2, 0xffff);
	k = parse(&p);
	assert_int_equal(k.l3id, 0);
	assert_false(k.l3l4p || k.l3e || k.l4e);
	fake_build(&p, false, 17, 0, 40);
	p.data[p.l3] = 0x44;
	assert_int_equal(parse(&p).l3id, 15);
	fake_build(&p, false, 17, 0, 40);
	p.data[p.l3] = 0x65;
	assert_int_equal(parse(&p).l3id, 15);
	/* Padding does not count. */
	fake_build(&p, false, 17, 0, 3);
	memset(p.data + p.l4 + 11, 0x55, p.len - p.l4 - 11);
	k = parse(&p);
	assert_true(k.l3l4p && !k.l4e);
}

/** Any bytes, in a buffer of exactly their size: reading beyond it is seen by a sanitizer. */
static void
test_any_bytes(void **state)
{
	struct fake_pkt in, p;
	struct sim_pkt k;

	(void)state;
	srand(7);
	fake_build(&in, true, 17, 1, 30);
	wrap(&p, &in, false, 6081, 8);
	for (uint32_t len = 0; len <= p.len; len++) {
		uint8_t *b = malloc(len ? len : 1);

		memcpy(b, p.data, len);
		sim_parse(b, len, &k);
		sim_rss_hash(&fake.d->t, b, &k);
		for (int i = 0; i < 300 && len >= 14; i++) {
			b[rand() % (int)len] = (uint8_t)rand();
			sim_parse(b, len, &k);
			sim_rss_hash(&fake.d->t, b, &k);
			assert_true(k.l3_off <= len && k.l4_off <= len);
		}
		free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_errors_are_seen),
		cmocka_unit_test(test_udp_without_checksum),
		cmocka_unit_test(test_options_and_fragments),
		cmocka_unit_test(test_ipv6_extensions),
		cmocka_unit_test(test_other_ethertypes),
		cmocka_unit_test(test_tunnels),
		cmocka_unit_test(test_outer_udp_checksum),
		cmocka_unit_test(test_lengths_that_lie),
		cmocka_unit_test_setup_teardown(test_any_bytes, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
