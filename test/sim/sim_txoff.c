/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Transmit offloads: checksums, segmentation, VLAN tags.
 *
 * Stale words: the distribution's driver leaves old bits in words that a packet does not
 * use. So PAYLEN counts with TSO only, the outer checksum with a tunnel only, and in the
 * simple checksum form nothing counts but the two offsets and the VLAN bits.
 */

#include "sim_data.h"

#define TYPE_L3T(t)  ((t) & 3)
#define TYPE_L4T(t)  ((t) >> 2 & 3)
#define TYPE_L3CS    0x10u
#define TYPE_L4CS    0x20u
#define TYPE_VLAN    0x40u
#define TYPE_TSO     0x80u
#define OL_OVLAN     0x04u
#define OL_TUNTYPE(o) ((o) >> 4 & 15)
#define OL4CS        (1u << 22)
#define MSS_CKST     0x4000u

enum { L3T_NONE, L3T_IPV6, L3T_IPV4 };
enum { L4T_NONE, L4T_TCP, L4T_UDP, L4T_SCTP };
enum { OL3T_NONE, OL3T_IPV6, OL3T_IPV4, OL3T_IPV4_CSUM };
enum { TUN_MAC_IN_UDP = 1 };

#define VLAN_INS_TAG1 0x04u
#define VLAN_INS_TAG2 0x08u

#define MAX_HEADER 512u
#define MAX_MSS    9668u
#define MIN_MSS    256u

/** Where the headers are, as the descriptor says. */
struct layout {
	uint32_t ol3, ol4;  /* outer headers of a tunnel; 0, 0: none */
	uint32_t l3, l4;    /* the inner or only ones */
	uint32_t payload;
	uint32_t ol3t, l3t, l4t;
	bool tunnel;
};

/** What goes on with the packet of one call. */
struct job {
	struct sim_dev *d;
	unsigned int q;
	const struct sim_tx_desc *t;
	struct layout h;
	uint16_t tag[2][2]; /* TPID, TCI: outermost first */
	unsigned int nb_tags;
	struct sim_mac_sum *sum;
	struct sim_tx_result *res;
};

static bool
contradicts(struct job *j, const char *what, uint32_t n)
{
	sim_violate(j->d, SIM_VIOL_TX_OFFLOAD, "Tx ring %u: BD %u, %s %u", j->q,
			j->d->txq[j->q].head, what, n);
	j->res->bad = true;
	return false;
}

/* --- VLAN ------------------------------------------------------------------------------ */

static void
add_tag(struct job *j, unsigned int which, uint16_t tci)
{
	uint16_t tpid = j->d->t.tpid_tx[which];

	j->tag[j->nb_tags][0] = tpid ? tpid : 0x8100;
	j->tag[j->nb_tags++][1] = tci;
}

/** Tags that the packet brings with it. */
static unsigned int
own_tags(const uint8_t *p, uint32_t len)
{
	unsigned int n = 0;

	for (uint32_t at = 12; at + 4 <= len && sim_be16(p + at) == 0x8100; at += 4)
		n++;
	return n;
}

static bool
plan_tags(struct job *j, const uint8_t *p, uint32_t len)
{
	const struct sim_tables *t = &j->d->t;
	bool outer = j->t->ol & OL_OVLAN, inner = j->t->type & TYPE_VLAN;
	uint16_t outer_tci = j->t->outer_tag, inner_tci = j->t->inner_tag;
	uint8_t cfg = t->vlan_tx_cfg;

	if (cfg & VLAN_INS_TAG1) {
		/* The tag of the port takes the place of the packet's. */
		if (own_tags(p, len) + inner > 1)
			return contradicts(j, "more than one tag on a port with a VLAN:",
					own_tags(p, len) + inner);
		outer = true;
		outer_tci = t->vlan_tx_tag1;
	} else if (cfg != 0 && !(cfg & (outer ? 1 : 2))) {
		return contradicts(j, "outer tag not accepted, present:", outer);
	}
	if (cfg & VLAN_INS_TAG2) {
		inner = true;
		inner_tci = t->vlan_tx_tag2;
	} else if (cfg != 0 && !(cfg & (inner ? 0x20 : 0x40))) {
		return contradicts(j, "inner tag not accepted, present:", inner);
	}
	if (outer)
		add_tag(j, 0, outer_tci);
	if (inner)
		add_tag(j, 1, inner_tci);
	return true;
}

