/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: packet buffers, scheduler and flow control. The model sends and receives
 * without a scheduler of its own, so most of this is checked and then forgotten.
 */

#include "fw.h"

#define TCS         8
#define PGS         4
#define QSETS       1024
#define UPDATE      0x8000
#define SIZE        0x7FFF
#define BUF_TOTAL   0x2100 /* units of 128 bytes, as 0x0023 answers */
#define PER_BD      4
#define WEIGHT_MAX  100
#define TICK_PRI    1536
#define TICK_PG     192
#define TICK_PORT   48
#define RATE_MAX    100000
#define BP_GROUPS   32
#define PAUSE_MIN   4

/* --- packet buffers ---------------------------------------------------------------------- */

/* Eight sizes, each with its update bit. */
static enum fw_ret
sizes_check(struct fw_cmd *c)
{
	for (unsigned int tc = 0; tc < TCS; tc++) {
		if ((fw_u16(c, 0, 2 * tc) & UPDATE) == 0)
			return fw_bad(c, "TC %u: 0x%04x without the update bit", tc,
					fw_u16(c, 0, 2 * tc));
	}
	return FW_OK;
}

static unsigned int
sum(const uint16_t *v)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < TCS; i++)
		n += v[i];
	return n;
}

static void
get_sizes(const struct fw_cmd *c, uint16_t *v)
{
	for (unsigned int tc = 0; tc < TCS; tc++)
		v[tc] = fw_u16(c, 0, 2 * tc) & SIZE;
}

enum fw_ret
fw_tx_buf_check(struct fw_cmd *c)
{
	uint16_t v[TCS];

	if (sizes_check(c) != FW_OK)
		return FW_PARAM;
	get_sizes(c, v);
	if (sum(v) > BUF_TOTAL)
		return fw_bad(c, "0x%x units of 0x%x", sum(v), BUF_TOTAL);
	return FW_OK;
}

enum fw_ret
fw_tx_buf(struct fw_cmd *c)
{
	get_sizes(c, c->d->fw->tx_buf);
	return FW_OK;
}

enum fw_ret
fw_rx_priv_check(struct fw_cmd *c)
{
	unsigned int tx = sum(c->d->fw->tx_buf), shared = fw_u16(c, 0, 16) & SIZE;
	uint16_t v[TCS];

	if (sizes_check(c) != FW_OK)
		return FW_PARAM;
	if ((fw_u16(c, 0, 16) & UPDATE) == 0)
		return fw_bad(c, "shared size 0x%04x without the update bit", fw_u16(c, 0, 16));
	get_sizes(c, v);
	if (tx + sum(v) + shared > BUF_TOTAL)
		return fw_bad(c, "0x%x private + 0x%x shared + 0x%x Tx units of 0x%x", sum(v), shared,
				tx, BUF_TOTAL);
	return FW_OK;
}

enum fw_ret
fw_rx_priv(struct fw_cmd *c)
{
	get_sizes(c, c->d->fw->rx_priv);
	c->d->fw->rx_shared = fw_u16(c, 0, 16) & SIZE;
	return FW_OK;
}

static enum fw_ret
waterline_check(struct fw_cmd *c, unsigned int bd, unsigned int off, unsigned int room)
{
	unsigned int high = fw_u16(c, bd, off), low = fw_u16(c, bd, off + 2);

	if ((high & low & UPDATE) == 0)
		return fw_bad(c, "0x%04x, 0x%04x without the update bit", high, low);
	high &= SIZE;
	low &= SIZE;
	if (low > high || high > room)
		return fw_bad(c, "waterlines 0x%x, 0x%x in a buffer of 0x%x", high, low, room);
	return FW_OK;
}

enum fw_ret
fw_rx_wl_check(struct fw_cmd *c)
{
	for (unsigned int tc = 0; tc < TCS; tc++) {
		unsigned int room = c->op->opcode == 0x0903 ? c->d->fw->rx_priv[tc] :
				c->d->fw->rx_shared;

		if (waterline_check(c, tc / PER_BD, tc % PER_BD * 4, room) != FW_OK)
			return FW_PARAM;
	}
	return FW_OK;
}

