/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The transmit engine: gathers packets from the rings, checks them against the limits of
 * the chip, hands them to the wire, and completes the descriptors.
 *
 * A BD is completed by clearing its last word, once the bytes have been copied; the words
 * of a group of packets are cleared together.
 */

#include "sim_data.h"

#define TX_GROUP    32u  /* BDs cleared together */
#define MAX_BD      8u   /* of a packet that is not segmented */
#define MAX_BD_TSO  63u
#define MIN_LEN     33u  /* shorter packets upset this chip */
#define MAX_PAYLOAD ((1u << 20) - 1)
#define MAX_HEADER  512u
#define TYPE_TSO    0x80u
#define HALF_WRITTEN_NS 1000000000ull

/** A packet as its BDs show it. */
struct tx_chain {
	uint32_t nb_bd;
	uint32_t len;
	bool refused; /* DMA to a BD is refused */
	struct {
		uint64_t addr;
		uint32_t len;
	} part[MAX_BD_TSO];
	struct sim_tx_desc first;
};

struct tx_turn {
	struct sim_mac_sum mac;
	unsigned int n;
	struct sim_bd *done[TX_GROUP + MAX_BD_TSO];
};

/* One packet is worked on at a time: every port is polled under the simulator's one lock. */
static uint8_t tx_buf[SIM_TX_HEADROOM + MAX_PAYLOAD + MAX_HEADER + SIM_TX_TAILROOM];

/** Hands the BDs that are done with back to the driver. In threaded mode an address and a
 * length are evidence, so they must not be there from the last time.
 */
static void
complete(const struct sim_dev *d, struct tx_turn *t)
{
	bool erase = d->cfg.mode == SIM_MODE_THREADED;

	for (unsigned int i = 0; i < t->n; i++) {
		struct sim_bd *bd = t->done[i];

		if (erase) {
			bd->addr = 0;
			bd->w[0] = 0;
		}
		sim_bd_hand_over(bd, 0);
	}
	t->n = 0;
}

/** Threaded mode: has the driver written the BD wholly? One that stays without address or
 * length for long is believed after all, and found to be against the rules.
 */
static bool
written(const struct sim_dev *d, struct sim_txq *x, const struct sim_bd *bd)
{
	uint64_t now;

	if (d->cfg.mode != SIM_MODE_THREADED)
		return true;
	if (__atomic_load_n(&bd->addr, __ATOMIC_RELAXED) != 0 &&
			__atomic_load_n(&bd->w[0], __ATOMIC_RELAXED) >> 16 != 0)
		return true;
	now = sim_now_ns();
	if (x->wait_since_ns == 0)
		x->wait_since_ns = now;
	return now - x->wait_since_ns > HALF_WRITTEN_NS;
}

/** BDs that may be looked at from the head on. */
static uint32_t
tx_limit(const struct sim_dev *d, const struct sim_txq *x)
{
	return d->cfg.mode == SIM_MODE_THREADED ? x->nb_bd : x->announced;
}

/** The first BD with FE among the @p n from the head on, which has one by now. */
static uint32_t
first_end(struct sim_dev *d, const struct sim_txq *x, uint32_t n)
{
	uint32_t at = x->head, i;

	for (i = 1; i < n; i++) {
		const struct sim_bd *bd = sim_bd_at(d, x->ring, x->base, at);

		if (bd == NULL)
			return 0;
		if (sim_bd_info(bd) & TXBD_FE)
			break;
		at = sim_ring_add(at, 1, x->nb_bd);
	}
	return i;
}

/** How many BDs the packet at the head has; 0: it is not there, or not whole yet.
 *
 * Drivers set VLD of a BD before they have set FE of the last one, and some set FE apart
 * from the rest: only the last BD's FE, loaded with acquire, says that all is written. In
 * threaded mode a BD seen without it may have got it, and the next packet may have come behind
 * it, before the next BD is looked at: the end that was found may be of another packet. What
 * was written before that end is visible now, so the BDs before it are looked at once more.
 */
