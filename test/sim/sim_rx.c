/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The receive engine: takes frames from the wire, decides what becomes of them, and writes
 * them to the rings.
 *
 * A turn works in groups of frames: first every buffer of the group is found and its line
 * asked for, then the bytes are copied and the descriptors written, but for their last
 * word, and then the last words are published, in order. A driver that polls the ring thus
 * disturbs the model once in a group and not once in a frame.
 */

#include "sim_data.h"

#define RX_GROUP 32u           /* frames of a group */
#define RX_STAGE (RX_GROUP + 40u) /* BDs of a group: a frame takes 19 at most */
#define RX_WAIT_NS 1000000000ull /* a frame of a lossless wire waits so long for a ring */

/** What becomes of a frame, worked out from its headers. Fits the memo of a wire. */
struct rx_class {
	uint64_t key;      /* the state of the tables for which it was worked out; 0: unused */
	uint16_t queue;
	uint16_t len;      /* to be written, without stripped tags */
	uint8_t drop;      /* SIM_DROP_NUM: deliver */
	uint8_t bin, cast; /* MAC counters */
	uint8_t edit;      /* the bytes are not simply those of the frame */
	uint8_t cut1, cut2; /* tag at offset 12 or 16 is removed: 4, else 0 */
	uint8_t pad;       /* zeroes to add */
	uint8_t crc;       /* 4: the checksum of the frame is delivered too */
	uint32_t pad2;
	uint32_t bd[6];    /* words 0x08 to 0x1c of the BD, if there is one only */
} __attribute__((may_alias));

_Static_assert(sizeof(struct rx_class) <= 64, "larger than a memo");

/** A BD of the group. */
struct rx_slot {
	struct sim_bd *bd;
	uint8_t *dst;
	const uint8_t *src; /* NULL: the bytes are there already */
	const struct rx_class *c;
	uint32_t len;
	uint32_t info;      /* word 0x1c */
};

struct rx_turn {
	struct sim_mac_sum mac;
	uint64_t queues;    /* that got frames */
	uint64_t resolved;  /* whose ring was looked up */
	uint64_t starved;   /* that have too few free BDs, looked for in vain */
	uint64_t key;
	uint64_t bytes;
	unsigned int frames;
	unsigned int n;
	bool lossless, asked;
	struct rx_slot slot[RX_STAGE];
	struct rx_class local[RX_GROUP];
};

/* --- classification -------------------------------------------------------------------- */

static bool
strippable(const struct sim_tables *t, uint16_t tpid)
{
	return tpid == t->tpid_rx[0] || tpid == t->tpid_rx[1] || tpid == t->tpid_rx[2] ||
		tpid == t->tpid_rx[3];
}

static uint32_t
shown_tag(const struct sim_tables *t, uint16_t tci, uint8_t prio_only)
{
	return t->vlan_rx_cfg & prio_only ? tci & 0xe000u : tci;
}

/** Which tags are taken out, and how that is told. "Tag 2" of the command is the outermost
 * or only one, "tag 1" the second.
 */
static void
strip_vlan(const struct sim_tables *t, const struct sim_pkt *p, struct rx_class *c)
{
	bool tag2 = p->nb_vlan > 0 && (t->vlan_rx_cfg & 2) && strippable(t, p->tpid[0]);
	bool tag1 = p->nb_vlan > 1 && (t->vlan_rx_cfg & 1) && strippable(t, p->tpid[1]);
	uint32_t strp = 0;

	if (tag2) {
		uint32_t tci = shown_tag(t, p->tci[0], 8);

		c->cut1 = 4;
		if (p->nb_vlan > 1) {
			strp |= 1;
			c->bd[4] |= tci << 16;
		} else {
			strp |= 2;
			c->bd[3] |= tci << 16;
		}
	}
	if (tag1) {
		c->cut2 = 4;
		strp |= 2;
		c->bd[3] |= shown_tag(t, p->tci[1], 4) << 16;
	}
	c->bd[0] |= strp << 13;
}

static bool
keeps_crc(const struct sim_tables *t, const struct sim_pkt *p)
{
	if (t->mac_mode & MAC_RX_FCS_STRIP)
		return false;
	/* This chip takes it off short TCP packets all the same. */
	return !(p->len <= 60 && p->l4id == 1 && (p->l3id <= 1 || p->l3id == 4 || p->l3id == 5));
}

