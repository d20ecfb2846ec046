/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: what a driver asks first. Version, status, resources, configuration words. */

#include "fw.h"

#define VERSION        0x01090000u /* 1.9.0.0 */
#define PF_STATE_DONE  0x01
#define PF_STATE_MAIN  0x02
#define BUF_UNITS      0x2100      /* packet buffer, units of 128 bytes */
#define MEDIA_FIBRE    1
#define RING_DEFAULT   1024
#define RX_BUF_DEFAULT 2048
#define ABILITY_25G    0x07        /* 1, 10 and 25 Gbit/s */
#define CFG_BYTES      64
#define IMP_RESET_KEY  0xEEDD

enum fw_ret
fw_version(struct fw_cmd *c)
{
	/* HIP08 reports no capability words. */
	fw_zero(c);
	fw_put32(c, 0, 0, VERSION);
	return FW_OK;
}

enum fw_ret
fw_func_status(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put8(c, 0, 16, PF_STATE_DONE | PF_STATE_MAIN);
	fw_put8(c, 0, 19, 1);
	fw_put8(c, 0, 20, 1);
	return FW_OK;
}

enum fw_ret
fw_pf_resources(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put16(c, 0, 0, (uint16_t)c->d->cfg.tqps);
	fw_put16(c, 0, 2, BUF_UNITS);
	fw_put16(c, 0, 6, (uint16_t)sim_nb_vectors(c->d->cfg.tqps));
	fw_put16(c, 0, 10, 1); /* the PF alone */
	return FW_OK;
}

enum fw_ret
fw_cfg_param_check(struct fw_cmd *c)
{
	uint32_t off = fw_u32(c, 0, 0) & 0xFFFFF;
	uint32_t words = fw_u32(c, 0, 0) >> 24 & 0xF;

	if (words != 4 || off % 16 != 0 || off + 16 > CFG_BYTES)
		return fw_bad(c, "%u words at offset %u", words, off);
	return FW_OK;
}

/* Queues of a TC: enough that all can be used, and a power of two. */
static uint32_t
rss_size_max(const struct sim_dev *d)
{
	uint32_t n = 1;

	while (n < d->cfg.tqps)
		n *= 2;
	return n;
}

enum fw_ret
fw_cfg_param(struct fw_cmd *c)
{
	const uint8_t *mac = c->d->cfg.mac;
	uint32_t off = fw_u32(c, 0, 0) & 0xFFFFF;
	uint32_t p[4] = {0};

	switch (off) {
	case 0:
		p[0] = 1u << 8 | (uint32_t)RING_DEFAULT << 16;
		p[1] = MEDIA_FIBRE << 8 | (uint32_t)RX_BUF_DEFAULT << 16;
		memcpy(&p[2], mac, 4);
		p[3] = mac[4] | (uint32_t)mac[5] << 8 | FW_SPEED_25G << 16 |
				rss_size_max(c->d) << 24;
		break;
	case 16:
		p[1] = ABILITY_25G | (uint32_t)SIM_UC_ENTRIES << 16;
		break;
	default:
		break;
	}
	for (unsigned int i = 0; i < 4; i++)
		fw_put32(c, 0, 8 + 4 * i, p[i]);
	return FW_OK;
}

enum fw_ret
fw_dev_specs(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put32(c, 0, 4, SIM_UC_ENTRIES + SIM_MC_ENTRIES);
	fw_put32(c, 0, 8, FW_MNG_ENTRIES);
	fw_put16(c, 0, 12, SIM_RSS_TABLE);
	fw_put16(c, 0, 14, SIM_RSS_KEY);
	fw_put8(c, 0, 18, 8);
	fw_put32(c, 0, 20, 100000);
	fw_put16(c, 1, 0, SIM_MAX_FRAME);
	fw_put16(c, 1, 2, 1024);
	fw_put16(c, 1, 4, 0x1FE0);
	fw_put16(c, 1, 8, SIM_UC_ENTRIES);
	fw_put16(c, 1, 10, SIM_MC_ENTRIES);
	fw_put8(c, 1, 12, 33);
	return FW_OK;
}

enum fw_ret
fw_compat(struct fw_cmd *c)
{
	c->d->fw->compat = fw_u32(c, 0, 0);
	c->d->fw->link_told = false;
	return FW_OK;
}

enum fw_ret
fw_clear_state(struct fw_cmd *c)
{
	struct sim_tables *t = &c->d->t;

	memset(t->uc, 0, sizeof(t->uc));
	memset(t->mc, 0, sizeof(t->mc));
	t->nb_uc = 0;
	t->nb_mc = 0;
	memset(t->vlan_bitmap, 0, sizeof(t->vlan_bitmap));
	memset(c->d->fw->mng, 0, sizeof(c->d->fw->mng));
	return FW_OK;
}

enum fw_ret
fw_reset_done_check(struct fw_cmd *c)
{
	return fw_u8(c, 0, 0) <= 1 ? FW_OK : fw_bad(c, "byte 0 is 0x%02x", fw_u8(c, 0, 0));
}

enum fw_ret
fw_imp_reset_check(struct fw_cmd *c)
{
	return fw_u32(c, 0, 0) == IMP_RESET_KEY ? FW_OK :
			fw_bad(c, "key 0x%x", fw_u32(c, 0, 0));
}

enum fw_ret
fw_imp_reset(struct fw_cmd *c)
{
	c->d->reset_wanted = SIM_RESET_IMP;
	return FW_OK;
}