/** Sends a frame with the planned tags; uses up to 8 bytes before it. */
static void
emit_tagged(struct job *j, uint8_t *p, uint32_t len)
{
	uint32_t room = 4 * j->nb_tags;

	if (room != 0) {
		memmove(p - room, p, 12);
		p -= room;
		len += room;
		for (unsigned int i = 0; i < j->nb_tags; i++) {
			sim_put_be16(p + 12 + 4 * i, j->tag[i][0]);
			sim_put_be16(p + 14 + 4 * i, j->tag[i][1]);
		}
	}
	sim_tx_emit(j->d, p, len, j->sum, j->res);
}

/* --- where the headers are -------------------------------------------------------------- */

static bool
check_ip(struct job *j, const uint8_t *p, uint32_t at, uint32_t len, bool v4, uint32_t end)
{
	if (at + (v4 ? 20 : 40) > end || len < (v4 ? 20u : 40u))
		return contradicts(j, "IP header does not fit at", at);
	if (p[at] >> 4 != (v4 ? 4 : 6))
		return contradicts(j, "no IP header of the said version at", at);
	if (v4 && (p[at] & 15) * 4u != len)
		return contradicts(j, "IP header length is not", len);
	return true;
}

static bool
check_l4(struct job *j, const uint8_t *p, uint32_t len)
{
	static const uint8_t proto[4] = {0, 6, 17, 132};
	static const uint8_t size[4] = {0, 20, 8, 12};
	const struct layout *h = &j->h;

	if (h->l4t == L4T_NONE || h->l3t == L3T_NONE)
		return contradicts(j, "L4 checksum without types, L4T is", h->l4t);
	if (h->l4 + size[h->l4t] > len)
		return contradicts(j, "L4 header does not fit at", h->l4);
	if (h->l3t == L3T_IPV4 && p[h->l3 + 9] != proto[h->l4t])
		return contradicts(j, "L4T against protocol", p[h->l3 + 9]);
	/* Without a tunnel type this chip still takes these ports for a tunnel. */
	if (h->l4t == L4T_UDP && !h->tunnel && j->d->cfg.revision < 0x30) {
		uint16_t port = sim_be16(p + h->l4 + 2);

		if (port == 4789 || port == 4790 || port == 6081)
			return contradicts(j, "checksum of a UDP packet to tunnel port", port);
	}
	return true;
}

static bool
plan_headers(struct job *j, const uint8_t *p, uint32_t len)
{
	uint32_t type = j->t->type, ol = j->t->ol;
	struct layout *h = &j->h;
	uint32_t base = 0;

	h->l3t = TYPE_L3T(type);
	h->l4t = TYPE_L4T(type);
	h->tunnel = OL_TUNTYPE(ol) != 0;
	if (h->tunnel) {
		h->ol3t = ol & 3;
		h->ol3 = (ol >> 8 & 0xff) * 2;
		h->ol4 = h->ol3 + (ol >> 16 & 0xff) * 4;
		base = h->ol4 + (ol >> 24) * 4;
		if (h->ol3t != OL3T_NONE && !check_ip(j, p, h->ol3, h->ol4 - h->ol3,
				h->ol3t != OL3T_IPV6, len))
			return false;
		if ((j->t->paylen & OL4CS) && j->d->cfg.revision < 0x30)
			return contradicts(j, "outer UDP checksum, not on revision",
					j->d->cfg.revision);
	}
	h->l3 = base + (type >> 8 & 0xff) * 2;
	h->l4 = h->l3 + (type >> 16 & 0xff) * 4;
	h->payload = h->l4 + (type >> 24) * 4;
	if ((type & TYPE_L3CS) && h->l3t != L3T_IPV4)
		return contradicts(j, "IP checksum with L3T", h->l3t);
	if ((type & (TYPE_L3CS | TYPE_L4CS | TYPE_TSO)) && h->l3t != L3T_NONE &&
			!check_ip(j, p, h->l3, h->l4 - h->l3, h->l3t == L3T_IPV4, len))
		return false;
	if ((type & (TYPE_L4CS | TYPE_TSO)) && !check_l4(j, p, len))
		return false;
	return true;
}

