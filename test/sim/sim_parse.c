/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What the receive path finds in a frame: types, offsets, and whether checksums are right.
 *
 * The ids are those of the legacy descriptor layout. A header that does not fit the frame
 * ends the parse with id 15 from that layer on; nothing beyond the frame is ever read.
 */

#include "sim_data.h"

enum {
	L3_IPV4 = 0, L3_IPV6 = 1, L3_ARP = 2, L3_RARP = 3, L3_IPV4_OPT = 4, L3_IPV6_EXT = 5,
	L3_LLDP = 6, L3_BPDU = 7, L3_PAUSE = 8, L3_PFC = 9, L3_CNM = 12, ID_NONE = 15
};
enum { L4_UDP = 0, L4_TCP = 1, L4_GRE = 2, L4_SCTP = 3, L4_IGMP = 4, L4_ICMP = 5 };
enum { TUN_NONE = 0, TUN_MAC_IN_UDP = 1, TUN_NVGRE = 2 };

#define NO_FLOW 0xff

/** The headers of one level: the only ones, or the outer or inner ones of a tunnel. */
struct level {
	uint32_t l3, l4, end; /* offsets; end: where the IP payload ends */
	uint8_t l3id, l4id;
	bool is_v4, is_v6, frag;
	bool payload_known;   /* the length fields agree with the frame */
	bool l3e, l4e, udp0;
	uint8_t cast;
	uint8_t nb_vlan;
	uint16_t tci[2], tpid[2];
};

static bool
is_tpid(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8;
}

/** Sum of the pseudo-header of an IP packet whose payload from l4 to end is @p len bytes. */
static uint32_t
pseudo_sum(const uint8_t *data, const struct level *v, uint8_t proto, uint32_t len)
{
	uint32_t sum = v->is_v4 ? sim_sum16(data + v->l3 + 12, 8, 0) :
		sim_sum16(data + v->l3 + 8, 32, 0);

	return sum + proto + (len >> 16) + (len & 0xffff);
}

static bool
l4_sum_bad(const uint8_t *data, const struct level *v, uint8_t proto, uint32_t len)
{
	return sim_fold16(sim_sum16(data + v->l4, len, pseudo_sum(data, v, proto, len))) != 0xffff;
}

static void
check_udp(const uint8_t *data, struct level *v)
{
	uint32_t room = v->end - v->l4, len = sim_be16(data + v->l4 + 4);

	if (len < 8 || len > room) {
		v->l4e = true;
		return;
	}
	if (sim_be16(data + v->l4 + 6) == 0) {
		v->udp0 = true;
		v->l4e = v->is_v6;
		return;
	}
	v->l4e = l4_sum_bad(data, v, 17, len);
}

/** Names the L4 header of a level, and verifies its checksum if it has one. */
static void
parse_l4(const uint8_t *data, struct level *v, uint8_t proto)
{
	uint32_t room = v->end - v->l4;

	v->l4id = ID_NONE;
	if (v->frag)
		return;
	switch (proto) {
	case 17:
		if (room < 8)
			return;
		v->l4id = L4_UDP;
		if (v->payload_known)
			check_udp(data, v);
		break;
	case 6:
		if (room < 20)
			return;
		v->l4id = L4_TCP;
		if (v->payload_known)
			v->l4e = l4_sum_bad(data, v, 6, room);
		break;
	case 132:
		if (room < 12)
			return;
		v->l4id = L4_SCTP;
		break;
	case 47:
		v->l4id = room >= 4 ? L4_GRE : ID_NONE;
		break;
	case 2:
		v->l4id = L4_IGMP;
		break;
	case 1:
		v->l4id = v->is_v4 ? L4_ICMP : ID_NONE;
		break;
	case 58:
		v->l4id = v->is_v6 ? L4_ICMP : ID_NONE;
		break;
	default:
		break;
	}
}