static uint32_t
chain_length(struct sim_dev *d, struct sim_txq *x, uint32_t limit)
{
	uint32_t at = x->head;

	for (uint32_t n = 1; n <= limit; n++) {
		const struct sim_bd *bd = sim_bd_at(d, x->ring, x->base, at);
		uint32_t info;

		if (bd == NULL)
			return 0;
		info = sim_bd_info(bd);
		if (!(info & TXBD_VLD) || !written(d, x, bd))
			return 0;
		if (info & TXBD_FE)
			return d->cfg.mode == SIM_MODE_THREADED ? first_end(d, x, n) : n;
		at = sim_ring_add(at, 1, x->nb_bd);
	}
	return 0;
}

/** Reads a packet's BDs; those beyond what the chip takes are counted, not kept. */
static void
read_chain(struct sim_dev *d, const struct sim_txq *x, uint32_t n, struct tx_chain *c)
{
	const struct sim_bd *bd = sim_bd_at(d, x->ring, x->base, x->head);
	uint32_t at = x->head;

	c->nb_bd = n;
	c->len = 0;
	c->first.inner_tag = (uint16_t)bd->w[0];
	c->first.type = bd->w[1];
	c->first.outer_tag = (uint16_t)bd->w[2];
	c->first.ol = bd->w[3];
	c->first.paylen = bd->w[4];
	c->first.mss = (uint16_t)(bd->w[5] >> 16);
	for (uint32_t i = 0; i < n && i < MAX_BD_TSO; i++) {
		bd = sim_bd_at(d, x->ring, x->base, at);
		c->part[i].addr = bd->addr;
		c->part[i].len = bd->w[0] >> 16;
		c->len += c->part[i].len;
		at = sim_ring_add(at, 1, x->nb_bd);
	}
}

static bool
bad(struct sim_dev *d, unsigned int q, enum sim_violation v, const char *what, uint32_t n)
{
	sim_violate(d, v, "Tx ring %u: BD %u, %s %u", q, d->txq[q].head, what, n);
	return false;
}

/** The headers must be in the first three BDs, and a segment must not need more BDs than a
 * packet that is not segmented may have.
 */
static bool
tso_pieces_ok(const struct tx_chain *c)
{
	uint32_t mss = c->first.mss & 0x3fff, front = 0;

	for (uint32_t i = 0; i < c->nb_bd && i < 3; i++)
		front += c->part[i].len;
	if (front + (c->first.paylen & MAX_PAYLOAD) < c->len)
		return false;
	for (uint32_t i = 0; i + MAX_BD < c->nb_bd; i++) {
		uint32_t sum = 0;

		for (uint32_t k = 0; k < MAX_BD; k++)
			sum += c->part[i + k].len;
		if (sum < mss)
			return false;
	}
	return true;
}

static bool
limits_ok(struct sim_dev *d, unsigned int q, const struct tx_chain *c)
{
	bool tso = (c->first.type & TYPE_TSO) && !(c->first.mss & 0x4000);
	uint32_t max_bd = tso ? MAX_BD_TSO : MAX_BD;

	if (c->nb_bd > max_bd)
		return bad(d, q, SIM_VIOL_TX_TOO_MANY_BD, "BDs of a packet:", c->nb_bd);
	for (uint32_t i = 0; i < c->nb_bd; i++) {
		if (c->part[i].len == 0)
			return bad(d, q, SIM_VIOL_TX_LEN, "length 0 in its BD", i);
		if (c->part[i].addr == 0)
			return bad(d, q, SIM_VIOL_BD_NO_ADDR, "no address in its BD", i);
	}
	if (c->len < MIN_LEN)
		return bad(d, q, SIM_VIOL_TX_LEN, "packet too short:", c->len);
	if (!tso && c->len > SIM_MAX_FRAME)
		return bad(d, q, SIM_VIOL_TX_LEN, "packet too long:", c->len);
	if (tso && c->len > MAX_PAYLOAD + MAX_HEADER)
		return bad(d, q, SIM_VIOL_TX_LEN, "packet to be segmented too long:", c->len);
	if (tso && !tso_pieces_ok(c))
		return bad(d, q, SIM_VIOL_TX_TOO_MANY_BD, "BDs of headers or a segment, packet has", c->nb_bd);
	return true;
}

static bool
gather(struct sim_dev *d, const struct tx_chain *c, uint8_t *to)
{
	for (uint32_t i = 0; i < c->nb_bd; i++) {
		uint32_t len = c->part[i].len;
		const void *va = NULL;

		if (d->ops->dma_span != NULL)
			va = sim_dma(d, c->part[i].addr, len, false);
		if (va != NULL)
			memcpy(to, va, len);
		else if (!d->ops->dma_read(d->host, c->part[i].addr, to, len))
			return false;
		to += len;
	}
	return true;
}