/* --- checksums -------------------------------------------------------------------------- */

static void
ip4_checksum(uint8_t *ip)
{
	ip[10] = 0;
	ip[11] = 0;
	sim_put_be16(ip + 10, (uint16_t)~sim_fold16(sim_sum16(ip, (ip[0] & 15) * 4u, 0)));
}

/** Sums from @p from on, starting with what stands in the field, and stores it there. */
static void
seeded_checksum(uint8_t *from, uint32_t len, uint32_t field, uint32_t more, bool udp)
{
	uint16_t sum = (uint16_t)~sim_fold16(sim_sum16(from, len, 0) + more);

	sim_put_be16(from + field, udp && sum == 0 ? 0xffff : sum);
}

static void
l4_checksum(struct job *j, uint8_t *p, uint32_t len, uint32_t more)
{
	const struct layout *h = &j->h;
	uint8_t *l4 = p + h->l4;
	uint32_t n = len - h->l4, crc;

	switch (h->l4t) {
	case L4T_TCP:
		seeded_checksum(l4, n, 16, more, false);
		break;
	case L4T_UDP:
		seeded_checksum(l4, n, 6, more, true);
		break;
	default:
		memset(l4 + 8, 0, 4);
		crc = sim_crc32c(l4, n);
		memcpy(l4 + 8, &crc, 4);
		break;
	}
}

static void
outer_checksum(struct job *j, uint8_t *p, uint32_t len)
{
	const struct layout *h = &j->h;

	if (!h->tunnel)
		return;
	if (h->ol3t == OL3T_IPV4_CSUM)
		ip4_checksum(p + h->ol3);
	if ((j->t->paylen & OL4CS) && OL_TUNTYPE(j->t->ol) == TUN_MAC_IN_UDP)
		seeded_checksum(p + h->ol4, len - h->ol4, 6, 0, true);
}

/** The form with two offsets only; this is not on the older chip. */
static bool
simple_checksum(struct job *j, uint8_t *p, uint32_t len)
{
	uint32_t start = (j->t->type >> 8 & 0xffff) * 2, at = (j->t->ol >> 8 & 0xffff) * 2;

	if (j->d->cfg.revision < 0x30)
		return contradicts(j, "simple checksum form, not on revision", j->d->cfg.revision);
	if (start + at + 2 > len)
		return contradicts(j, "checksum field beyond the packet, at", start + at);
	seeded_checksum(p + start, len - start, at, 0, at == 6);
	return true;
}

/* --- segmentation ----------------------------------------------------------------------- */

static uint32_t
mss_of(const struct job *j)
{
	return j->t->mss & 0x3fffu;
}

static bool
check_tso(struct job *j, uint32_t len)
{
	const struct sim_tables *t = &j->d->t;
	uint32_t min = t->tso_mss_min ? t->tso_mss_min : MIN_MSS;
	uint32_t max = t->tso_mss_max && t->tso_mss_max <= MAX_MSS ? t->tso_mss_max : MAX_MSS;
	uint32_t paylen = j->t->paylen & 0xfffff;
	const struct layout *h = &j->h;

	if (h->l4t != L4T_TCP || h->l3t == L3T_NONE)
		return contradicts(j, "segmentation with L4T", h->l4t);
	if (mss_of(j) < min || mss_of(j) > max)
		return contradicts(j, "MSS", mss_of(j));
	if (h->payload > MAX_HEADER || h->payload > len)
		return contradicts(j, "headers too long:", h->payload);
	if (paylen != len - h->payload)
		return contradicts(j, "PAYLEN against the header lengths:", paylen);
	return paylen != 0 || contradicts(j, "segmentation without payload, length", len);
}