/** SCTP has no pseudo-header; its checksum field counts as zero. */
static bool
sctp_sum_bad(const uint8_t *data, const struct level *v)
{
	uint8_t buf[SIM_MAX_FRAME];
	uint32_t len = v->end - v->l4, crc;

	if (len > sizeof(buf))
		return true;
	memcpy(buf, data + v->l4, len);
	memset(buf + 8, 0, 4);
	crc = sim_crc32c(buf, len);
	return memcmp(data + v->l4 + 8, &crc, 4) != 0;
}

static void
parse_ipv4(const uint8_t *data, uint32_t len, struct level *v)
{
	const uint8_t *ip = data + v->l3;
	uint32_t room = len - v->l3, hlen, total;

	if (room < 20 || ip[0] >> 4 != 4)
		return;
	hlen = (ip[0] & 15) * 4u;
	total = sim_be16(ip + 2);
	if (hlen < 20 || hlen > room)
		return;
	v->is_v4 = true;
	v->l3id = hlen > 20 ? L3_IPV4_OPT : L3_IPV4;
	v->l3e = sim_fold16(sim_sum16(ip, hlen, 0)) != 0xffff;
	v->frag = (sim_be16(ip + 6) & 0x3fff) != 0;
	v->l4 = v->l3 + hlen;
	v->payload_known = total >= hlen && total <= room;
	v->end = v->payload_known ? v->l3 + total : len;
	parse_l4(data, v, ip[9]);
}

static void
parse_ipv6(const uint8_t *data, uint32_t len, struct level *v)
{
	const uint8_t *ip = data + v->l3;
	uint32_t room = len - v->l3, at = 40, total;
	uint8_t next;

	if (room < 40 || ip[0] >> 4 != 6)
		return;
	v->is_v6 = true;
	v->l3id = L3_IPV6;
	total = 40u + sim_be16(ip + 4);
	v->payload_known = total <= room;
	v->end = v->payload_known ? v->l3 + total : len;
	room = v->end - v->l3;
	next = ip[6];
	while (next == 0 || next == 43 || next == 44 || next == 51 || next == 60) {
		uint32_t hlen;

		v->l3id = L3_IPV6_EXT;
		if (at + 8 > room) {
			next = 59;
			break;
		}
		hlen = next == 44 ? 8 : next == 51 ? (ip[at + 1] + 2u) * 4 : (ip[at + 1] + 1u) * 8;
		if (next == 44 && (sim_be16(ip + at + 2) & 0xfff9) != 0)
			v->frag = true;
		next = ip[at];
		at += hlen;
		if (at > room) {
			at = room;
			next = 59;
		}
	}
	v->l4 = v->l3 + at;
	parse_l4(data, v, next);
}

/** Slow protocols and the like, known by their EtherType. */
static uint8_t
other_l3(const uint8_t *data, uint32_t at, uint32_t len, uint16_t type)
{
	switch (type) {
	case 0x0806:
		return L3_ARP;
	case 0x8035:
		return L3_RARP;
	case 0x88cc:
		return L3_LLDP;
	case 0x22e9:
		return L3_CNM;
	case 0x8808:
		if (at + 2 > len)
			return ID_NONE;
		return sim_be16(data + at) == 1 ? L3_PAUSE :
			sim_be16(data + at) == 0x0101 ? L3_PFC : ID_NONE;
	default:
		if (type < 0x600 && at + 3 <= len && data[at] == 0x42 && data[at + 1] == 0x42)
			return L3_BPDU;
		return ID_NONE;
	}
}

/** Parses from a MAC header at @p at on. */
static void
parse_level(const uint8_t *data, uint32_t at, uint32_t len, struct level *v)
{
	uint16_t type;

	memset(v, 0, sizeof(*v));
	v->l3id = ID_NONE;
	v->l4id = ID_NONE;
	v->l3 = v->l4 = v->end = len;
	if (at + 14 > len)
		return;
	v->cast = (uint8_t)sim_dmac_class(data + at);
	type = sim_be16(data + at + 12);
	at += 14;
	while (is_tpid(type) && v->nb_vlan < 2 && at + 4 <= len) {
		v->tpid[v->nb_vlan] = type;
		v->tci[v->nb_vlan++] = sim_be16(data + at);
		type = sim_be16(data + at + 2);
		at += 4;
	}
	v->l3 = at;
	if (type == 0x0800)
		parse_ipv4(data, len, v);
	else if (type == 0x86dd)
		parse_ipv6(data, len, v);
	else
		v->l3id = other_l3(data, at, len, type);
	if (v->l4id == L4_SCTP && v->payload_known)
		v->l4e = sctp_sum_bad(data, v);
}

