/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: RSS, and the two offloads that are a number each, TSO and GRO. */

#include "fw.h"

#define KEY_CHUNK   16
#define KEY_CHUNKS  ((SIM_RSS_KEY + KEY_CHUNK - 1) / KEY_CHUNK)
#define ALGO_MAX    2
#define TABLE_GROUP 16
#define TUPLE_BITS  0x0F1F0F0F0F1F0F0Full
/* HIP08 hashes no ports of IPv6-SCTP; its firmware drops the bits. */
#define TUPLE_SCTP6_PORTS (3ull << 48)
#define TC_VALID    0x8000
#define MSS_MASK    0x3FFF
#define MSS_MAX     9668

enum fw_ret
fw_rss_key_check(struct fw_cmd *c)
{
	unsigned int chunk = fw_u8(c, 0, 0) >> 4;
	unsigned int algo = fw_u8(c, 0, 0) & 0xF;

	if (chunk >= KEY_CHUNKS)
		return fw_bad(c, "block %u of the key", chunk);
	if (!c->get && algo > ALGO_MAX)
		return fw_bad(c, "algorithm %u", algo);
	return FW_OK;
}

enum fw_ret
fw_rss_key(struct fw_cmd *c)
{
	struct sim_tables *t = &c->d->t;
	unsigned int chunk = fw_u8(c, 0, 0) >> 4;

	if (c->get) {
		fw_put8(c, 0, 0, (uint8_t)(chunk << 4 | t->rss_algo));
		memcpy(&c->bd[0].data[8], &t->rss_key[chunk * KEY_CHUNK], KEY_CHUNK);
		return FW_OK;
	}
	t->rss_algo = fw_u8(c, 0, 0) & 0xF;
	memcpy(&t->rss_key[chunk * KEY_CHUNK], &c->bd[0].data[8], KEY_CHUNK);
	return FW_OK;
}

enum fw_ret
fw_rss_tuple_check(struct fw_cmd *c)
{
	if (!c->get && (fw_u64(c, 0, 0) & ~TUPLE_BITS) != 0)
		return fw_bad(c, "tuples 0x%016llx", (unsigned long long)fw_u64(c, 0, 0));
	return FW_OK;
}

enum fw_ret
fw_rss_tuple(struct fw_cmd *c)
{
	if (c->get) {
		fw_zero(c);
		fw_put64(c, 0, 0, c->d->t.rss_tuple);
		return FW_OK;
	}
	c->d->t.rss_tuple = fw_u64(c, 0, 0) & ~TUPLE_SCTP6_PORTS;
	return FW_OK;
}

/* Queue of entry @p j: bits 7:0 in a byte of its own, bits 9:8 packed by four. */
static uint16_t
table_entry(const struct fw_cmd *c, unsigned int j)
{
	unsigned int high = fw_u8(c, 0, 4 + j / 4) >> 2 * (j % 4) & 3;

	return (uint16_t)(fw_u8(c, 0, 8 + j) | high << 8);
}

enum fw_ret
fw_rss_table_check(struct fw_cmd *c)
{
	unsigned int first = fw_u16(c, 0, 0);

	if (first % TABLE_GROUP != 0 || first >= SIM_RSS_TABLE)
		return fw_bad(c, "entry %u", first);
	for (unsigned int j = 0; !c->get && j < TABLE_GROUP; j++) {
		if ((fw_u16(c, 0, 2) & 1u << j) != 0 && table_entry(c, j) >= c->d->cfg.tqps)
			return fw_bad(c, "entry %u: queue %u of %u", first + j, table_entry(c, j),
					c->d->cfg.tqps);
	}
	return FW_OK;
}

enum fw_ret
fw_rss_table(struct fw_cmd *c)
{
	uint16_t *tab = c->d->t.rss_table;
	unsigned int first = fw_u16(c, 0, 0);
	uint16_t update = fw_u16(c, 0, 2);

	if (!c->get) {
		for (unsigned int j = 0; j < TABLE_GROUP; j++) {
			if ((update & 1u << j) != 0)
				tab[first + j] = table_entry(c, j);
		}
		return FW_OK;
	}
	memset(&c->bd[0].data[4], 0, FW_DATA - 4);
	for (unsigned int j = 0; j < TABLE_GROUP; j++) {
		unsigned int high = tab[first + j] >> 8 & 3;

		fw_put8(c, 0, 8 + j, (uint8_t)tab[first + j]);
		c->bd[0].data[4 + j / 4] |= (uint8_t)(high << 2 * (j % 4));
	}
	return FW_OK;
}

enum fw_ret
fw_rss_tc_check(struct fw_cmd *c)
{
	for (unsigned int tc = 0; !c->get && tc < 8; tc++) {
		uint16_t mode = fw_u16(c, 0, 2 * tc);
		unsigned int size = (mode >> 12 & 7) | (mode >> 11 & 1) << 3;
		unsigned int offset = mode & 0x7FF;

		if ((mode & TC_VALID) == 0)
			continue;
		/* Rounded up to a power of two, it may reach past the last queue. */
		if (offset >= c->d->cfg.tqps || 1u << size >= 2 * c->d->cfg.tqps)
			return fw_bad(c, "TC %u: %u queues from %u on", tc, 1u << size, offset);
	}
	return FW_OK;
}

enum fw_ret
fw_rss_tc(struct fw_cmd *c)
{
	for (unsigned int tc = 0; tc < 8; tc++) {
		if (c->get)
			fw_put16(c, 0, 2 * tc, c->d->t.rss_tc_mode[tc]);
		else
			c->d->t.rss_tc_mode[tc] = fw_u16(c, 0, 2 * tc);
	}
	return FW_OK;
}

enum fw_ret
fw_tso_check(struct fw_cmd *c)
{
	unsigned int min = fw_u16(c, 0, 0);
	unsigned int max = fw_u16(c, 0, 2);

	if (min == 0 || min > max || max > MSS_MAX || (min & ~MSS_MASK) != 0)
		return fw_bad(c, "segments of %u to %u bytes", min, max);
	return FW_OK;
}

enum fw_ret
fw_tso(struct fw_cmd *c)
{
	c->d->t.tso_mss_min = fw_u16(c, 0, 0);
	c->d->t.tso_mss_max = fw_u16(c, 0, 2);
	return FW_OK;
}

enum fw_ret
fw_gro_check(struct fw_cmd *c)
{
	return fw_u16(c, 0, 0) <= 1 ? FW_OK : fw_bad(c, "enable is %u", fw_u16(c, 0, 0));
}

enum fw_ret
fw_gro(struct fw_cmd *c)
{
	c->d->t.gro_en = fw_u16(c, 0, 0) != 0;
	return FW_OK;
}
