/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The two cyclic redundancy checks of the data path, both reflected. */

#include "sim_data.h"

struct crc_table {
	bool ready;
	uint32_t t[256];
};

static uint32_t
crc_run(struct crc_table *tab, uint32_t poly, const uint8_t *p, uint32_t len)
{
	uint32_t crc = 0xffffffff;

	if (!tab->ready) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;

			for (int k = 0; k < 8; k++)
				c = (c & 1) ? poly ^ (c >> 1) : c >> 1;
			tab->t[i] = c;
		}
		tab->ready = true;
	}
	while (len--)
		crc = tab->t[(crc ^ *p++) & 0xff] ^ (crc >> 8);
	return ~crc;
}

uint32_t
sim_crc32c(const uint8_t *p, uint32_t len)
{
	static struct crc_table table;

	return crc_run(&table, 0x82f63b78, p, len);
}

uint32_t
sim_crc32(const uint8_t *p, uint32_t len)
{
	static struct crc_table table;

	return crc_run(&table, 0xedb88320, p, len);
}
