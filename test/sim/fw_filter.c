/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: who may come in. MAC address table, management table, promiscuous modes. */

#include "fw.h"

#define MAC_OFF        4
#define ENTRY_VALID    0x01
#define ENTRY_MC       0x02
#define RESP_OK        0
#define RESP_OTHER     1 /* add: already there; remove and look-up: not there */
#define RESP_UC_FULL   2
#define RESP_MC_FULL   3
#define MNG_OVERFLOW   2
#define PROMISC_BITS   0x3E
#define MC_BDS         3

/* --- MAC address table ---------------------------------------------------------------- */

static bool
mac_is_zero(const uint8_t *mac)
{
	static const uint8_t zero[6];

	return memcmp(mac, zero, 6) == 0;
}

static enum fw_ret
mac_check(struct fw_cmd *c)
{
	const uint8_t *mac = &c->bd[0].data[MAC_OFF];
	bool mc = (mac[0] & 1) != 0;

	if ((fw_u8(c, 0, 0) & ENTRY_VALID) == 0)
		return fw_bad(c, "the entry's valid bit is not set");
	if (mac_is_zero(mac))
		return fw_bad(c, "address 00:00:00:00:00:00");
	if (((fw_u8(c, 0, 12) & ENTRY_MC) != 0) != mc)
		return fw_bad(c, "entry type %u for address %02x:...", fw_u8(c, 0, 12), mac[0]);
	return FW_OK;
}

enum fw_ret
fw_mac_add_check(struct fw_cmd *c)
{
	bool mc = (c->bd[0].data[MAC_OFF] & 1) != 0;
	unsigned int bds = mc ? MC_BDS : 1;

	if (c->nb != bds)
		return fw_bad(c, "%u BDs for a %s address, must be %u", c->nb,
				mc ? "multicast" : "unicast", bds);
	if (!mc && !c->get && (fw_u16(c, 0, 14) & 0x7FF) != 0)
		return fw_bad(c, "egress port 0x%x: not this function", fw_u16(c, 0, 14));
	return mac_check(c);
}

enum fw_ret
fw_mac_remove_check(struct fw_cmd *c)
{
	if (c->nb != 1)
		return fw_bad(c, "%u BDs, must be 1", c->nb);
	return mac_check(c);
}

static struct sim_mac_entry *
mac_find(struct sim_mac_entry *e, unsigned int n, const uint8_t *mac)
{
	for (unsigned int i = 0; i < n; i++) {
		if (e[i].used && memcmp(e[i].addr, mac, 6) == 0)
			return &e[i];
	}
	return NULL;
}

static struct sim_mac_entry *
mac_free_entry(struct sim_mac_entry *e, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!e[i].used)
			return &e[i];
	}
	return NULL;
}

/* The functions that want a multicast address: 192 in BD 1, 64 in BD 2. */
static void
mc_functions(struct fw_cmd *c, struct sim_mac_entry *e, bool store)
{
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int bd = i < 3 ? 1 : 2;
		unsigned int off = i < 3 ? 8 * i : 0;

		if (store)
			e->functions[i] = fw_u64(c, bd, off);
		else
			fw_put64(c, bd, off, e->functions[i]);
	}
}

enum fw_ret
fw_mac_add(struct fw_cmd *c)
{
	struct sim_tables *t = &c->d->t;
	const uint8_t *mac = &c->bd[0].data[MAC_OFF];
	bool mc = (mac[0] & 1) != 0;
	struct sim_mac_entry *tab = mc ? t->mc : t->uc;
	unsigned int size = mc ? SIM_MC_ENTRIES : SIM_UC_ENTRIES;
	struct sim_mac_entry *e = mac_find(tab, size, mac);

	if (c->get) {
		fw_put8(c, 0, 1, e != NULL ? RESP_OK : RESP_OTHER);
		if (e != NULL && mc)
			mc_functions(c, e, false);
		return FW_OK;
	}
	fw_put8(c, 0, 1, e != NULL ? RESP_OTHER : RESP_OK);
	if (e == NULL) {
		e = mac_free_entry(tab, size);
		if (e == NULL) {
			fw_put8(c, 0, 1, mc ? RESP_MC_FULL : RESP_UC_FULL);
			return FW_OK;
		}
		e->used = true;
		memcpy(e->addr, mac, 6);
		if (mc)
			t->nb_mc++;
		else
			t->nb_uc++;
	}
	if (mc)
		mc_functions(c, e, true);
	return FW_OK;
}