static void
describe(const struct sim_tables *t, const uint8_t *data, const struct sim_pkt *p, uint32_t wire_len,
		struct rx_class *c)
{
	uint32_t hash = sim_rss_hash(t, data, p), len;

	c->queue = (uint16_t)sim_rss_queue(t, hash, p);
	c->bd[0] = p->inner_dmac_class | (uint32_t)p->l3id << 4 | (uint32_t)p->l4id << 8 |
		(uint32_t)p->frag << 12 | (uint32_t)p->l3e << 17 | (uint32_t)p->l4e << 18 |
		(uint32_t)p->ol3e << 22 | (uint32_t)p->ol4e << 23;
	c->bd[2] = hash;
	c->bd[4] = p->dmac_class | (uint32_t)p->ol3id << 4 | (uint32_t)p->ol4id << 8;
	c->bd[5] = RXBD_VLD | RXBD_FE | (p->l3l4p ? RXBD_L3L4P : 0) | (p->udp0 ? RXBD_UDP0 : 0);
	strip_vlan(t, p, c);
	if (keeps_crc(t, p)) {
		c->crc = SIM_CRC_LEN;
		c->bd[5] |= RXBD_CRCP;
	}
	c->pad = wire_len < SIM_MIN_LEN ? (uint8_t)(SIM_MIN_LEN - wire_len) : 0;
	len = wire_len + c->pad + c->crc - c->cut1 - c->cut2;
	c->edit = c->pad | c->crc | c->cut1 | c->cut2;
	c->len = (uint16_t)len;
	c->bd[1] = len | len << 16;
}

static void
classify(struct sim_dev *d, const struct sim_frame *f, uint64_t key, struct rx_class *c)
{
	const struct sim_tables *t = &d->t;
	uint32_t max = t->max_frame ? t->max_frame : SIM_MAX_FRAME, len = f->len;
	enum sim_drop why = SIM_DROP_NUM;
	struct sim_pkt p;

	memset(c, 0, sizeof(*c));
	c->key = key;
	c->drop = SIM_DROP_NUM;
	if (len < 14) {
		c->drop = SIM_DROP_RUNT;
		return;
	}
	if (len + SIM_CRC_LEN > max || len > SIM_MAX_FRAME - SIM_CRC_LEN) {
		c->drop = SIM_DROP_OVERSIZE;
		return;
	}
	sim_parse(f->data, len, &p);
	c->cast = p.dmac_class;
	c->bin = (uint8_t)sim_mac_bin(len < SIM_MIN_LEN ? SIM_MIN_LEN : len);
	if (!sim_filter_accept(t, f->data, &p, &why)) {
		c->drop = (uint8_t)why;
		return;
	}
	describe(t, f->data, &p, len, c);
}

/* --- a group of BDs -------------------------------------------------------------------- */

static inline void
copy_bytes(uint8_t *dst, const uint8_t *src, uint32_t len)
{
	typedef uint64_t v2 __attribute__((vector_size(16), aligned(1), may_alias));

	if (len > 256) {
		memcpy(dst, src, len);
		return;
	}
	if (len < 16) {
		memcpy(dst, src, len);
		return;
	}
	for (; len > 64; src += 64, dst += 64, len -= 64) {
		v2 a = *(const v2 *)src, b = *(const v2 *)(src + 16);
		v2 c = *(const v2 *)(src + 32), e = *(const v2 *)(src + 48);

		*(v2 *)dst = a;
		*(v2 *)(dst + 16) = b;
		*(v2 *)(dst + 32) = c;
		*(v2 *)(dst + 48) = e;
	}
	/* 1 to 64 are left; the last 16 overlap with what went before. */
	for (; len > 16; src += 16, dst += 16, len -= 16)
		*(v2 *)dst = *(const v2 *)src;
	*(v2 *)(dst + len - 16) = *(const v2 *)(src + len - 16);
}

/** Writes and publishes what is staged. */
static void
flush_group(struct rx_turn *t)
{
	for (unsigned int i = 0; i < t->n; i++) {
		struct rx_slot *s = &t->slot[i];
		uint32_t *w = s->bd->w;

		if (s->src != NULL)
			copy_bytes(s->dst, s->src, s->len);
		if (s->info & RXBD_FE) {
			memcpy(w, s->c->bd, 20);
			w[1] = s->c->len | s->len << 16;
		} else {
			memset(w, 0, 20);
			w[1] = s->len << 16;
		}
	}
	for (unsigned int i = 0; i < t->n; i++)
		sim_bd_hand_over(t->slot[i].bd, t->slot[i].info);
	t->n = 0;
}

