/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The register file of BAR2: which registers there are, what a write may hold, and the side
 * effects of reads and writes. In the fast modes the windows of the TQPs are plain memory
 * that the driver writes behind our back; sim_tqp_notice() looks at what it left there.
 */

#include "fw.h"
#include "sim_reg.h"

/* A vector's registers: 64 of each kind in a row, the rest in pages of their own. */
#define VEC_BASE      0x20000u
#define VEC_EXT_BASE  0x31000u
#define VEC_EXT_END   0x32000u
#define VEC_PER_BLOCK 64u
#define VEC_CTRL      0x000u
#define VEC_GL0       0x100u
#define VEC_GL1       0x200u
#define VEC_GL2       0x300u
#define VEC_RL        0x900u
#define VEC_TX_QL     0xE00u
#define VEC_RX_QL     0xF00u
#define VEC_GL_MAX    0xFF0u /* 0x1FE0 us in units of 2 us */
#define VEC_RL_MAX    0x7Fu

enum reg_access {
	RA_RW,   /* what was written reads back */
	RA_RO,
	RA_SPEC, /* write_special() */
};

struct reg_info {
	uint32_t off;
	enum reg_access access;
	uint32_t mask; /* bits that a write may set */
};

static const struct reg_info regs[] = {
	{REG_MISC_VECTOR_CTRL, RA_SPEC, 1},
	{REG_OTHER_INT, RA_SPEC, OTHER_INT_IMP_NOTED | OTHER_INT_CMDQ_ERR | OTHER_INT_RD_POISON |
			OTHER_INT_ALL_MSIX_ERR | OTHER_INT_TRIGGER_IMP},
	{REG_MISC_RESET_STS, RA_SPEC, INT_STS_PTP | INT_STS_GLOBAL | INT_STS_CORE | INT_STS_IMP},
	{REG_OTHER_INT_STS, RA_RO, 0},
	{REG_GLOBAL_RESET, RA_SPEC, GLOBAL_RESET_GLOBAL | GLOBAL_RESET_CORE | GLOBAL_RESET_IMP},
	{REG_RAS_INT_STS, RA_RO, 0},
	{REG_FUN_RST_ING, RA_RO, 0},
	{REG_CSQ_BASE_L, RA_RW, UINT32_MAX},
	{REG_CSQ_BASE_H, RA_RW, UINT32_MAX},
	{REG_CSQ_DEPTH, RA_SPEC, CSQ_DEPTH_MASK | CSQ_SW_RST_RDY},
	{REG_CSQ_TAIL, RA_SPEC, FW_MAX_BD - 1},
	{REG_CSQ_HEAD, RA_SPEC, FW_MAX_BD - 1},
	{REG_CRQ_BASE_L, RA_RW, UINT32_MAX},
	{REG_CRQ_BASE_H, RA_RW, UINT32_MAX},
	{REG_CRQ_DEPTH, RA_RW, CSQ_DEPTH_MASK},
	{REG_CRQ_TAIL, RA_SPEC, FW_MAX_BD - 1},
	{REG_CRQ_HEAD, RA_RW, FW_MAX_BD - 1},
	{REG_CMDQ_SRC, RA_SPEC, UINT32_MAX},
	{REG_CMDQ_STAT, RA_RO, 0},
	{REG_CMDQ_INTR_EN, RA_RO, 0},
	{REG_CMDQ_INTR_GEN, RA_RO, 0},
	{REG_GRO_EN, RA_RO, 0},
	{REG_RPU_DROP_CNT, RA_RO, 0},
	{REG_RXD_ADV_LAYOUT, RA_RW, 0}, /* capability 15, that HIP08 has not */
};

/* Registers of a TQP's window, in steps of 4 bytes from 0x00 to 0xD4. */
static const uint8_t tqp_regs[] = {
	TQP_RX_BASE_L, TQP_RX_BASE_H, TQP_RX_BD_NUM, TQP_RX_BD_LEN, TQP_RX_MERGE, TQP_RX_TAIL,
	TQP_RX_HEAD, TQP_RX_FBDNUM, TQP_RX_OFFSET, TQP_RX_FBD_OFF, TQP_RX_PKTNUM, TQP_RX_STASH,
	TQP_RX_BD_ERR, TQP_TX_BASE_L, TQP_TX_BASE_H, TQP_TX_BD_NUM, TQP_TX_PRIO, TQP_TX_TC,
	TQP_TX_MERGE, TQP_TX_TAIL, TQP_TX_HEAD, TQP_TX_FBDNUM, TQP_TX_OFFSET, TQP_TX_EBD_NUM,
	TQP_TX_PKTNUM, TQP_TX_EBD_OFF, TQP_TX_BD_ERR, TQP_RING_EN, TQP_RX_EN, TQP_TX_EN,
};