enum fw_ret
fw_mac_remove(struct fw_cmd *c)
{
	struct sim_tables *t = &c->d->t;
	const uint8_t *mac = &c->bd[0].data[MAC_OFF];
	bool mc = (mac[0] & 1) != 0;
	struct sim_mac_entry *e = mac_find(mc ? t->mc : t->uc, mc ? SIM_MC_ENTRIES : SIM_UC_ENTRIES,
			mac);

	fw_put8(c, 0, 1, e != NULL ? RESP_OK : RESP_OTHER);
	if (e == NULL)
		return FW_OK;
	memset(e, 0, sizeof(*e));
	if (mc)
		t->nb_mc--;
	else
		t->nb_uc--;
	return FW_OK;
}

/* --- private space of the unicast table -------------------------------------------------- */

enum fw_ret
fw_umv_check(struct fw_cmd *c)
{
	bool give_back = (fw_u8(c, 0, 0) & 1) != 0;
	uint32_t n = fw_u32(c, 0, 4);

	if (give_back ? n > c->d->umv_granted : n == 0)
		return fw_bad(c, "%u entries %s, %u are granted", n,
				give_back ? "given back" : "wanted", c->d->umv_granted);
	return FW_OK;
}

enum fw_ret
fw_umv(struct fw_cmd *c)
{
	uint32_t n = fw_u32(c, 0, 4);

	if ((fw_u8(c, 0, 0) & 1) != 0) {
		c->d->umv_granted -= n;
		return FW_OK;
	}
	if (n > SIM_UC_ENTRIES)
		n = SIM_UC_ENTRIES;
	c->d->umv_granted = n;
	fw_put32(c, 0, 4, n);
	return FW_OK;
}

/* --- management table ---------------------------------------------------------------------- */

enum fw_ret
fw_mng_check(struct fw_cmd *c)
{
	if ((fw_u8(c, 0, 0) & ~7u) != 0)
		return fw_bad(c, "flags 0x%02x", fw_u8(c, 0, 0));
	return FW_OK;
}

enum fw_ret
fw_mng_add(struct fw_cmd *c)
{
	struct fw_mng_entry *tab = c->d->fw->mng, *room = NULL;
	struct fw_mng_entry want = {.used = true, .flags = fw_u8(c, 0, 0), .vlan = fw_u16(c, 0, 2),
			.ethertype = fw_u16(c, 0, 12)};

	memcpy(want.mac, &c->bd[0].data[MAC_OFF], 6);
	for (unsigned int i = 0; i < FW_MNG_ENTRIES; i++) {
		if (!tab[i].used) {
			if (room == NULL)
				room = &tab[i];
		} else if (tab[i].flags == want.flags && tab[i].vlan == want.vlan &&
				tab[i].ethertype == want.ethertype &&
				memcmp(tab[i].mac, want.mac, 6) == 0) {
			fw_put8(c, 0, 1, RESP_OTHER);
			return FW_OK;
		}
	}
	fw_put8(c, 0, 1, room != NULL ? RESP_OK : MNG_OVERFLOW);
	if (room != NULL)
		*room = want;
	return FW_OK;
}

/* --- promiscuous modes ------------------------------------------------------------------------ */

enum fw_ret
fw_promisc_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 1) != 0)
		return fw_bad(c, "function %u does not exist", fw_u8(c, 0, 1));
	if ((fw_u8(c, 0, 0) & ~PROMISC_BITS) != 0)
		return fw_bad(c, "byte 0 is 0x%02x", fw_u8(c, 0, 0));
	return FW_OK;
}

enum fw_ret
fw_promisc(struct fw_cmd *c)
{
	c->d->t.promisc = fw_u8(c, 0, 0);
	return FW_OK;
}
