/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Rings: enable, reset, credits, and the read-only registers of their windows; DMA
 * translation. The comment at the top of sim_data.h says what each mode can know.
 */

#include "sim_data.h"

/* Threaded mode: returned receive BDs are looked for in groups of so many, so that the
 * model does not fight with the driver for the line that it is just writing.
 */
#define SCAN_GROUP 32u
/* The last groups of an idle ring are incomplete: after so many fruitless looks take what
 * there is.
 */
#define SCAN_PATIENCE 16u
/* Threaded mode: trap the windows at most so long for the reads after a command. */
#define WINDOW_NS 20000000ull

uint64_t
sim_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

/* --- DMA ------------------------------------------------------------------------------- */

void
sim_dev_iotlb_flush(struct sim_dev *d)
{
	memset(d->iotlb, 0, sizeof(d->iotlb));
	d->iotlb_gen++;
}

void *
sim_dma_miss(struct sim_dev *d, uint64_t iova, uint32_t len, bool write)
{
	struct sim_iotlb *e = &d->iotlb[(iova >> 21) % SIM_IOTLB];
	uint64_t start, end;
	void *va = NULL;

	if (d->ops->dma_span != NULL)
		va = d->ops->dma_span(d->host, iova, write, &start, &end);
	if (va == NULL || iova < start || iova >= end || len > end - iova)
		return d->ops->dma(d->host, iova, len, write);
	e->start = start;
	e->end = end;
	e->va = va;
	e->write = write;
	return e->va + (iova - start);
}

/** Finds a ring in memory once for a generation of mappings. Without dma_span nothing may
 * be kept: then it is found anew for each poll (the generation never fits).
 */
void
sim_ring_resolve(struct sim_dev *d, uint64_t base, uint32_t nb_bd, uint8_t **ring, uint32_t *gen)
{
	uint64_t start, end;
	uint8_t *va;

	if (d->ops->dma_span == NULL) {
		*ring = d->ops->dma(d->host, base, nb_bd * SIM_BD_SIZE, true);
		return;
	}
	if (*gen == d->iotlb_gen)
		return;
	*gen = d->iotlb_gen;
	va = d->ops->dma_span(d->host, base, true, &start, &end);
	*ring = va != NULL && base >= start && end - base >= (uint64_t)nb_bd * SIM_BD_SIZE ?
		va + (base - start) : NULL;
}

/* --- enable and reset ------------------------------------------------------------------ */

/** Latches and checks base and size of a ring; false if it cannot run. */
static bool
ring_geometry(struct sim_dev *d, unsigned int q, bool rx, uint64_t *base, uint32_t *nb_bd)
{
	uint32_t w = sim_tqp_off(q), num = sim_reg_get(d, w + (rx ? TQP_RX_BD_NUM : TQP_TX_BD_NUM));
	const char *name = rx ? "Rx" : "Tx";

	*base = sim_reg_get(d, w + (rx ? TQP_RX_BASE_L : TQP_TX_BASE_L)) |
		(uint64_t)sim_reg_get(d, w + (rx ? TQP_RX_BASE_H : TQP_TX_BASE_H)) << 32;
	if (*base == 0) {
		sim_violate(d, SIM_VIOL_ORDER, "%s ring %u enabled without a base", name, q);
		return false;
	}
	if (*base % 128 != 0) {
		sim_violate(d, SIM_VIOL_ALIGN, "%s ring %u at 0x%llx", name, q,
				(unsigned long long)*base);
		return false;
	}
	if (num > 4095) {
		sim_violate(d, SIM_VIOL_REG_VALUE, "%s ring %u: BD_NUM register is %u", name, q, num);
		return false;
	}
	*nb_bd = (num + 1) * 8;
	return true;
}

static void
check_fresh_rx(struct sim_dev *d, unsigned int q)
{
	struct sim_rxq *r = &d->rxq[q];

	sim_ring_resolve(d, r->base, r->nb_bd, &r->ring, &r->ring_gen);
	if (r->ring == NULL)
		return;
	for (uint32_t i = 0; i < r->nb_bd; i++) {
		if (sim_bd_info(sim_bd_at(d, r->ring, r->base, i)) & RXBD_VLD) {
			sim_violate(d, SIM_VIOL_RX_CREDIT, "Rx ring %u enabled, BD %u is valid", q, i);
			return;
		}
	}
}