static const struct reg_info *
find_reg(uint32_t off)
{
	for (unsigned int i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		if (regs[i].off == off)
			return &regs[i];
	}
	return NULL;
}

/* Vector index and kind of a moderation register; false: not one. */
static bool
find_vector_reg(uint32_t off, unsigned int *idx, uint32_t *kind)
{
	static const uint16_t kinds[] = {VEC_CTRL, VEC_GL0, VEC_GL1, VEC_GL2, VEC_RL, VEC_TX_QL,
			VEC_RX_QL};
	bool ext = off >= VEC_EXT_BASE && off < VEC_EXT_END;
	uint32_t rel = off - (ext ? VEC_EXT_BASE : VEC_BASE);

	if (!ext && (off < VEC_BASE || off >= VEC_BASE + 0x1000u))
		return false;
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (rel < kinds[i] || rel >= kinds[i] + 4u * VEC_PER_BLOCK)
			continue;
		*kind = kinds[i];
		*idx = (rel - kinds[i]) / 4u + (ext ? VEC_PER_BLOCK : 0);
		return true;
	}
	return false;
}

static uint32_t
vector_ctrl_off(unsigned int vector)
{
	unsigned int i = vector - 1;

	return i < VEC_PER_BLOCK ? VEC_BASE + 4u * i : VEC_EXT_BASE + 4u * (i - VEC_PER_BLOCK);
}

static bool
is_tqp_reg(uint32_t rel)
{
	for (unsigned int i = 0; i < sizeof(tqp_regs); i++) {
		if (tqp_regs[i] == rel)
			return true;
	}
	return false;
}

/* --- interrupts ------------------------------------------------------------------------ */

static bool
misc_pending(const struct sim_dev *d)
{
	uint32_t sts = sim_reg_get(d, REG_OTHER_INT_STS);

	return (sts & (INT_STS_PTP | INT_STS_GLOBAL | INT_STS_IMP | INT_STS_ERR)) != 0 ||
			(sim_reg_get(d, REG_RAS_INT_STS) & RAS_STS_NIC) != 0 ||
			(sim_reg_get(d, REG_CMDQ_SRC) & CMDQ_SRC_CRQ) != 0;
}

void
sim_misc_irq(struct sim_dev *d)
{
	if (sim_reg_get(d, REG_MISC_VECTOR_CTRL) != 1 || !misc_pending(d))
		return;
	d->stats->interrupts++;
	d->ops->irq(d->host, 0);
}

void
sim_queue_irq(struct sim_dev *d, unsigned int q, bool rx)
{
	unsigned int vector;

	if (rx ? !d->t.rx_vector[q].bound : !d->t.tx_vector[q].bound)
		return;
	vector = rx ? d->t.rx_vector[q].vector : d->t.tx_vector[q].vector;
	if ((sim_reg_get(d, vector_ctrl_off(vector)) & 1) == 0) {
		if (rx)
			d->irq_missed |= 1ull << q;
		return;
	}
	d->stats->interrupts++;
	d->ops->irq(d->host, vector);
}

/* A vector was unmasked: work that came while it was masked is signalled now. */
static void
vector_unmasked(struct sim_dev *d, unsigned int vector)
{
	bool fire = false;

	for (unsigned int q = 0; q < d->cfg.tqps; q++) {
		if ((d->irq_missed & 1ull << q) == 0 || !d->t.rx_vector[q].bound ||
				d->t.rx_vector[q].vector != vector)
			continue;
		d->irq_missed &= ~(1ull << q);
		fire = true;
	}
	if (!fire)
		return;
	d->stats->interrupts++;
	d->ops->irq(d->host, vector);
}

/* --- windows of the TQPs ----------------------------------------------------------------- */

void
sim_tqp_clear(struct sim_dev *d, unsigned int q)
{
	uint32_t win = sim_tqp_off(q);

	sim_tqp_reset(d, q);
	for (uint32_t rel = 0; rel < TQP_WINDOW; rel += 4)
		sim_reg_set(d, win + rel, 0);
	sim_reg_set(d, win + TQP_RX_EN, 1);
	sim_reg_set(d, win + TQP_TX_EN, 1);
	d->rx_en_seen &= ~(1ull << q);
	d->tx_en_seen &= ~(1ull << q);
	d->irq_missed &= ~(1ull << q);
}

