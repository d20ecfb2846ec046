/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Which frames the port takes: MAC address table, promiscuous bits, VLAN filter. */

#include "sim_data.h"

#define PROMISC_UC (1u << 1)
#define PROMISC_MC (1u << 2)
#define PROMISC_BC (1u << 3)
#define PROMISC_RX (1u << 5)

static bool
in_table(const struct sim_mac_entry *e, unsigned int size, unsigned int nb, const uint8_t *addr,
		bool multicast)
{
	for (unsigned int i = 0, seen = 0; i < size && seen < nb; i++) {
		if (!e[i].used)
			continue;
		seen++;
		if (memcmp(e[i].addr, addr, 6) == 0)
			return !multicast || (e[i].functions[0] & 1);
	}
	return false;
}

static bool
mac_accept(const struct sim_tables *t, const uint8_t *dmac, unsigned int cast)
{
	uint8_t promisc = (t->promisc & PROMISC_RX) ? t->promisc : 0;

	switch (cast) {
	case 0:
		return (promisc & PROMISC_UC) ||
			in_table(t->uc, SIM_UC_ENTRIES, t->nb_uc, dmac, false);
	case 1:
		return (promisc & PROMISC_MC) ||
			in_table(t->mc, SIM_MC_ENTRIES, t->nb_mc, dmac, true);
	default:
		return promisc & PROMISC_BC;
	}
}

bool
sim_filter_accept(const struct sim_tables *t, const uint8_t *data, const struct sim_pkt *pkt,
		enum sim_drop *why)
{
	if (!mac_accept(t, data, pkt->dmac_class)) {
		*why = SIM_DROP_MAC_FILTER;
		return false;
	}
	if (t->vlan_port_ingress_filter & 1) {
		/* A frame without a tag counts as one of VLAN 0. */
		unsigned int vid = pkt->nb_vlan ? pkt->tci[0] & 0xfff : 0;

		if (!(t->vlan_bitmap[vid / 64] >> (vid % 64) & 1)) {
			*why = SIM_DROP_VLAN_FILTER;
			return false;
		}
	}
	return true;
}