static void
patch_ip(uint8_t *p, uint32_t at, bool v4, uint32_t len, uint32_t seg, bool checksum)
{
	uint8_t *ip = p + at;

	if (!v4) {
		sim_put_be16(ip + 4, (uint16_t)(len - at - 40));
		return;
	}
	sim_put_be16(ip + 2, (uint16_t)(len - at));
	sim_put_be16(ip + 4, (uint16_t)(sim_be16(ip + 4) + seg));
	if (checksum)
		ip4_checksum(ip);
}

/** Makes the headers of segment number @p seg true; its payload starts at @p offset. */
static void
patch_segment(struct job *j, uint8_t *p, uint32_t len, uint32_t seg, uint32_t offset, bool last)
{
	const struct layout *h = &j->h;
	uint8_t *tcp = p + h->l4;
	uint32_t more = len - h->l4;

	if (h->tunnel && h->ol3t != OL3T_NONE) {
		patch_ip(p, h->ol3, h->ol3t != OL3T_IPV6, len, seg, false);
		if (OL_TUNTYPE(j->t->ol) == TUN_MAC_IN_UDP)
			sim_put_be16(p + h->ol4 + 4, (uint16_t)(len - h->ol4));
	}
	patch_ip(p, h->l3, h->l3t == L3T_IPV4, len, seg, true);
	sim_put_be32(tcp + 4, sim_be32(tcp + 4) + offset);
	if (!last)
		tcp[13] &= (uint8_t)~0x09; /* FIN, PSH */
	if (seg != 0)
		tcp[13] &= 0x7f; /* CWR */
	if (j->d->cfg.revision >= 0x30) {
		/* This chip makes the pseudo-header sum itself. */
		tcp[16] = 0;
		tcp[17] = 0;
		more += 6 + (h->l3t == L3T_IPV4 ? sim_sum16(p + h->l3 + 12, 8, 0) :
				sim_sum16(p + h->l3 + 8, 32, 0));
	}
	l4_checksum(j, p, len, more);
	outer_checksum(j, p, len);
}

static void
send_segments(struct job *j, const uint8_t *p, uint32_t len)
{
	/* As in sim_tx.c, one packet at a time. */
	static uint8_t buf[SIM_TX_HEADROOM + MAX_HEADER + MAX_MSS + SIM_TX_TAILROOM];
	uint32_t head = j->h.payload, mss = mss_of(j), seg = 0;

	for (uint32_t at = head; at < len; at += mss, seg++) {
		uint32_t n = len - at < mss ? len - at : mss;
		uint8_t *out = buf + SIM_TX_HEADROOM;

		memcpy(out, p, head);
		memcpy(out + head, p + at, n);
		patch_segment(j, out, head + n, seg, at - head, at + n == len);
		emit_tagged(j, out, head + n);
	}
}

void
sim_txoff_send(struct sim_dev *d, unsigned int q, const struct sim_tx_desc *t, uint8_t *p,
		uint32_t len, struct sim_mac_sum *sum, struct sim_tx_result *res)
{
	struct job j = {.d = d, .q = q, .t = t, .sum = sum, .res = res};

	if (!plan_tags(&j, p, len))
		return;
	if (t->mss & MSS_CKST) {
		if (simple_checksum(&j, p, len))
			emit_tagged(&j, p, len);
		return;
	}
	if (!plan_headers(&j, p, len))
		return;
	if (t->type & TYPE_TSO) {
		if (check_tso(&j, len))
			send_segments(&j, p, len);
		return;
	}
	if (t->type & TYPE_L3CS)
		ip4_checksum(p + j.h.l3);
	if (t->type & TYPE_L4CS)
		l4_checksum(&j, p, len, 0);
	outer_checksum(&j, p, len);
	emit_tagged(&j, p, len);
}