static void
ring_switch(struct sim_dev *d, unsigned int q, bool rx, bool on)
{
	uint64_t *seen = rx ? &d->rx_en_seen : &d->tx_en_seen;
	uint64_t bit = 1ull << q;

	if (((*seen & bit) != 0) == on)
		return;
	*seen ^= bit;
	if (on && rx && (d->tqp_mapped & bit) == 0)
		sim_violate(d, SIM_VIOL_ORDER, "queue %u enabled before 0x0A01 gave it to the function",
				q);
	if (rx)
		on ? sim_rxq_enable(d, q) : sim_rxq_disable(d, q);
	else
		on ? sim_txq_enable(d, q) : sim_txq_disable(d, q);
}

void
sim_tqp_notice(struct sim_dev *d, unsigned int q)
{
	uint32_t win = sim_tqp_off(q);
	bool ring = (sim_reg_get(d, win + TQP_RING_EN) & 1) != 0;

	if (!ring && ((d->rx_en_seen | d->tx_en_seen) & 1ull << q) == 0)
		return;
	ring_switch(d, q, true, ring && (sim_reg_get(d, win + TQP_RX_EN) & 1) != 0);
	ring_switch(d, q, false, ring && (sim_reg_get(d, win + TQP_TX_EN) & 1) != 0);
}

static uint32_t
tqp_read(struct sim_dev *d, uint32_t off)
{
	unsigned int q = (off - SIM_TQP_BASE) / TQP_WINDOW;
	uint32_t rel = off % TQP_WINDOW;

	if (q >= d->cfg.tqps || !is_tqp_reg(rel)) {
		sim_violate(d, SIM_VIOL_REG_RANGE, "read of 0x%05x: no such register of a queue", off);
		return 0;
	}
	if (rel == TQP_RX_PKTNUM || rel == TQP_TX_PKTNUM)
		return sim_tqp_take_record(d, q, rel == TQP_RX_PKTNUM);
	if (d->rxq[q].enabled || d->txq[q].enabled)
		sim_tqp_refresh(d, q);
	return sim_reg_get(d, off);
}

/* Largest value of a register that software writes; 0: software does not write it. */
static uint32_t
tqp_reg_max(uint32_t rel)
{
	switch (rel) {
	case TQP_RX_BASE_L:
	case TQP_RX_BASE_H:
	case TQP_TX_BASE_L:
	case TQP_TX_BASE_H:
		return UINT32_MAX;
	case TQP_RX_BD_NUM:
	case TQP_TX_BD_NUM:
		return 32768 / 8 - 1;
	case TQP_RX_BD_LEN:
		return 3;
	case TQP_TX_TC:
	case TQP_TX_PRIO:
		return 7;
	case TQP_RX_HEAD:
	case TQP_TX_TAIL:
		return 32768;
	case TQP_RX_MERGE:
	case TQP_RX_STASH:
	case TQP_TX_MERGE:
	case TQP_RING_EN:
	case TQP_RX_EN:
	case TQP_TX_EN:
		return 1;
	default:
		return 0;
	}
}

static bool
is_ring_setup(uint32_t rel, bool rx)
{
	if (rx)
		return rel <= TQP_RX_BD_LEN;
	return rel >= TQP_TX_BASE_L && rel <= TQP_TX_BD_NUM;
}

static void
tqp_write(struct sim_dev *d, uint32_t off, uint32_t val)
{
	unsigned int q = (off - SIM_TQP_BASE) / TQP_WINDOW;
	uint32_t rel = off % TQP_WINDOW;

	if (q >= d->cfg.tqps || !is_tqp_reg(rel)) {
		sim_violate(d, SIM_VIOL_REG_RANGE, "write of 0x%05x: no such register of a queue", off);
		return;
	}
	if (val > tqp_reg_max(rel)) {
		sim_violate(d, SIM_VIOL_REG_VALUE, "queue %u: 0x%x written to register 0x%02x", q, val,
				rel);
		return;
	}
	if (d->cfg.mode == SIM_MODE_EXACT && (rel == TQP_RX_HEAD || rel == TQP_TX_TAIL)) {
		if (rel == TQP_RX_HEAD)
			sim_rxq_credit(d, q, val);
		else
			sim_txq_doorbell(d, q, val);
		return;
	}
	if ((d->rx_en_seen & 1ull << q && is_ring_setup(rel, true)) ||
			(d->tx_en_seen & 1ull << q && is_ring_setup(rel, false)))
		sim_violate(d, SIM_VIOL_ORDER, "queue %u: register 0x%02x written while it runs", q,
				rel);
	sim_reg_set(d, off, val);
	if (rel == TQP_RING_EN || rel == TQP_RX_EN || rel == TQP_TX_EN)
		sim_tqp_notice(d, q);
}

