/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: VLAN filter, tag insertion and stripping. */

#include "fw.h"

#define TYPE_PORT      1
#define FE_BITS        0x0F
#define FE_NIC_INGRESS 0x01
#define PER_BLOCK      160
#define BLOCK_BYTES    20
#define VLANS          4096

enum fw_ret
fw_vlan_filter_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 0) > TYPE_PORT)
		return fw_bad(c, "filter type %u", fw_u8(c, 0, 0));
	if (!c->get && (fw_u8(c, 0, 1) & ~FE_BITS) != 0)
		return fw_bad(c, "enables 0x%02x", fw_u8(c, 0, 1));
	if (fw_u8(c, 0, 4) != 0)
		return fw_bad(c, "function %u does not exist", fw_u8(c, 0, 4));
	return FW_OK;
}

enum fw_ret
fw_vlan_filter(struct fw_cmd *c)
{
	uint8_t type = fw_u8(c, 0, 0);

	if (c->get) {
		fw_put8(c, 0, 1, c->d->fw->vlan_fe[type]);
		return FW_OK;
	}
	c->d->fw->vlan_fe[type] = fw_u8(c, 0, 1);
	if (type == TYPE_PORT)
		c->d->t.vlan_port_ingress_filter = fw_u8(c, 0, 1) & FE_NIC_INGRESS;
	return FW_OK;
}

enum fw_ret
fw_vlan_table_check(struct fw_cmd *c)
{
	unsigned int block = fw_u8(c, 0, 0);

	if (fw_u8(c, 0, 1) > 1)
		return fw_bad(c, "action %u", fw_u8(c, 0, 1));
	for (unsigned int i = 0; i < BLOCK_BYTES; i++) {
		if (fw_u8(c, 0, 4 + i) != 0 && block * PER_BLOCK + i * 8 >= VLANS)
			return fw_bad(c, "VLANs from %u on do not exist", block * PER_BLOCK + i * 8);
	}
	return FW_OK;
}

enum fw_ret
fw_vlan_table(struct fw_cmd *c)
{
	uint64_t *map = c->d->t.vlan_bitmap;
	bool kill = fw_u8(c, 0, 1) == 1;

	for (unsigned int i = 0; i < PER_BLOCK; i++) {
		unsigned int vlan = fw_u8(c, 0, 0) * PER_BLOCK + i;

		if ((fw_u8(c, 0, 4 + i / 8) & 1u << i % 8) == 0)
			continue;
		if (kill)
			map[vlan / 64] &= ~(1ull << vlan % 64);
		else
			map[vlan / 64] |= 1ull << vlan % 64;
	}
	return FW_OK;
}

enum fw_ret
fw_vlan_rx_tpid(struct fw_cmd *c)
{
	for (unsigned int i = 0; i < 4; i++)
		c->d->t.tpid_rx[i] = fw_u16(c, 0, 2 * i);
	return FW_OK;
}

enum fw_ret
fw_vlan_tx_tpid(struct fw_cmd *c)
{
	for (unsigned int i = 0; i < 2; i++)
		c->d->t.tpid_tx[i] = fw_u16(c, 0, 2 * i);
	return FW_OK;
}

/* Both offload commands choose functions by a block of 64 and a bitmap: here it is function 0. */
enum fw_ret
fw_vlan_offload_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 1) != 0 || fw_u64(c, 0, 8) != 1)
		return fw_bad(c, "functions 0x%llx of block %u, only function 0 exists",
				(unsigned long long)fw_u64(c, 0, 8), fw_u8(c, 0, 1));
	return FW_OK;
}

enum fw_ret
fw_vlan_tx_offload(struct fw_cmd *c)
{
	struct sim_tables *t = &c->d->t;

	if (c->get) {
		fw_put8(c, 0, 0, t->vlan_tx_cfg);
		fw_put16(c, 0, 4, t->vlan_tx_tag1);
		fw_put16(c, 0, 6, t->vlan_tx_tag2);
		return FW_OK;
	}
	t->vlan_tx_cfg = fw_u8(c, 0, 0);
	t->vlan_tx_tag1 = fw_u16(c, 0, 4);
	t->vlan_tx_tag2 = fw_u16(c, 0, 6);
	return FW_OK;
}

enum fw_ret
fw_vlan_rx_offload(struct fw_cmd *c)
{
	if (c->get) {
		fw_put8(c, 0, 0, c->d->t.vlan_rx_cfg);
		return FW_OK;
	}
	c->d->t.vlan_rx_cfg = fw_u8(c, 0, 0);
	return FW_OK;
}