void
sim_rxq_enable(struct sim_dev *d, unsigned int q)
{
	struct sim_rxq *r = &d->rxq[q];
	uint32_t w = sim_tqp_off(q), code = sim_reg_get(d, w + TQP_RX_BD_LEN), nb_bd;
	uint64_t base;

	if (r->enabled || !ring_geometry(d, q, true, &base, &nb_bd))
		return;
	if (code > 3) {
		sim_violate(d, SIM_VIOL_REG_VALUE, "Rx ring %u: BD_LEN register is %u", q, code);
		return;
	}
	if (r->nb_bd != 0 && (r->base != base || r->nb_bd != nb_bd)) {
		sim_violate(d, SIM_VIOL_ORDER, "Rx ring %u moved without a reset", q);
		r->nb_bd = 0;
	}
	r->bd_len = 512u << code;
	r->ring_gen = d->iotlb_gen - 1;
	d->epoch++;
	if (r->nb_bd == 0) {
		r->base = base;
		r->nb_bd = nb_bd;
		r->tail = 0;
		r->head = 0;
		r->free = nb_bd;
		r->stall = 0;
		check_fresh_rx(d, q);
		if (d->cfg.mode != SIM_MODE_EXACT)
			sim_reg_set(d, w + TQP_RX_HEAD, SIM_DB_NONE);
	}
	r->enabled = true;
	d->rxq_mask |= 1ull << q;
	sim_tqp_refresh(d, q);
}

void
sim_txq_enable(struct sim_dev *d, unsigned int q)
{
	struct sim_txq *x = &d->txq[q];
	uint32_t w = sim_tqp_off(q), nb_bd;
	uint64_t base;

	if (x->enabled || !ring_geometry(d, q, false, &base, &nb_bd))
		return;
	if (x->nb_bd != 0 && (x->base != base || x->nb_bd != nb_bd)) {
		sim_violate(d, SIM_VIOL_ORDER, "Tx ring %u moved without a reset", q);
		x->nb_bd = 0;
	}
	x->ring_gen = d->iotlb_gen - 1;
	d->epoch++;
	if (x->nb_bd == 0) {
		x->base = base;
		x->nb_bd = nb_bd;
		x->head = 0;
		x->announced = 0;
		if (d->cfg.mode != SIM_MODE_EXACT)
			sim_reg_set(d, w + TQP_TX_TAIL, SIM_DB_NONE);
	}
	x->enabled = true;
	d->txq_mask |= 1ull << q;
	sim_tqp_refresh(d, q);
}

void
sim_rxq_disable(struct sim_dev *d, unsigned int q)
{
	d->rxq[q].enabled = false;
	d->rxq_mask &= ~(1ull << q);
	d->epoch++;
}

void
sim_txq_disable(struct sim_dev *d, unsigned int q)
{
	d->txq[q].enabled = false;
	d->txq_mask &= ~(1ull << q);
	d->epoch++;
}

void
sim_tqp_reset(struct sim_dev *d, unsigned int q)
{
	static const uint32_t cleared[] = {
		TQP_RX_TAIL, TQP_RX_HEAD, TQP_RX_FBDNUM, TQP_RX_PKTNUM, TQP_RX_BD_ERR,
		TQP_TX_TAIL, TQP_TX_HEAD, TQP_TX_FBDNUM, TQP_TX_PKTNUM, TQP_TX_BD_ERR,
		TQP_RING_EN
	};

	sim_rxq_disable(d, q);
	sim_txq_disable(d, q);
	memset(&d->rxq[q], 0, sizeof(d->rxq[q]));
	memset(&d->txq[q], 0, sizeof(d->txq[q]));
	for (unsigned int i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		sim_reg_set(d, sim_tqp_off(q) + cleared[i], 0);
}

/* --- credits --------------------------------------------------------------------------- */

void
sim_rxq_credit(struct sim_dev *d, unsigned int q, uint32_t n)
{
	struct sim_rxq *r = &d->rxq[q];
	struct sim_bd *bd;

	d->stats->doorbell_rx++;
	if (n == 0)
		return;
	if (r->nb_bd == 0) {
		sim_violate(d, SIM_VIOL_ORDER, "Rx ring %u: RX_HEAD written, never enabled", q);
		return;
	}
	if (n > r->nb_bd - r->free) {
		sim_violate(d, SIM_VIOL_RX_CREDIT, "Rx ring %u: %u BDs returned, %u held", q, n,
				r->nb_bd - r->free);
		n = r->nb_bd - r->free;
	}
	sim_ring_resolve(d, r->base, r->nb_bd, &r->ring, &r->ring_gen);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = sim_ring_add(r->tail, r->free, r->nb_bd);

		at = sim_ring_add(at, i, r->nb_bd);
		bd = sim_bd_at(d, r->ring, r->base, at);
		if (bd != NULL && (sim_bd_info(bd) & RXBD_VLD)) {
			sim_violate(d, SIM_VIOL_RX_CREDIT, "Rx ring %u: BD %u returned, still valid",
					q, at);
			break;
		}
	}
	r->free += n;
	r->head = sim_ring_add(r->head, n, r->nb_bd);
}