/** Finds the buffer of the next BD of a ring, with room for @p len bytes. */
static uint8_t *
next_buffer(struct sim_dev *d, unsigned int q, uint32_t at, uint32_t len, struct sim_bd **bdp)
{
	struct sim_rxq *r = &d->rxq[q];
	struct sim_bd *bd = sim_bd_at(d, r->ring, r->base, at);
	uint64_t addr;

	if (__builtin_expect(bd == NULL, 0))
		return NULL;
	addr = __atomic_load_n(&bd->addr, __ATOMIC_RELAXED);
	*bdp = bd;
	if (__builtin_expect(addr == 0, 0)) {
		sim_violate(d, SIM_VIOL_BD_NO_ADDR, "Rx ring %u: BD %u has no address", q, at);
		return NULL;
	}
	if (__builtin_expect(addr & 63, 0))
		sim_violate(d, SIM_VIOL_ALIGN, "Rx ring %u: buffer 0x%llx of BD %u", q,
				(unsigned long long)addr, at);
	return sim_dma(d, addr, len, true);
}

/** The bytes of a frame as they are delivered, in @p out. */
static void
edit_frame(const struct sim_frame *f, const struct rx_class *c, uint8_t *out)
{
	uint32_t len = f->len, at = 12;

	memcpy(out, f->data, 12);
	if (c->cut2 && !c->cut1) {
		memcpy(out + at, f->data + 12, 4);
		at += 4;
		memcpy(out + at, f->data + 20, len - 20);
		at += len - 20;
	} else {
		uint32_t skip = 12u + c->cut1 + c->cut2;

		memcpy(out + at, f->data + skip, len - skip);
		at += len - skip;
	}
	memset(out + at, 0, c->pad);
	at += c->pad;
	if (c->crc) {
		/* The checksum of what was on the wire. */
		uint8_t wire[SIM_MAX_FRAME];
		uint32_t crc;

		memcpy(wire, f->data, len);
		memset(wire + len, 0, c->pad);
		crc = sim_crc32(wire, len + c->pad);
		memcpy(out + at, &crc, 4);
	}
}

static inline void
took_frame(struct rx_turn *t, struct sim_rxq *r, const struct sim_frame *f, const struct rx_class *c,
		uint32_t nb_bd)
{
	t->queues |= 1ull << c->queue;
	t->frames++;
	t->bytes += f->len + c->pad;
	r->pkt_record++;
	r->free -= nb_bd;
	r->tail = sim_ring_add(r->tail, nb_bd, r->nb_bd);
}

/** A frame that takes several BDs, or whose bytes change. false: DMA refused. */
static bool
put_slow(struct sim_dev *d, struct rx_turn *t, const struct sim_frame *f, const struct rx_class *c,
		uint32_t nb_bd)
{
	struct sim_rxq *r = &d->rxq[c->queue];
	uint32_t at = r->tail, done = 0;
	const uint8_t *src = f->data;
	uint8_t edited[SIM_MAX_FRAME + 64];

	if (c->edit) {
		edit_frame(f, c, edited);
		src = edited;
	}
	for (uint32_t k = 0; k < nb_bd; k++) {
		uint32_t len = c->len - done < r->bd_len ? c->len - done : r->bd_len;
		struct rx_slot *s = &t->slot[t->n + k];

		s->dst = next_buffer(d, c->queue, at, len, &s->bd);
		if (s->dst == NULL)
			return false;
		s->src = c->edit ? NULL : src + done;
		if (c->edit)
			memcpy(s->dst, src + done, len);
		s->len = len;
		s->c = c;
		s->info = k + 1 == nb_bd ? c->bd[5] : RXBD_VLD;
		done += len;
		at = sim_ring_add(at, 1, r->nb_bd);
	}
	t->n += nb_bd;
	took_frame(t, r, f, c, nb_bd);
	return true;
}

/* --- a frame --------------------------------------------------------------------------- */

enum verdict { TAKEN, DROPPED, WAIT, GO_ON };

