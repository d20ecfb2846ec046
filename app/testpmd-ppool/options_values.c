/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Values of options: numbers, masks, addresses, lists. */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "testpmd_ppool.h"

int
options_number(const char *name, const char *val, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end = NULL;

	errno = 0;
	if (isdigit((unsigned char)val[0]))
		*out = strtoull(val, &end, 10);
	if (end == NULL || *end != '\0' || errno != 0 || *out < min || *out > max) {
		app_err("--%s=%s: a number from %" PRIu64 " to %" PRIu64 " is wanted", name, val,
			min, max);
		return -1;
	}
	return 0;
}

int
options_mask(const char *name, const char *val, uint64_t *out)
{
	char *end = NULL;

	errno = 0;
	if (isxdigit((unsigned char)val[0]))
		*out = strtoull(val, &end, 16);
	if (end == NULL || *end != '\0' || errno != 0) {
		app_err("--%s=%s: a hexadecimal bit mask is wanted, such as 0x3", name, val);
		return -1;
	}
	return 0;
}

int
options_txpkts(struct options *opt, const char *name, const char *val)
{
	uint32_t total = 0, n = 0;
	const char *at = val;

	for (;;) {
		char *end = NULL;
		unsigned long len = 0;

		if (isdigit((unsigned char)at[0]))
			len = strtoul(at, &end, 10);
		if (end == NULL || len == 0 || len > UINT16_MAX ||
				(*end != '\0' && *end != ',')) {
			app_err("--%s=%s: lengths of segments from 1 to %u are wanted, with commas "
				"between them", name, val, UINT16_MAX);
			return -1;
		}
		if (n == TXPKTS_SEGS_MAX) {
			app_err("--%s=%s: more than %u segments", name, val, TXPKTS_SEGS_MAX);
			return -1;
		}
		opt->txpkt_len[n++] = len;
		total += len;
		if (*end == '\0')
			break;
		at = end + 1;
	}
	if (total < TXPKTS_HDR_LEN || total > UINT16_MAX) {
		app_err("--%s=%s: a packet of %u bytes; %u (its headers) to %u are allowed", name,
			val, total, TXPKTS_HDR_LEN, UINT16_MAX);
		return -1;
	}
	opt->nb_txpkts = n;
	return 0;
}

int
options_eth_peer(struct options *opt, const char *name, const char *val)
{
	char *end = NULL;
	unsigned long port = 0;

	errno = 0;
	if (isdigit((unsigned char)val[0]))
		port = strtoul(val, &end, 10);
	if (end == NULL || *end != ',' || errno != 0 || port >= RTE_MAX_ETHPORTS ||
			rte_ether_unformat_addr(end + 1, &opt->peer[port]) != 0) {
		app_err("--%s=%s: a port (0 to %u), a comma and a MAC address are wanted, such as "
			"0,02:00:00:00:00:01", name, val, RTE_MAX_ETHPORTS - 1);
		return -1;
	}
	return 0;
}