void
sim_txq_doorbell(struct sim_dev *d, unsigned int q, uint32_t n)
{
	struct sim_txq *x = &d->txq[q];
	struct sim_bd *bd = NULL;
	uint32_t at, i;

	d->stats->doorbell_tx++;
	if (n == 0)
		return;
	if (x->nb_bd == 0) {
		sim_violate(d, SIM_VIOL_ORDER, "Tx ring %u: TX_TAIL written, never enabled", q);
		return;
	}
	if (n > x->nb_bd - x->announced) {
		sim_violate(d, SIM_VIOL_TX_CREDIT, "Tx ring %u: %u BDs rung for, room for %u", q, n,
				x->nb_bd - x->announced);
		n = x->nb_bd - x->announced;
	}
	sim_ring_resolve(d, x->base, x->nb_bd, &x->ring, &x->ring_gen);
	at = sim_ring_add(x->head, x->announced, x->nb_bd);
	for (i = 0; i < n; i++) {
		bd = sim_bd_at(d, x->ring, x->base, at);
		if (bd == NULL || !(sim_bd_info(bd) & TXBD_VLD)) {
			sim_violate(d, SIM_VIOL_TX_CREDIT, "Tx ring %u: BD %u rung for, not written",
					q, at);
			break;
		}
		at = sim_ring_add(at, 1, x->nb_bd);
	}
	if (i == n && n != 0 && !(sim_bd_info(bd) & TXBD_FE))
		sim_violate(d, SIM_VIOL_TX_CREDIT, "Tx ring %u: rung for half a packet, at BD %u", q,
				at);
	/* What was not written is not taken either: the engine would wait for it for ever. */
	x->announced += i;
}

/** What was written to the doorbell at @p reg of a queue, if anything. In threaded mode it is only
 * counted, in @p rung: the mode goes by the BDs.
 */
static bool
take_doorbell(struct sim_dev *d, unsigned int q, uint32_t reg, uint64_t *rung, uint32_t *n)
{
	volatile uint32_t *db = &d->bar2[(sim_tqp_off(q) + reg) / 4];

	if (__atomic_load_n(db, __ATOMIC_RELAXED) == SIM_DB_NONE)
		return false;
	*n = __atomic_exchange_n(db, SIM_DB_NONE, __ATOMIC_ACQUIRE);
	if (d->cfg.mode != SIM_MODE_THREADED)
		return true;
	(*rung)++;
	return false;
}

void
sim_rxq_poll_doorbell(struct sim_dev *d, unsigned int q)
{
	struct sim_rxq *r = &d->rxq[q];
	struct sim_bd *bd;
	uint32_t n;

	if (!take_doorbell(d, q, TQP_RX_HEAD, &d->stats->doorbell_rx, &n))
		return;
	sim_rxq_credit(d, q, n);
	if (r->free == r->nb_bd)
		return;
	bd = sim_bd_at(d, r->ring, r->base, sim_ring_add(r->tail, r->free, r->nb_bd));
	if (bd != NULL && !(sim_bd_info(bd) & RXBD_VLD))
		sim_violate(d, SIM_VIOL_RX_CREDIT, "Rx ring %u: %u BDs rung for, more are cleared "
				"(or two doorbells in one turn)", q, n);
}