/* --- registers with side effects ---------------------------------------------------------- */

static void
write_other_int(struct sim_dev *d, uint32_t val)
{
	/* The request for an IMP reset is taken at once and does not read back. */
	sim_reg_set(d, REG_OTHER_INT, val & ~OTHER_INT_TRIGGER_IMP);
	if ((val & OTHER_INT_TRIGGER_IMP) != 0)
		sim_reset_start(d, SIM_RESET_IMP);
}

static void
write_global_reset(struct sim_dev *d, uint32_t val)
{
	uint32_t set = val & ~sim_reg_get(d, REG_GLOBAL_RESET);

	if (set == 0)
		return;
	if (d->reset_kind != SIM_RESET_NONE)
		sim_violate(d, SIM_VIOL_ORDER, "0x20A00: reset requested while one runs");
	else if ((set & GLOBAL_RESET_GLOBAL) != 0)
		sim_reset_start(d, SIM_RESET_GLOBAL);
	else
		sim_violate(d, SIM_VIOL_REG_VALUE, "0x20A00: only bit 0 is software's, wrote 0x%x", val);
}

static void
write_queue_index(struct sim_dev *d, uint32_t off, uint32_t val)
{
	uint32_t depth_off = off < REG_CRQ_BASE_L ? REG_CSQ_DEPTH : REG_CRQ_DEPTH;
	uint32_t depth = (sim_reg_get(d, depth_off) & CSQ_DEPTH_MASK) * 8;

	if (val != 0 && val >= depth) {
		sim_violate(d, SIM_VIOL_REG_VALUE, "0x%05x: index %u of a queue of %u", off, val, depth);
		return;
	}
	if ((off == REG_CSQ_HEAD || off == REG_CRQ_TAIL) && val != 0) {
		sim_violate(d, SIM_VIOL_REG_VALUE, "0x%05x: the device's index set to %u", off, val);
		return;
	}
	sim_reg_set(d, off, val);
	if (off == REG_CSQ_HEAD)
		d->csq_next = val;
	else if (off == REG_CSQ_TAIL)
		sim_csq_doorbell(d);
}

static void
write_special(struct sim_dev *d, uint32_t off, uint32_t val)
{
	switch (off) {
	case REG_MISC_VECTOR_CTRL:
		sim_reg_set(d, off, val);
		sim_misc_irq(d);
		break;
	case REG_OTHER_INT:
		write_other_int(d, val);
		break;
	case REG_MISC_RESET_STS:
		sim_reg_set(d, REG_OTHER_INT_STS, sim_reg_get(d, REG_OTHER_INT_STS) & ~val);
		break;
	case REG_GLOBAL_RESET:
		write_global_reset(d, val);
		break;
	case REG_CSQ_DEPTH:
		if ((val & CSQ_DEPTH_MASK) > FW_MAX_BD / 8) {
			sim_violate(d, SIM_VIOL_REG_VALUE, "command queue of %u BDs",
					(val & CSQ_DEPTH_MASK) * 8);
			break;
		}
		sim_reg_set(d, off, val);
		sim_reset_tick(d);
		break;
	case REG_CMDQ_SRC:
		/* AND semantics of revision 0x21 and later: 0 clears, 1 keeps. */
		val &= sim_reg_get(d, REG_CMDQ_SRC);
		sim_reg_set(d, REG_CMDQ_SRC, val);
		sim_reg_set(d, REG_CMDQ_STAT, val);
		break;
	default:
		write_queue_index(d, off, val);
		break;
	}
}

static void
vector_write(struct sim_dev *d, uint32_t off, unsigned int idx, uint32_t kind, uint32_t val)
{
	uint32_t max;

	if (idx + 1 >= sim_nb_vectors(d->cfg.tqps)) {
		sim_violate(d, SIM_VIOL_REG_RANGE, "write of 0x%05x: there is no vector %u", off,
				idx + 1);
		return;
	}
	switch (kind) {
	case VEC_CTRL:
		max = 1;
		break;
	case VEC_RL:
		max = VEC_RL_MAX;
		break;
	case VEC_TX_QL:
	case VEC_RX_QL:
		max = 0; /* no such limiter: intr_ql_max is 0 */
		break;
	default:
		max = VEC_GL_MAX;
		break;
	}
	if (val > max) {
		sim_violate(d, SIM_VIOL_REG_VALUE, "vector %u: 0x%x written to 0x%05x", idx + 1, val,
				off);
		return;
	}
	sim_reg_set(d, off, val);
	if (kind == VEC_CTRL && val == 1)
		vector_unmasked(d, idx + 1);
}