enum fw_ret
fw_rx_com_wl_check(struct fw_cmd *c)
{
	return waterline_check(c, 0, 0, c->d->fw->rx_shared);
}

/* --- scheduler --------------------------------------------------------------------------- */

enum fw_ret
fw_prio_tc_check(struct fw_cmd *c)
{
	for (unsigned int p = 0; p < 8; p++) {
		unsigned int tc = fw_u8(c, 0, p / 2) >> 4 * (p % 2) & 0xF;

		if (tc >= TCS)
			return fw_bad(c, "priority %u to TC %u", p, tc);
	}
	return FW_OK;
}

enum fw_ret
fw_prio_tc(struct fw_cmd *c)
{
	for (unsigned int p = 0; p < 8; p++)
		c->d->t.prio_to_tc[p] = fw_u8(c, 0, p / 2) >> 4 * (p % 2) & 0xF;
	return FW_OK;
}

static enum fw_ret
id_check(struct fw_cmd *c, unsigned int id, unsigned int limit)
{
	return id < limit ? FW_OK : fw_bad(c, "id %u of %u", id, limit);
}

enum fw_ret
fw_pg_pri_check(struct fw_cmd *c)
{
	return id_check(c, fw_u8(c, 0, 0), PGS);
}

enum fw_ret
fw_qs_pri_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 4) >= TCS || fw_u8(c, 0, 5) > 1)
		return fw_bad(c, "priority %u, valid %u", fw_u8(c, 0, 4), fw_u8(c, 0, 5));
	return id_check(c, fw_u16(c, 0, 0), QSETS);
}

enum fw_ret
fw_nq_qs_check(struct fw_cmd *c)
{
	uint16_t link = fw_u16(c, 0, 4);
	unsigned int qset = (link & 0x3FF) | (unsigned int)(link >> 11) << 10;

	if ((link & 1u << 10) == 0)
		return fw_bad(c, "queue %u: link 0x%04x is not valid", fw_u16(c, 0, 0), link);
	if (id_check(c, qset, QSETS) != FW_OK)
		return FW_PARAM;
	return id_check(c, fw_u16(c, 0, 0), c->d->cfg.tqps);
}

static enum fw_ret
weight_check(struct fw_cmd *c, unsigned int id, unsigned int limit, unsigned int weight)
{
	if (weight > WEIGHT_MAX)
		return fw_bad(c, "weight %u", weight);
	return id_check(c, id, limit);
}

enum fw_ret
fw_pg_weight_check(struct fw_cmd *c)
{
	return weight_check(c, fw_u8(c, 0, 0), PGS, fw_u8(c, 0, 1));
}

enum fw_ret
fw_qs_weight_check(struct fw_cmd *c)
{
	return weight_check(c, fw_u16(c, 0, 0), QSETS, fw_u8(c, 0, 2));
}

enum fw_ret
fw_pri_weight_check(struct fw_cmd *c)
{
	return weight_check(c, fw_u8(c, 0, 0), TCS, fw_u8(c, 0, 1));
}

/* HIP08 goes by the parameter word; where the rate stands next to it, the two must agree. */
static enum fw_ret
shaper_check(struct fw_cmd *c, uint32_t para, unsigned int flag, uint32_t rate, unsigned int tick)
{
	uint64_t b = para & 0xFF, u = para >> 8 & 0xF, s = para >> 12 & 0xF;
	uint64_t mbps;

	if (flag > 1 || para >> 26 != 0)
		return fw_bad(c, "parameter 0x%08x, flag %u", para, flag);
	if (rate > RATE_MAX && flag == 1)
		return fw_bad(c, "%u Mbit/s", rate);
	if (b == 0)
		return FW_OK;
	mbps = (b << u) * 8000 / ((uint64_t)tick << s);
	if (mbps > RATE_MAX + RATE_MAX / 50)
		return fw_bad(c, "parameter 0x%08x is %llu Mbit/s", para, (unsigned long long)mbps);
	if (flag == 1 && (mbps > rate + rate / 50 + 1 || mbps + rate / 50 + 1 < rate))
		return fw_bad(c, "parameter 0x%08x is %llu Mbit/s, not %u", para,
				(unsigned long long)mbps, rate);
	return FW_OK;
}