static bool
is_lossless(struct sim_dev *d, struct rx_turn *t)
{
	if (!t->asked) {
		t->lossless = d->ops->wire_lossless(d->host);
		t->asked = true;
	}
	return t->lossless;
}

static enum verdict
drop(struct sim_dev *d, enum sim_drop why)
{
	d->stats->drops[why]++;
	if (why == SIM_DROP_NO_BD || why == SIM_DROP_DISABLED)
		d->rpu_drop++;
	return DROPPED;
}

/** No ring to put it in. A wire that loses nothing waits for a while: the driver enables
 * the MAC before the rings, and the rings one by one.
 */
static enum verdict
no_ring(struct sim_dev *d, struct rx_turn *t)
{
	if (is_lossless(d, t)) {
		uint64_t now = sim_now_ns();

		if (d->rx_wait_since_ns == 0)
			d->rx_wait_since_ns = now;
		if (now - d->rx_wait_since_ns < RX_WAIT_NS)
			return WAIT;
	}
	return drop(d, SIM_DROP_DISABLED);
}

/** Free BDs, perhaps after another look; one look a turn. */
static bool
enough_free(struct sim_dev *d, struct rx_turn *t, unsigned int q, uint32_t need)
{
	struct sim_rxq *r = &d->rxq[q];

	if (r->free >= need)
		return true;
	if (d->cfg.mode != SIM_MODE_THREADED || (t->starved >> q & 1))
		return false;
	sim_rxq_scan(d, q);
	if (r->free >= need)
		return true;
	t->starved |= 1ull << q;
	return false;
}

/** A frame that the port does not deliver at all. */
static enum verdict
reject(struct sim_dev *d, const struct sim_frame *f, enum sim_drop why)
{
	uint64_t *mac = &d->mac_counter[MAC_RX_FIRST];

	if (why == SIM_DROP_OVERSIZE) {
		mac[MAC_TOTAL]++;
		mac[MAC_TOTAL_OCT] += f->len + SIM_CRC_LEN;
		mac[MAC_OVERSIZE]++;
	} else if (why == SIM_DROP_RUNT) {
		mac[MAC_TOTAL]++;
		mac[MAC_UNDERSIZE]++;
	}
	return drop(d, why);
}

/** Everything about a frame that is not "one BD, as it came, and room in the ring". */
static enum verdict
put_unusual(struct sim_dev *d, struct rx_turn *t, const struct sim_frame *f, const struct rx_class *c)
{
	unsigned int q = c->queue;
	struct sim_rxq *r = &d->rxq[q % SIM_MAX_TQPS];
	uint32_t need;

	if (c->drop != SIM_DROP_NUM)
		return reject(d, f, c->drop);
	if (q >= d->cfg.tqps || !r->enabled)
		return no_ring(d, t);
	d->rx_wait_since_ns = 0;
	if (!(t->resolved >> q & 1)) {
		sim_ring_resolve(d, r->base, r->nb_bd, &r->ring, &r->ring_gen);
		t->resolved |= 1ull << q;
	}
	need = (c->len + r->bd_len - 1) / r->bd_len;
	if (!enough_free(d, t, q, need))
		return is_lossless(d, t) ? WAIT : drop(d, SIM_DROP_NO_BD);
	if (need == 1 && !c->edit)
		return GO_ON;
	return put_slow(d, t, f, c, need) ? TAKEN : drop(d, SIM_DROP_DMA);
}

static inline enum verdict
put_frame(struct sim_dev *d, struct rx_turn *t, const struct sim_frame *f, const struct rx_class *c)
{
	unsigned int q = c->queue % SIM_MAX_TQPS;
	struct sim_rxq *r = &d->rxq[q];
	struct rx_slot *s = &t->slot[t->n];

	if (__builtin_expect(c->drop != SIM_DROP_NUM || c->edit || !(t->resolved >> q & 1) ||
			r->free == 0 || c->len > r->bd_len || c->queue != q, 0)) {
		enum verdict v = put_unusual(d, t, f, c);

		if (v != GO_ON)
			return v;
	}
	s->dst = next_buffer(d, q, r->tail, c->len, &s->bd);
	if (__builtin_expect(s->dst == NULL, 0))
		return drop(d, SIM_DROP_DMA);
	sim_prefetch_write(s->dst);
	sim_prefetch_write(s->bd + 8);
	s->src = f->data;
	s->len = c->len;
	s->c = c;
	s->info = c->bd[5];
	t->n++;
	took_frame(t, r, f, c, 1);
	return TAKEN;
}