void
sim_tx_emit(struct sim_dev *d, const uint8_t *p, uint32_t len, struct sim_mac_sum *sum,
		struct sim_tx_result *res)
{
	uint8_t padded[SIM_MIN_LEN];

	if (len < SIM_MIN_LEN) {
		memcpy(padded, p, len);
		memset(padded + len, 0, SIM_MIN_LEN - len);
		p = padded;
		len = SIM_MIN_LEN;
	}
	if (!d->ops->wire_tx(d->host, p, len)) {
		res->wire_full++;
		return;
	}
	res->frames++;
	res->bytes += len;
	sim_mac_add(sum, len, sim_mac_bin(len), sim_dmac_class(p));
}

static void
account(struct sim_dev *d, unsigned int q, const struct sim_tx_result *res)
{
	struct sim_port_stats *s = d->stats;

	s->tx_frames += res->frames;
	s->tx_bytes += res->bytes;
	s->txq_frames[q] += res->frames;
	s->drops[SIM_DROP_WIRE_FULL] += res->wire_full;
	if (res->bad)
		s->drops[SIM_DROP_BAD_TX]++;
	else
		d->txq[q].pkt_record++;
}

/** A packet of one BD without offloads, straight from the program's memory. */
static bool
send_direct(struct sim_dev *d, unsigned int q, const struct tx_chain *c, struct tx_turn *t)
{
	struct sim_tx_result res = {0};
	const uint8_t *va;

	va = sim_dma(d, c->part[0].addr, c->len, false);
	if (va == NULL)
		return false;
	sim_tx_emit(d, va, c->len, &t->mac, &res);
	account(d, q, &res);
	return true;
}

static void
send_packet(struct sim_dev *d, unsigned int q, const struct tx_chain *c, struct tx_turn *t)
{
	struct sim_tx_result res = {0};
	uint8_t *p = tx_buf + SIM_TX_HEADROOM;

	if (!limits_ok(d, q, c)) {
		d->stats->drops[SIM_DROP_BAD_TX]++;
		return;
	}
	if (!(d->t.mac_mode & MAC_TX_EN)) {
		d->stats->drops[SIM_DROP_DISABLED]++;
		return;
	}
	if (c->nb_bd == 1 && sim_tx_plain(&c->first, d->t.vlan_tx_cfg)) {
		if (!send_direct(d, q, c, t))
			d->stats->drops[SIM_DROP_DMA]++;
		return;
	}
	if (!gather(d, c, p)) {
		d->stats->drops[SIM_DROP_DMA]++;
		return;
	}
	if (sim_tx_plain(&c->first, d->t.vlan_tx_cfg))
		sim_tx_emit(d, p, c->len, &t->mac, &res);
	else
		sim_txoff_send(d, q, &c->first, p, c->len, &t->mac, &res);
	account(d, q, &res);
}

/** Takes @p n BDs from the head. */
static void
advance(struct sim_dev *d, struct sim_txq *x, struct tx_turn *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct sim_bd *bd = sim_bd_at(d, x->ring, x->base, x->head);

		if (bd != NULL)
			t->done[t->n++] = bd;
		x->head = sim_ring_add(x->head, 1, x->nb_bd);
		if (t->n >= TX_GROUP + MAX_BD_TSO)
			complete(d, t);
	}
	if (d->cfg.mode != SIM_MODE_THREADED)
		x->announced -= n;
	if (t->n >= TX_GROUP)
		complete(d, t);
}

/** May packets without offloads go out at all, and as they are? */
static bool
plain_port(const struct sim_dev *d)
{
	const struct sim_tx_desc none = {0};

	return (d->t.mac_mode & MAC_TX_EN) && sim_tx_plain(&none, d->t.vlan_tx_cfg);
}

/** The run of packets at the head that are one BD each, ask for nothing and break no rule:
 * nearly all traffic. Stops at any other; returns the number of packets.
 */