/** Where the inner MAC header of a tunnel starts; 0 if this is no tunnel that is known. */
static uint32_t
tunnel_payload(const uint8_t *data, const struct level *v, uint8_t *kind)
{
	const uint8_t *l4 = data + v->l4;
	uint32_t room = v->end - v->l4;

	if (v->l4id == L4_GRE && sim_be16(l4 + 2) == 0x6558) {
		uint32_t hlen = 4u + ((l4[0] & 0x80) ? 4 : 0) + ((l4[0] & 0x20) ? 4 : 0) +
			((l4[0] & 0x10) ? 4 : 0);

		*kind = TUN_NVGRE;
		return hlen < room ? v->l4 + hlen : 0;
	}
	if (v->l4id != L4_UDP || room < 16)
		return 0;
	*kind = TUN_MAC_IN_UDP;
	switch (sim_be16(l4 + 2)) {
	case 4789:
		return (l4[8] & 0x08) ? v->l4 + 16 : 0;
	case 4790:
		return (l4[8] & 0x08) && l4[11] == 3 ? v->l4 + 16 : 0;
	case 6081: {
		uint32_t hlen = 16u + (l4[8] & 0x3f) * 4u;

		return l4[8] >> 6 == 0 && sim_be16(l4 + 10) == 0x6558 && hlen < room ?
			v->l4 + hlen : 0;
	}
	default:
		return 0;
	}
}

static uint8_t
flow_of(const struct level *v)
{
	uint8_t base = v->is_v6 ? 4 : 0;

	if (!v->is_v4 && !v->is_v6)
		return NO_FLOW;
	switch (v->l4id) {
	case L4_TCP:
		return base;
	case L4_UDP:
		return base + 1;
	case L4_SCTP:
		return base + 2;
	default:
		return base + 3;
	}
}

void
sim_parse(const uint8_t *data, uint32_t len, struct sim_pkt *pkt)
{
	struct level outer, inner;
	const struct level *v = &outer;
	uint8_t kind = TUN_NONE;
	uint32_t at;

	parse_level(data, 0, len, &outer);
	memset(pkt, 0, sizeof(*pkt));
	pkt->len = len;
	pkt->nb_vlan = outer.nb_vlan;
	memcpy(pkt->tci, outer.tci, sizeof(pkt->tci));
	memcpy(pkt->tpid, outer.tpid, sizeof(pkt->tpid));
	pkt->dmac_class = outer.cast;
	at = tunnel_payload(data, &outer, &kind);
	if (at != 0) {
		parse_level(data, at, outer.end, &inner);
		v = &inner;
		pkt->ol3id = outer.l3id;
		pkt->ol4id = kind;
	}
	pkt->l3_off = (uint16_t)v->l3;
	pkt->l4_off = (uint16_t)v->l4;
	pkt->l3id = v->l3id;
	pkt->l4id = v->l4id;
	pkt->inner_dmac_class = v->cast;
	pkt->frag = v->frag;
	pkt->flow = flow_of(v);
	/* Only then the error bits mean something to a driver, so only then they are set. */
	pkt->l3l4p = v->payload_known &&
		(v->l4id == L4_TCP || v->l4id == L4_UDP || v->l4id == L4_SCTP);
	if (pkt->l3l4p) {
		pkt->l3e = v->l3e;
		pkt->l4e = v->l4e;
		pkt->udp0 = v->udp0;
		pkt->ol3e = at != 0 && outer.l3e;
		pkt->ol4e = at != 0 && kind == TUN_MAC_IN_UDP && outer.l4e && !outer.udp0;
	}
}