void
sim_txq_poll_doorbell(struct sim_dev *d, unsigned int q)
{
	struct sim_txq *x = &d->txq[q];
	struct sim_bd *bd;
	uint32_t n;

	if (!take_doorbell(d, q, TQP_TX_TAIL, &d->stats->doorbell_tx, &n))
		return;
	sim_txq_doorbell(d, q, n);
	if (x->announced == x->nb_bd)
		return;
	bd = sim_bd_at(d, x->ring, x->base, sim_ring_add(x->head, x->announced, x->nb_bd));
	if (bd != NULL && (sim_bd_info(bd) & TXBD_VLD))
		sim_violate(d, SIM_VIOL_TX_CREDIT, "Tx ring %u: %u BDs rung for, more are written "
				"(or two doorbells in one turn)", q, n);
}

/* --- threaded mode: which receive BDs have come back ----------------------------------- */

static bool
bd_clear(struct sim_dev *d, const struct sim_rxq *r, uint32_t i)
{
	const struct sim_bd *bd = sim_bd_at(d, r->ring, r->base, i);

	return bd != NULL && !(sim_bd_info(bd) & RXBD_VLD);
}

/** How many BDs from @p at on are clear, at most @p n. */
static uint32_t
count_clear(struct sim_dev *d, const struct sim_rxq *r, uint32_t at, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n && bd_clear(d, r, at); i++)
		at = sim_ring_add(at, 1, r->nb_bd);
	return i;
}

/* The model holds the BDs [tail, tail + free). Behind them are those that it handed over,
 * oldest first; the driver returns them in this order, and writes a BD wholly before it
 * turns to the next one. So a BD is back when the next is clear too.
 */
void
sim_rxq_scan(struct sim_dev *d, unsigned int q)
{
	struct sim_rxq *r = &d->rxq[q];
	uint32_t group = r->nb_bd < 4 * SCAN_GROUP ? r->nb_bd / 4 : SCAN_GROUP;
	uint32_t goal = 4 * group < r->nb_bd / 2 ? 4 * group : r->nb_bd / 2;
	uint32_t n;

	while (r->free < goal && r->nb_bd - r->free > group) {
		uint32_t at = sim_ring_add(r->tail, r->free, r->nb_bd);

		if (!bd_clear(d, r, sim_ring_add(at, group, r->nb_bd)))
			break;
		if (r->ring != NULL) {
			for (uint32_t i = 0; i < group; i += 2)
				sim_prefetch_write(sim_bd_at(d, r->ring, r->base,
						sim_ring_add(at, i, r->nb_bd)));
		}
		n = count_clear(d, r, at, group);
		r->stall = 0;
		if (n < group) {
			/* Returned out of order: go by the BDs one by one. */
			r->free += n > 0 ? n - 1 : 0;
			return;
		}
		r->free += n;
	}
	if (r->free >= goal || ++r->stall % SCAN_PATIENCE != 0)
		return;
	n = count_clear(d, r, sim_ring_add(r->tail, r->free, r->nb_bd), r->nb_bd - r->free);
	if (n > 1)
		r->free += n - 1;
}

/* --- registers ------------------------------------------------------------------------- */

void
sim_tqp_refresh(struct sim_dev *d, unsigned int q)
{
	const struct sim_rxq *r = &d->rxq[q];
	const struct sim_txq *x = &d->txq[q];
	bool exact = d->cfg.mode == SIM_MODE_EXACT;
	uint32_t w = sim_tqp_off(q), posted = x->announced;

	sim_reg_set(d, w + TQP_RX_TAIL, r->tail);
	sim_reg_set(d, w + TQP_RX_FBDNUM, r->nb_bd - r->free);
	sim_reg_set(d, w + TQP_TX_HEAD, x->head);
	sim_reg_set(d, w + TQP_TX_FBDNUM, posted);
	sim_reg_set(d, w + TQP_TX_EBD_NUM, x->nb_bd - posted);
	/* Plain memory does not clear when it is read: see sim_tqp_stats_window(). */
	if (!exact)
		return;
	sim_reg_set(d, w + TQP_RX_HEAD, r->head);
	sim_reg_set(d, w + TQP_TX_TAIL, x->nb_bd ?
			sim_ring_add(x->head, posted % x->nb_bd, x->nb_bd) : 0);
	sim_reg_set(d, w + TQP_RX_PKTNUM, r->pkt_record);
	sim_reg_set(d, w + TQP_TX_PKTNUM, x->pkt_record);
}