/* --- the entries from the host -------------------------------------------------------------- */

uint32_t
sim_dev_reg_read(struct sim_dev *d, uint32_t off)
{
	unsigned int idx;
	uint32_t kind, val;

	if (off % 4 != 0 || off >= SIM_BAR2_SIZE) {
		sim_dev_reg_bad(d, off, 4, false);
		return UINT32_MAX;
	}
	if (off >= SIM_TQP_BASE)
		return tqp_read(d, off);
	if (off == REG_GLOBAL_RESET || off == REG_FUN_RST_ING)
		sim_reset_tick(d);
	if (off == REG_RPU_DROP_CNT) {
		val = d->cfg.revision >= 0x30 ? d->rpu_drop : 0;
		if (d->cfg.revision >= 0x30)
			d->rpu_drop = 0;
		return val;
	}
	if (find_reg(off) != NULL || find_vector_reg(off, &idx, &kind) ||
			(off >= REG_PTP_FIRST && off <= REG_PTP_LAST))
		return sim_reg_get(d, off);
	sim_violate(d, SIM_VIOL_REG_RANGE, "read of 0x%05x: no such register", off);
	return 0;
}

void
sim_dev_reg_write(struct sim_dev *d, uint32_t off, uint32_t val)
{
	const struct reg_info *r;
	unsigned int idx;
	uint32_t kind;

	if (off % 4 != 0 || off >= SIM_BAR2_SIZE) {
		sim_dev_reg_bad(d, off, 4, true);
		return;
	}
	if (off >= SIM_TQP_BASE) {
		tqp_write(d, off, val);
		return;
	}
	r = find_reg(off);
	if (r == NULL && find_vector_reg(off, &idx, &kind)) {
		vector_write(d, off, idx, kind, val);
	} else if (r == NULL) {
		sim_violate(d, SIM_VIOL_REG_RANGE, "write of 0x%05x: %s", off,
				off >= REG_PTP_FIRST && off <= REG_PTP_LAST ?
				"no PTP in this chip" : "no such register");
	} else if (r->access == RA_RO || (val & ~r->mask) != 0) {
		sim_violate(d, SIM_VIOL_REG_VALUE, "0x%x written to 0x%05x%s", val, off,
				r->access == RA_RO ? ", which is read-only" : "");
	} else if (r->access == RA_RW) {
		sim_reg_set(d, off, val);
	} else {
		write_special(d, off, val);
	}
}

void
sim_dev_reg_bad(struct sim_dev *d, uint32_t off, unsigned int width, bool write)
{
	sim_violate(d, SIM_VIOL_REG_RANGE, "%s of %u bytes at 0x%x: registers are 32 bits wide",
			write ? "write" : "read", width, off);
}

void
sim_reg_reset(struct sim_dev *d, bool all)
{
	/* Kept by a reset that software asked for: where the driver finds its command queue and
	 * the state of the reset itself, and what it sets up at probe only.
	 */
	static const uint32_t keep[] = {
		REG_MISC_VECTOR_CTRL, REG_OTHER_INT, REG_OTHER_INT_STS, REG_GLOBAL_RESET,
		REG_FUN_RST_ING, REG_CSQ_BASE_L, REG_CSQ_BASE_H, REG_CSQ_DEPTH, REG_CSQ_TAIL,
		REG_CSQ_HEAD, REG_CRQ_BASE_L, REG_CRQ_BASE_H, REG_CRQ_DEPTH, REG_CRQ_TAIL,
		REG_CRQ_HEAD,
	};
	uint32_t saved[sizeof(keep) / sizeof(keep[0])];

	for (unsigned int i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		saved[i] = sim_reg_get(d, keep[i]);
	for (uint32_t off = VEC_BASE; off < VEC_EXT_END; off += 4)
		sim_reg_set(d, off, 0);
	if (all)
		return;
	for (unsigned int i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		sim_reg_set(d, keep[i], saved[i]);
	sim_reg_set(d, REG_OTHER_INT, sim_reg_get(d, REG_OTHER_INT) & OTHER_INT_ALL_MSIX_ERR);
}