static unsigned int
tx_simple_run(struct sim_dev *d, unsigned int q, struct tx_turn *t, unsigned int budget)
{
	struct sim_txq *x = &d->txq[q];
	uint32_t limit = tx_limit(d, x), head = x->head;
	struct sim_tx_result res = {0};
	unsigned int n;

	if (budget > limit)
		budget = limit;
	for (n = 0; n < budget; n++) {
		struct sim_bd *bd = (struct sim_bd *)(void *)(x->ring + (size_t)head * SIM_BD_SIZE);
		uint32_t info = sim_bd_info(bd), len = bd->w[0] >> 16;
		const uint8_t *va;

		sim_prefetch_write(bd + 8);
		if ((info & (0x4000u << 16 | TXBD_VLD | TXBD_FE)) != (TXBD_VLD | TXBD_FE) ||
				(bd->w[1] | bd->w[3]) != 0 || len - MIN_LEN > SIM_MAX_FRAME - MIN_LEN ||
				bd->addr == 0)
			break;
		va = sim_dma(d, bd->addr, len, false);
		if (va == NULL) {
			d->stats->drops[SIM_DROP_DMA]++;
			d->txq[q].pkt_record--;
		} else {
			sim_tx_emit(d, va, len, &t->mac, &res);
		}
		t->done[t->n++] = bd;
		if (t->n >= TX_GROUP)
			complete(d, t);
		head = sim_ring_add(head, 1, x->nb_bd);
	}
	x->head = head;
	x->pkt_record += n;
	if (n != 0)
		x->wait_since_ns = 0;
	if (d->cfg.mode != SIM_MODE_THREADED)
		x->announced -= n;
	d->stats->tx_frames += res.frames;
	d->stats->tx_bytes += res.bytes;
	d->stats->txq_frames[q] += res.frames;
	d->stats->drops[SIM_DROP_WIRE_FULL] += res.wire_full;
	return n;
}

/** The packet at the head, whatever it is; false if there is none. */
static bool
tx_one(struct sim_dev *d, unsigned int q, struct tx_turn *t)
{
	struct sim_txq *x = &d->txq[q];
	struct tx_chain c;
	uint32_t n = chain_length(d, x, tx_limit(d, x));

	if (n == 0)
		return false;
	read_chain(d, x, n, &c);
	x->wait_since_ns = 0;
	send_packet(d, q, &c, t);
	advance(d, x, t, n);
	return true;
}

/** Up to @p budget packets of one ring. */
static unsigned int
tx_ring(struct sim_dev *d, unsigned int q, unsigned int budget)
{
	struct sim_txq *x = &d->txq[q];
	struct tx_turn t;
	unsigned int moved = 0;
	bool simple;

	memset(&t.mac, 0, sizeof(t.mac));
	t.n = 0;
	sim_ring_resolve(d, x->base, x->nb_bd, &x->ring, &x->ring_gen);
	simple = x->ring != NULL && plain_port(d);
	while (moved < budget) {
		if (simple)
			moved += tx_simple_run(d, q, &t, budget - moved);
		if (moved == budget || !tx_one(d, q, &t))
			break;
		moved++;
	}
	complete(d, &t);
	if (moved == 0)
		return 0;
	sim_mac_flush(d, &t.mac, false);
	if (d->cfg.mode == SIM_MODE_LOCKSTEP)
		sim_tqp_refresh(d, q);
	sim_queue_irq(d, q, false);
	return moved;
}

unsigned int
sim_tx_poll(struct sim_dev *d, unsigned int budget)
{
	uint64_t mask = d->txq_mask;
	bool look = d->cfg.mode == SIM_MODE_LOCKSTEP ||
		(d->cfg.mode == SIM_MODE_THREADED && d->turns % 16 == 0);
	unsigned int moved = 0, share, first = d->next_q % SIM_MAX_TQPS;

	if (mask == 0)
		return 0;
	share = budget / (unsigned int)__builtin_popcountll(mask);
	if (share < TX_GROUP)
		share = TX_GROUP;
	/* A queue that would use up the budget alone does not starve the others. */
	for (unsigned int i = 0; i < SIM_MAX_TQPS && moved < budget; i++) {
		unsigned int q = (first + i) % SIM_MAX_TQPS;

		if (!(mask >> q & 1))
			continue;
		if (look)
			sim_txq_poll_doorbell(d, q);
		moved += tx_ring(d, q, share < budget - moved ? share : budget - moved);
		d->next_q = q + 1;
	}
	return moved;
}