enum fw_ret
fw_pri_shaper_check(struct fw_cmd *c)
{
	if (id_check(c, fw_u8(c, 0, 0), TCS) != FW_OK)
		return FW_PARAM;
	return shaper_check(c, fw_u32(c, 0, 4), fw_u8(c, 0, 8), fw_u32(c, 0, 12), TICK_PRI);
}

enum fw_ret
fw_pg_shaper_check(struct fw_cmd *c)
{
	if (id_check(c, fw_u8(c, 0, 0), PGS) != FW_OK)
		return FW_PARAM;
	return shaper_check(c, fw_u32(c, 0, 4), fw_u8(c, 0, 8), fw_u32(c, 0, 12), TICK_PG);
}

enum fw_ret
fw_port_shaper_check(struct fw_cmd *c)
{
	return shaper_check(c, fw_u32(c, 0, 0), fw_u8(c, 0, 4), fw_u32(c, 0, 8), TICK_PORT);
}

static enum fw_ret
mode_check(struct fw_cmd *c, unsigned int limit)
{
	if ((fw_u32(c, 0, 4) & ~1u) != 0)
		return fw_bad(c, "mode 0x%x", fw_u32(c, 0, 4));
	return id_check(c, fw_u32(c, 0, 0), limit);
}

enum fw_ret
fw_pg_mode_check(struct fw_cmd *c)
{
	return mode_check(c, PGS);
}

enum fw_ret
fw_pri_mode_check(struct fw_cmd *c)
{
	return mode_check(c, TCS);
}

enum fw_ret
fw_qs_mode_check(struct fw_cmd *c)
{
	return mode_check(c, QSETS);
}

enum fw_ret
fw_back_pressure_check(struct fw_cmd *c)
{
	if (id_check(c, fw_u8(c, 0, 0), TCS) != FW_OK)
		return FW_PARAM;
	return id_check(c, fw_u8(c, 0, 3), BP_GROUPS);
}

enum fw_ret
fw_ets_weight_check(struct fw_cmd *c)
{
	for (unsigned int tc = 0; tc < TCS; tc++) {
		if (fw_u8(c, 0, tc) > WEIGHT_MAX)
			return fw_bad(c, "TC %u: weight %u", tc, fw_u8(c, 0, tc));
	}
	return FW_OK;
}

/* --- flow control -------------------------------------------------------------------------- */

enum fw_ret
fw_pause_en_check(struct fw_cmd *c)
{
	return fw_u32(c, 0, 0) <= 3 ? FW_OK : fw_bad(c, "enables 0x%x", fw_u32(c, 0, 0));
}

enum fw_ret
fw_pause_en(struct fw_cmd *c)
{
	c->d->t.pause_en = (uint8_t)fw_u32(c, 0, 0);
	return FW_OK;
}

enum fw_ret
fw_pfc_en_check(struct fw_cmd *c)
{
	return fw_u8(c, 0, 0) <= 3 ? FW_OK : fw_bad(c, "enables 0x%x", fw_u8(c, 0, 0));
}

enum fw_ret
fw_pause_param_check(struct fw_cmd *c)
{
	unsigned int gap = fw_u8(c, 0, 6), time = fw_u16(c, 0, 8);

	if (!c->get && (time < PAUSE_MIN || 2 * gap >= time))
		return fw_bad(c, "pause time %u, gap %u", time, gap);
	return FW_OK;
}

enum fw_ret
fw_pause_param(struct fw_cmd *c)
{
	struct sim_fw *fw = c->d->fw;

	if (!c->get) {
		memcpy(fw->pause_mac, &c->bd[0].data[0], 6);
		fw->pause_gap = fw_u8(c, 0, 6);
		fw->pause_time = fw_u16(c, 0, 8);
		return FW_OK;
	}
	fw_zero(c);
	memcpy(&c->bd[0].data[0], fw->pause_mac, 6);
	fw_put8(c, 0, 6, fw->pause_gap);
	fw_put16(c, 0, 8, fw->pause_time);
	memcpy(&c->bd[0].data[16], fw->pause_mac, 6);
	return FW_OK;
}
