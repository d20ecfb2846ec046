/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "fake_data.h"

struct fake fake;

/* --- what the rest of the device would give --------------------------------------------- */

void
sim_violate(struct sim_dev *d, enum sim_violation v, const char *fmt, ...)
{
	va_list ap;

	if (d->stats->viol[v].count++ != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(d->stats->viol[v].first, SIM_VIOL_TEXT, fmt, ap);
	va_end(ap);
}

void
sim_queue_irq(struct sim_dev *d, unsigned int q, bool rx)
{
	(void)d;
	(void)q;
	fake.irqs += rx;
}

/* --- the host ---------------------------------------------------------------------------- */

static void *
f_dma(void *host, uint64_t iova, uint32_t len, bool write)
{
	(void)host;
	(void)write;
	if (fake.meanwhile != NULL && !fake.meanwhile(iova, len))
		return NULL;
	if (iova < FAKE_IOVA || len > FAKE_ARENA || iova - FAKE_IOVA > FAKE_ARENA - len ||
			(iova < fake.refuse_to && iova + len > fake.refuse_from)) {
		fake.faults++;
		return NULL;
	}
	return fake.arena + (iova - FAKE_IOVA);
}

static bool
f_dma_read(void *host, uint64_t iova, void *dst, uint32_t len)
{
	const void *p = f_dma(host, iova, len, false);

	if (p != NULL)
		memcpy(dst, p, len);
	return p != NULL;
}

static bool
f_dma_write(void *host, uint64_t iova, const void *src, uint32_t len)
{
	void *p = f_dma(host, iova, len, true);

	if (p != NULL)
		memcpy(p, src, len);
	return p != NULL;
}

static void *
f_span(void *host, uint64_t iova, bool write, uint64_t *start, uint64_t *end)
{
	(void)host;
	(void)write;
	*start = FAKE_IOVA;
	*end = FAKE_IOVA + FAKE_ARENA;
	if (iova < *start || iova >= *end)
		return NULL;
	if (fake.refuse_to != 0) {
		if (iova >= fake.refuse_to)
			*start = fake.refuse_to;
		else if (iova < fake.refuse_from)
			*end = fake.refuse_from;
		else
			return NULL;
	}
	return fake.arena + (*start - FAKE_IOVA);
}

static void
f_irq(void *host, unsigned int vector)
{
	(void)host;
	(void)vector;
}

static unsigned int
f_peek(void *host, struct sim_frame *f, unsigned int n)
{
	unsigned int i;

	(void)host;
	for (i = 0; i < n && fake.next_in + i < fake.nb_in; i++) {
		f[i].data = fake.in[fake.next_in + i].data;
		f[i].len = fake.in[fake.next_in + i].len;
		f[i].memo = fake.memo ? fake.memo[fake.next_in + i] : NULL;
	}
	return i;
}

static void
f_done(void *host, unsigned int n)
{
	(void)host;
	fake.next_in += n;
}

static bool
f_lossless(void *host)
{
	(void)host;
	return fake.lossless;
}

static bool
f_tx(void *host, const void *data, uint32_t len)
{
	(void)host;
	if (fake.wire_full || fake.nb_out == FAKE_WIRE)
		return false;
	memcpy(fake.out[fake.nb_out].data, data, len);
	fake.out[fake.nb_out++].len = len;
	fake.last_tx = data;
	return true;
}

static bool
f_link(void *host)
{
	(void)host;
	return true;
}

static void
f_trap(void *host, bool on)
{
	(void)host;
	fake.trapped = on;
	fake.traps += on;
}

static void f_log(void *host, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
f_log(void *host, const char *fmt, ...)
{
	(void)host;
	(void)fmt;
}

static struct sim_host_ops ops;
static struct {
	uint8_t *arena;
	struct fake_frame *in, *out;
} kept;

/* --- set-up ------------------------------------------------------------------------------ */

static void
set_tables(struct sim_tables *t)
{
	static const uint8_t key[SIM_RSS_KEY] = {
		0x6D, 0x5A, 0x56, 0xDA, 0x25, 0x5B, 0x0E, 0xC2, 0x41, 0x67, 0x25, 0x3D, 0x43, 0xA3,
		0x8F, 0xB0, 0xD0, 0xCA, 0x2B, 0xCB, 0xAE, 0x7B, 0x30, 0xB4, 0x77, 0xCB, 0x2D, 0xA3,
		0x80, 0x30, 0xF2, 0x0C, 0x6A, 0x42, 0xB7, 0x3B, 0xBE, 0xAC, 0x01, 0xFA
	};

	t->mac_mode = 0x007E18C0;
	t->max_frame = SIM_MAX_FRAME;
	t->promisc = 0x3E;
	t->vlan_tx_cfg = 0xE3;
	for (int i = 0; i < 4; i++)
		t->tpid_rx[i] = 0x8100;
	t->tpid_tx[0] = t->tpid_tx[1] = 0x8100;
	memcpy(t->rss_key, key, sizeof(key));
	t->rss_tuple = 0x0f0f0f0f0f0f0f0full;
	t->rss_tc_mode[0] = 0x8000;
	t->tso_mss_min = 256;
	t->tso_mss_max = 9668;
}

void
fake_start(enum sim_mode mode)
{
	bool span = fake.with_span, trap = fake.can_trap;

	memset(&fake, 0, sizeof(fake));
	fake.with_span = span;
	fake.can_trap = trap;
	ops = (struct sim_host_ops) {
		.dma = f_dma, .dma_read = f_dma_read, .dma_write = f_dma_write, .irq = f_irq,
		.wire_rx_peek = f_peek, .wire_rx_done = f_done, .wire_lossless = f_lossless,
		.wire_tx = f_tx, .wire_link = f_link, .log = f_log,
		.dma_span = span ? f_span : NULL, .trap_rings = trap ? f_trap : NULL,
	};
	/* The large pieces are kept from test to test: touching them anew takes longer. */
	if (kept.arena == NULL) {
		kept.arena = aligned_alloc(1u << 21, FAKE_ARENA);
		kept.in = calloc(FAKE_WIRE, sizeof(*kept.in));
		kept.out = calloc(FAKE_WIRE, sizeof(*kept.out));
	}
	fake.arena = kept.arena;
	fake.in = kept.in;
	fake.out = kept.out;
	fake.bar2 = calloc(1, SIM_BAR2_SIZE);
	fake.d = calloc(1, sizeof(*fake.d));
	assert_true(fake.arena && fake.bar2 && fake.in && fake.out && fake.d);
	memset(fake.arena, 0, FAKE_ARENA);
	fake.d->cfg = (struct sim_dev_cfg) {.device_id = 0xa222, .revision = 0x21, .tqps = 8,
		.mode = mode};
	fake.d->ops = &ops;
	fake.d->bar2 = fake.bar2;
	fake.d->stats = &fake.stats;
	fake.d->bus_master = true;
	set_tables(&fake.d->t);
}

void
fake_stop(void)
{
	bool span = fake.with_span, trap = fake.can_trap;

	free(fake.bar2);
	free(fake.memo);
	free(fake.d);
	memset(&fake, 0, sizeof(fake));
	fake.with_span = span;
	fake.can_trap = trap;
}

int
fake_setup(void **state)
{
	fake_start(*state != NULL ? *(enum sim_mode *)*state : SIM_MODE_EXACT);
	return 0;
}

int
fake_teardown(void **state)
{
	(void)state;
	fake_stop();
	return 0;
}

uint8_t *
fake_mem(uint64_t iova)
{
	return fake.arena + (iova - FAKE_IOVA);
}

struct sim_bd *
fake_rx_bd(unsigned int q, uint32_t i)
{
	return (struct sim_bd *)(void *)(fake.arena + FAKE_RX_RING(q) + SIM_BD_SIZE * i);
}

struct sim_bd *
fake_tx_bd(unsigned int q, uint32_t i)
{
	return (struct sim_bd *)(void *)(fake.arena + FAKE_TX_RING(q) + SIM_BD_SIZE * i);
}

uint64_t
fake_rx_addr(unsigned int q, uint32_t i)
{
	return FAKE_IOVA + FAKE_RX_BUF + (uint64_t)(q * 256 + i) % 1024 * FAKE_BUF_SIZE;
}

static void
put(unsigned int q, uint32_t rel, uint32_t v)
{
	fake.bar2[(sim_tqp_off(q) + rel) / 4] = v;
}

void
fake_rings(unsigned int q, uint32_t nb_bd, uint32_t bd_len)
{
	uint64_t rx = FAKE_IOVA + FAKE_RX_RING(q), tx = FAKE_IOVA + FAKE_TX_RING(q);

	for (uint32_t i = 0; i < nb_bd; i++) {
		memset(fake_rx_bd(q, i), 0, SIM_BD_SIZE);
		memset(fake_tx_bd(q, i), 0, SIM_BD_SIZE);
		fake_rx_bd(q, i)->addr = fake_rx_addr(q, i);
	}
	put(q, TQP_RX_BASE_L, (uint32_t)rx);
	put(q, TQP_RX_BASE_H, (uint32_t)(rx >> 32));
	put(q, TQP_RX_BD_NUM, nb_bd / 8 - 1);
	put(q, TQP_RX_BD_LEN, bd_len == 512 ? 0 : bd_len == 1024 ? 1 : bd_len == 2048 ? 2 : 3);
	put(q, TQP_TX_BASE_L, (uint32_t)tx);
	put(q, TQP_TX_BASE_H, (uint32_t)(tx >> 32));
	put(q, TQP_TX_BD_NUM, nb_bd / 8 - 1);
	put(q, TQP_RING_EN, 1);
	sim_rxq_enable(fake.d, q);
	sim_txq_enable(fake.d, q);
}

void
fake_in(const uint8_t *data, uint32_t len)
{
	assert_true(fake.nb_in < FAKE_WIRE);
	memcpy(fake.in[fake.nb_in].data, data, len);
	fake.in[fake.nb_in++].len = len;
}

void
fake_tx_write(unsigned int q, uint32_t i, uint64_t addr, uint32_t len, uint32_t flags)
{
	struct sim_bd *bd = fake_tx_bd(q, i);

	bd->addr = addr;
	bd->w[0] = (bd->w[0] & 0xffff) | len << 16;
	bd->w[5] |= flags;
}

uint64_t
fake_violations(void)
{
	uint64_t n = 0;

	for (int i = 0; i < SIM_VIOL_NUM; i++)
		n += fake.stats.viol[i].count;
	return n;
}

/* --- frames; sums are made another way than in the model ---------------------------------- */

uint16_t
fake_sum(const uint8_t *p, uint32_t len, uint32_t start)
{
	uint32_t s = start;

	for (uint32_t i = 0; i < len; i++) {
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
		s = (s & 0xffff) + (s >> 16);
	}
	return (uint16_t)s;
}

static uint32_t
pseudo(const uint8_t *ip, uint8_t proto, uint32_t len)
{
	return (ip[0] >> 4 == 4 ? fake_sum(ip + 12, 8, 0) : fake_sum(ip + 8, 32, 0)) + proto + len;
}

void
fake_checksum(struct fake_pkt *p)
{
	uint8_t *ip = p->data + p->l3, *l4 = p->data + p->l4;
	bool v4 = ip[0] >> 4 == 4;
	uint8_t proto = v4 ? ip[9] : ip[6];
	uint32_t n = v4 ? sim_be16(ip + 2) - (p->l4 - p->l3) : sim_be16(ip + 4);
	uint32_t field = proto == 17 ? 6 : 16, crc;

	if (v4) {
		sim_put_be16(ip + 10, 0);
		sim_put_be16(ip + 10, (uint16_t)~fake_sum(ip, p->l4 - p->l3, 0));
	}
	if (proto == 132) {
		memset(l4 + 8, 0, 4);
		crc = sim_crc32c(l4, n);
		memcpy(l4 + 8, &crc, 4);
	} else if (proto == 17 || proto == 6) {
		sim_put_be16(l4 + field, 0);
		sim_put_be16(l4 + field, (uint16_t)~fake_sum(l4, n, pseudo(ip, proto, n)));
	}
}

void
fake_build(struct fake_pkt *p, bool v6, uint8_t proto, unsigned int tags, uint32_t size)
{
	uint32_t hlen = proto == 6 ? 20 : proto == 17 ? 8 : proto == 132 ? 12 : 0;
	uint8_t *b = p->data;
	uint32_t at = 12;

	memset(p, 0, sizeof(*p));
	b[0] = 2;
	b[5] = 1;
	b[6] = 2;
	b[11] = 9;
	for (unsigned int i = 0; i < tags; i++, at += 4) {
		sim_put_be16(b + at, 0x8100);
		sim_put_be16(b + at + 2, (uint16_t)(0x2000 * (i + 1) + 100 + i));
	}
	sim_put_be16(b + at, v6 ? 0x86dd : 0x0800);
	p->l3 = at + 2;
	p->l4 = p->l3 + (v6 ? 40 : 20);
	if (v6) {
		b[p->l3] = 0x60;
		sim_put_be16(b + p->l3 + 4, (uint16_t)(hlen + size));
		b[p->l3 + 6] = proto;
		b[p->l3 + 8] = 0xfd;
		b[p->l3 + 23] = 1;
		b[p->l3 + 24] = 0xfd;
		b[p->l3 + 39] = 2;
	} else {
		b[p->l3] = 0x45;
		sim_put_be16(b + p->l3 + 2, (uint16_t)(20 + hlen + size));
		b[p->l3 + 8] = 64;
		b[p->l3 + 9] = proto;
		sim_put_be32(b + p->l3 + 12, 0x0a000001);
		sim_put_be32(b + p->l3 + 16, 0x0a000002);
	}
	sim_put_be16(b + p->l4, 1024);
	sim_put_be16(b + p->l4 + 2, 2000);
	if (proto == 17)
		sim_put_be16(b + p->l4 + 4, (uint16_t)(8 + size));
	if (proto == 6)
		b[p->l4 + 12] = 0x50;
	for (uint32_t i = 0; i < size; i++)
		b[p->l4 + hlen + i] = (uint8_t)(i * 13 + 5);
	p->len = p->l4 + hlen + size;
	fake_checksum(p);
	if (p->len < 60)
		p->len = 60;
}

bool
fake_checksums_right(const uint8_t *data, uint32_t len, uint32_t l3)
{
	const uint8_t *ip = data + l3;
	bool v4 = ip[0] >> 4 == 4;
	uint32_t hlen = v4 ? (ip[0] & 15) * 4u : 40;
	uint32_t n = v4 ? sim_be16(ip + 2) - hlen : sim_be16(ip + 4);
	uint8_t proto = v4 ? ip[9] : ip[6];

	if (l3 + hlen + n > len)
		return false;
	if (v4 && fake_sum(ip, hlen, 0) != 0xffff)
		return false;
	return fake_sum(ip + hlen, n, pseudo(ip, proto, n)) == 0xffff;
}
