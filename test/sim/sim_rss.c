/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Receive-side scaling: from the headers to a hash, from the hash to a queue. */

#include "sim_data.h"

enum { ALGO_TOEPLITZ = 0, ALGO_SIMPLE = 1, ALGO_SYMMETRIC = 2 };

#define TUPLE_DPORT 1u
#define TUPLE_SPORT 2u
#define TUPLE_DIP   4u
#define TUPLE_SIP   8u

/** Which fields of a packet are hash input, in the coding of the TCP and UDP flow types. */
static unsigned int
tuple_of(const struct sim_tables *t, const struct sim_pkt *pkt)
{
	unsigned int bits = (unsigned int)(t->rss_tuple >> (8 * pkt->flow)) & 0xff;

	if ((pkt->flow & 3) != 3)
		return bits & 15;
	/* Other: two bits for whole packets, two for fragments, destination first. */
	if (pkt->frag)
		bits >>= 2;
	return (bits & 1 ? TUPLE_DIP : 0) | (bits & 2 ? TUPLE_SIP : 0);
}

/** For each bit of the input that is set, the 32 bits of the key that start there. */
static uint32_t
toeplitz(const uint8_t *key, const uint8_t *in, unsigned int len)
{
	uint64_t window = (uint64_t)sim_be32(key) << 32 | sim_be32(key + 4);
	uint32_t hash = 0;

	for (unsigned int i = 0; i < len; i++) {
		uint8_t byte = in[i];

		/* 40 bits of key are enough for the 8 windows that start in this byte. */
		for (unsigned int k = 0; k < 8; k++) {
			hash ^= (uint32_t)(window >> 32) & (uint32_t)-(byte >> 7);
			byte = (uint8_t)(byte << 1);
			window <<= 1;
		}
		window |= key[i + 8];
	}
	return hash;
}

/** Puts the lesser of two fields first, so that both directions of a flow look the same. */
static void
sort_pair(uint8_t *a, uint8_t *b, unsigned int len)
{
	uint8_t tmp[16];

	if (memcmp(a, b, len) <= 0)
		return;
	memcpy(tmp, a, len);
	memcpy(a, b, len);
	memcpy(b, tmp, len);
}

static uint32_t
xor_words(const uint8_t *in, unsigned int len)
{
	uint32_t x = 0;

	for (unsigned int i = 0; i < len; i += 4)
		x ^= sim_be32(in + i);
	return x;
}

uint32_t
sim_rss_hash(const struct sim_tables *t, const uint8_t *data, const struct sim_pkt *pkt)
{
	const uint8_t *ip = data + pkt->l3_off;
	unsigned int bits, alen, len;
	uint8_t in[36];

	if (pkt->flow > 7)
		return 0;
	bits = tuple_of(t, pkt);
	if (bits == 0)
		return 0;
	/* Fields that are not selected count as zero, in their place. */
	memset(in, 0, sizeof(in));
	alen = pkt->flow < 4 ? 4 : 16;
	ip += pkt->flow < 4 ? 12 : 8;
	if (bits & TUPLE_SIP)
		memcpy(in, ip, alen);
	if (bits & TUPLE_DIP)
		memcpy(in + alen, ip + alen, alen);
	len = 2 * alen;
	if ((pkt->flow & 3) != 3) {
		if (bits & TUPLE_SPORT)
			memcpy(in + len, data + pkt->l4_off, 2);
		if (bits & TUPLE_DPORT)
			memcpy(in + len + 2, data + pkt->l4_off + 2, 2);
		len += 4;
	}
	if (t->rss_algo == ALGO_SIMPLE)
		return xor_words(in, len);
	if (t->rss_algo == ALGO_SYMMETRIC) {
		sort_pair(in, in + alen, alen);
		if (len > 2 * alen)
			sort_pair(in + 2 * alen, in + 2 * alen + 2, 2);
	}
	return toeplitz(t->rss_key, in, len);
}

unsigned int
sim_rss_queue(const struct sim_tables *t, uint32_t hash, const struct sim_pkt *pkt)
{
	unsigned int tc = t->prio_to_tc[pkt->nb_vlan ? pkt->tci[0] >> 13 : 0] & 7;
	uint16_t mode = t->rss_tc_mode[tc];
	unsigned int size = ((mode >> 12) & 7) | ((mode >> 11) & 1) << 3;
	bool hashed = pkt->flow <= 7 && tuple_of(t, pkt) != 0;

	if (!(mode & 0x8000))
		return 0;
	return (mode & 0x7ff) + (t->rss_table[hashed ? hash % SIM_RSS_TABLE : 0] &
			((1u << size) - 1));
}