/** A group of frames; returns how many are done with. */
static unsigned int
rx_group(struct sim_dev *d, struct rx_turn *t, const struct sim_frame *f, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct rx_class *c = (const struct rx_class *)f[i].memo;
		enum verdict v;

		if (c == NULL || c->key != t->key) {
			classify(d, &f[i], t->key, &t->local[i]);
			c = &t->local[i];
			if (f[i].memo != NULL)
				memcpy(f[i].memo, c, sizeof(*c));
		}
		v = put_frame(d, t, &f[i], c);
		if (v == WAIT)
			break;
		if (c->drop != SIM_DROP_OVERSIZE && c->drop != SIM_DROP_RUNT)
			sim_mac_add(&t->mac, f[i].len < SIM_MIN_LEN ? SIM_MIN_LEN : f[i].len,
					c->bin, c->cast);
		if (v == TAKEN)
			d->stats->rxq_frames[c->queue]++;
		/* Room for the largest frame must remain. */
		if (t->n >= RX_GROUP)
			flush_group(t);
	}
	flush_group(t);
	return i;
}

/* --- a turn ---------------------------------------------------------------------------- */

/** The MAC is off: no carrier for the other end. What a lossless wire has, waits there. */
static void
rx_mac_off(struct sim_dev *d, unsigned int budget)
{
	struct sim_frame f[RX_GROUP];
	unsigned int n;

	if (d->ops->wire_lossless(d->host))
		return;
	n = d->ops->wire_rx_peek(d->host, f, budget < RX_GROUP ? budget : RX_GROUP);
	if (n == 0)
		return;
	d->stats->drops[SIM_DROP_DISABLED] += n;
	d->ops->wire_rx_done(d->host, n);
}

static void
poll_doorbells(struct sim_dev *d)
{
	uint64_t mask = d->rxq_mask;

	/* In threaded mode they are for the statistics only; looking costs the driver. */
	if (d->cfg.mode == SIM_MODE_EXACT ||
			(d->cfg.mode == SIM_MODE_THREADED && d->turns % 16 != 0))
		return;
	for (; mask != 0; mask &= mask - 1)
		sim_rxq_poll_doorbell(d, (unsigned int)__builtin_ctzll(mask));
}

static void
rx_finish(struct sim_dev *d, struct rx_turn *t)
{
	sim_mac_flush(d, &t->mac, true);
	for (; t->queues != 0; t->queues &= t->queues - 1) {
		unsigned int q = (unsigned int)__builtin_ctzll(t->queues);

		if (d->cfg.mode == SIM_MODE_LOCKSTEP)
			sim_tqp_refresh(d, q);
		sim_queue_irq(d, q, true);
	}
}

unsigned int
sim_rx_poll(struct sim_dev *d, unsigned int budget)
{
	struct rx_turn t;
	unsigned int moved = 0;

	sim_tqp_window_poll(d);
	d->turns++;
	poll_doorbells(d);
	if (!(d->t.mac_mode & MAC_RX_EN)) {
		rx_mac_off(d, budget);
		return 0;
	}
	memset(&t.mac, 0, sizeof(t.mac));
	t.queues = 0;
	t.resolved = 0;
	t.starved = 0;
	t.bytes = 0;
	t.frames = 0;
	t.n = 0;
	t.asked = false;
	t.key = (uint64_t)(d->epoch + 1) << 32 | d->t.gen;
	while (moved < budget) {
		struct sim_frame f[RX_GROUP];
		unsigned int want = budget - moved < RX_GROUP ? budget - moved : RX_GROUP;
		unsigned int n = d->ops->wire_rx_peek(d->host, f, want), done;

		if (n == 0)
			break;
		done = rx_group(d, &t, f, n);
		/* Now and not at the end: a bounded wire looks at it before the next group. */
		d->stats->rx_frames += t.frames;
		d->stats->rx_bytes += t.bytes;
		t.frames = 0;
		t.bytes = 0;
		if (done != 0)
			d->ops->wire_rx_done(d->host, done);
		moved += done;
		if (done < n || n < want)
			break;
	}
	if (moved != 0)
		rx_finish(d, &t);
	return moved;
}