uint32_t
sim_tqp_take_record(struct sim_dev *d, unsigned int q, bool rx)
{
	uint32_t *record = rx ? &d->rxq[q].pkt_record : &d->txq[q].pkt_record;
	uint32_t n = *record;

	*record = 0;
	if (d->cfg.mode == SIM_MODE_EXACT || d->ops->trap_rings != NULL)
		sim_reg_set(d, sim_tqp_off(q) + (rx ? TQP_RX_PKTNUM : TQP_TX_PKTNUM), 0);
	if (rx)
		d->rx_unread &= ~(1ull << q);
	else
		d->tx_unread &= ~(1ull << q);
	return n;
}

/* What the packet records promise:
 * - exact mode: each read is an event, the register is as in hardware;
 * - otherwise, if the host can trap the windows for a moment: the registers are 0 in
 *   memory, and the reads that follow a statistics command are events. Each packet is
 *   reported exactly once, but not before such a command (every driver that adds up
 *   the records sends one first, and once a second from its service task). A driver that
 *   reads later than WINDOW_NS after the command gets 0 and the packets next time;
 * - otherwise the command puts into the registers what came since the command before.
 *   Right if the driver reads once after each command, and only then.
 */
void
sim_tqp_stats_window(struct sim_dev *d)
{
	if (d->cfg.mode == SIM_MODE_EXACT)
		return;
	for (unsigned int q = 0; q < d->cfg.tqps; q++) {
		struct sim_rxq *r = &d->rxq[q];
		struct sim_txq *x = &d->txq[q];

		if (r->enabled || x->enabled)
			sim_tqp_refresh(d, q);
		if (d->ops->trap_rings != NULL)
			continue;
		sim_reg_set(d, sim_tqp_off(q) + TQP_RX_PKTNUM, r->pkt_record);
		sim_reg_set(d, sim_tqp_off(q) + TQP_TX_PKTNUM, x->pkt_record);
		r->pkt_record = 0;
		x->pkt_record = 0;
	}
	if (d->ops->trap_rings == NULL || (d->rxq_mask | d->txq_mask) == 0)
		return;
	d->rx_unread = d->rxq_mask;
	d->tx_unread = d->txq_mask;
	if (d->window_end_ns == 0)
		d->ops->trap_rings(d->host, true);
	d->window_end_ns = sim_now_ns() + WINDOW_NS;
}

void
sim_tqp_window_poll(struct sim_dev *d)
{
	if (d->window_end_ns == 0)
		return;
	if ((d->rx_unread | d->tx_unread) != 0 && sim_now_ns() < d->window_end_ns)
		return;
	d->window_end_ns = 0;
	d->ops->trap_rings(d->host, false);
}

/* --- MAC counters ---------------------------------------------------------------------- */

void
sim_mac_flush(struct sim_dev *d, const struct sim_mac_sum *s, bool rx)
{
	uint64_t *c = &d->mac_counter[rx ? MAC_RX_FIRST : MAC_TX_FIRST];
	uint64_t frames = 0;

	for (unsigned int i = 0; i < MAC_NB_BINS; i++) {
		c[MAC_BIN0 + i] += s->bin[i];
		frames += s->bin[i];
		if (i >= 6)
			c[MAC_1519_MAX_GOOD] += s->bin[i];
	}
	if (frames == 0)
		return;
	c[MAC_TOTAL] += frames;
	c[MAC_TOTAL_OCT] += s->bytes;
	c[MAC_GOOD] += frames;
	c[MAC_GOOD_OCT] += s->bytes;
	c[MAC_UNI] += s->cast[0];
	c[MAC_MULTI] += s->cast[1];
	c[MAC_BROAD] += s->cast[2];
	d->mac_counter[rx ? MAC_RX_TO_APP : MAC_TX_FROM_APP] += frames;
}
