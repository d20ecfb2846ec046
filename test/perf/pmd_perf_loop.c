/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The workloads. A turn is: a burst of each queue received, something done with the packets, a
 * burst of each queue sent; then the model runs, in the same thread and outside of what is
 * measured. So each doorbell register is written at most once between two runs of the model,
 * which is what lock-step mode asks for.
 *
 * Of two cores each has a lane: queues, arrays and packets of its own, so that what they share is
 * what the drivers and the pools share. Only while time is taken they go at once; else one after
 * the other, for counts that are the same each time, and for the time that this takes.
 */

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_alarm.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_malloc.h>
#include <rte_udp.h>

#include "perf_meter.h"
#include "pmd_perf_child.h"

#define HEADERS (RTE_ETHER_HDR_LEN + sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr))
/* Packets that wait in the rings all the time, as under load: four bursts. */
#define BACKLOG 4u
/* Packets of a queue until calls are measured apart, or as one, again. */
#define PHASE 256u
#define EMPTY_POLLS 1024u
#define EMPTY_TRIES 16u
/* Busy queues whose calls are stepped in one turn. */
#define STEP_QUEUES 4u

/* --- what is measured ----------------------------------------------------------------------- */

/* Of one core or of two, they do the same, and no more than a loop over queues has to: what stands
 * between the calls to the driver is counted with them, for both drivers.
 */

static PMD_MEASURED void
do_rx(void *arg)
{
	struct pmd_lane *l = arg;
	struct pmd_poll *p, *to = l->to;
	uint64_t n = 0;

	for (p = l->from; p != to; p++) {
		p->got = rte_eth_rx_burst(PMD_PORT, p->queue, p->in, p->burst);
		n += p->got;
	}
	l->fn_packets = n;
}

static PMD_MEASURED void
do_tx(void *arg)
{
	struct pmd_lane *l = arg;
	struct pmd_poll *p, *to = l->to;
	uint64_t n = 0;

	for (p = l->from; p != to; p++) {
		p->sent = p->give == 0 ? 0 : rte_eth_tx_burst(PMD_PORT, p->queue, p->out, p->give);
		n += p->sent;
	}
	l->fn_packets = n;
}

static PMD_MEASURED void
do_prepare(void *arg)
{
	struct pmd_lane *l = arg;
	struct pmd_poll *p, *to = l->to;
	uint64_t n = 0;

	for (p = l->from; p != to; p++) {
		if (p->give != 0)
			p->give = rte_eth_tx_prepare(PMD_PORT, p->queue, p->out, p->give);
		n += p->give;
	}
	l->fn_packets = n;
}

static PMD_MEASURED void
do_loop(void *arg)
{
	struct pmd_lane *l = arg;
	struct pmd_poll *p, *to = l->to;
	uint64_t n = 0;

	for (p = l->from; p != to; p++) {
		p->got = rte_eth_rx_burst(PMD_PORT, p->queue, p->in, p->burst);
		p->sent = p->got == 0 ? 0 : rte_eth_tx_burst(PMD_PORT, p->queue, p->in, p->got);
		n += p->sent;
	}
	l->fn_packets = n;
}

static PMD_MEASURED void
do_free(void *arg)
{
	struct pmd_lane *l = arg;
	struct pmd_poll *p, *to = l->to;
	uint64_t n = 0;

	for (p = l->from; p != to; p++) {
		if (p->give != 0)
			rte_pktmbuf_free_bulk(p->out, p->give);
		n += p->give;
	}
	l->fn_packets = n;
}

static PMD_MEASURED void
do_alloc(void *arg)
{
	struct pmd_lane *l = arg;
	uint32_t segs = l->c->segs, n = l->from->burst * segs;

	l->fn_packets = rte_pktmbuf_alloc_bulk(l->c->mp, l->raw, n) == 0 ? l->from->burst : 0;
}

static void
note_time(struct pmd_lane *l, unsigned int kind, uint64_t ticks, uint64_t packets)
{
	uint32_t at = l->nb_samples[kind];

	if (at == PMD_SAMPLES_MAX)
		return;
	ticks -= RTE_MIN(ticks, perf_meter_overhead());
	l->sample[kind][at].cycles = RTE_MIN(ticks, UINT32_MAX);
	l->sample[kind][at].packets = packets;
	l->nb_samples[kind] = at + 1;
}

static void
call_some(struct pmd_lane *l, struct pmd_poll *from, struct pmd_poll *to, void (*fn)(void *))
{
	l->fn_packets = 0;
	l->from = from;
	l->to = to;
	if (from != to)
		fn(l);
}

/* A step takes ten microseconds where the CPU is a virtual one, and a turn of 64 busy queues is
 * half a million of them: so each turn steps the calls for some of the queues only, the next
 * turn those for others.
 */
static void
step(struct pmd_lane *l, enum pmd_call call, void (*fn)(void *))
{
	const struct pmd_child *c = l->c;
	uint32_t n = c->w.busy == 1 ? l->queues : RTE_MIN(l->queues, STEP_QUEUES / c->w.cores);
	uint32_t at = c->turns % ((l->queues + n - 1) / n) * n;
	struct pmd_poll *from = &l->poll[at], *to = &l->poll[RTE_MIN(at + n, l->queues)];
	uint64_t packets;

	call_some(l, l->poll, from, fn);
	packets = l->fn_packets;
	l->from = from;
	l->to = to;
	l->steps[call] += pmd_step_run(fn, l, c->map[call]);
	l->moved[call] += l->fn_packets;
	packets += l->fn_packets;
	call_some(l, to, &l->poll[l->queues], fn);
	l->fn_packets += packets;
	l->from = l->poll;
	l->to = &l->poll[l->queues];
}

/* Make the call, and take note of what it costs. */
static void
measure(struct pmd_lane *l, enum pmd_call call, void (*fn)(void *))
{
	struct pmd_child *c = l->c;

	switch (c->how) {
	case PMD_TIME:
		if (pmd_loop_at_once(c))
			pmd_core_meet(l != &c->lane[0]);
		l->begun = perf_tsc();
		fn(l);
		l->ended = perf_tsc();
		note_time(l, call, l->ended - l->begun, l->fn_packets);
		break;
	case PMD_STEP:
		step(l, call, fn);
		break;
	default:
		fn(l);
	}
}

/* The same on the other core, while this one waits. */
struct errand {
	struct pmd_lane *l;
	enum pmd_call call;
	void (*fn)(void *);
};

static void
run_errand(void *arg)
{
	struct errand *e = arg;

	measure(e->l, e->call, e->fn);
}

static void
measure_other(struct pmd_lane *l, enum pmd_call call, void (*fn)(void *))
{
	struct errand e = { .l = l, .call = call, .fn = fn };

	pmd_core_ask(run_errand, &e);
	pmd_core_wait();
}

/* Each lane's part on its core. */
static void
on_lanes(struct pmd_child *c, void (*fn)(void *), bool at_once)
{
	if (c->w.cores == 1) {
		fn(&c->lane[0]);
		return;
	}
	if (!at_once)
		fn(&c->lane[0]);
	pmd_core_ask(fn, &c->lane[1]);
	if (at_once)
		fn(&c->lane[0]);
	pmd_core_wait();
}

bool
pmd_loop_at_once(const struct pmd_child *c)
{
	return c->w.cores > 1 && !c->in_turn && c->how == PMD_TIME;
}

/* --- before and after ----------------------------------------------------------------------- */

/*
 * Once a second a driver's service task reads the statistics, and for 20 ms after that the model
 * traps each access to the registers of the queues, the doorbells too. So the task has to wait
 * while something is measured: a callback of ours keeps the thread that would run it.
 */
static struct {
	sem_t kept, let_go;
} service;

#define TRAPS_US 25000u

static void
keep_service(void *arg)
{
	(void)arg;
	sem_post(&service.kept);
	while (sem_wait(&service.let_go) != 0)
		;
}

static void
service_stop(struct pmd_child *c)
{
	if (rte_eal_alarm_set(1, keep_service, NULL) != 0)
		rte_exit(EXIT_FAILURE, "pmd_perf: no alarm can be set\n");
	while (sem_wait(&service.kept) != 0)
		;
	usleep(TRAPS_US);
	c->sim->step(0, 0); /* the model opens the registers again */
}

static void
service_go_on(void)
{
	sem_post(&service.let_go);
}

static void
begin(struct pmd_child *c)
{
	if (c->how != PMD_PLAIN)
		service_stop(c);
	if (c->w.remote || c->w.cores > 1)
		pmd_core_start(c->worker, c->how == PMD_TIME);
	if (c->how == PMD_TIME)
		pmd_core_first(true);
}

static void
end(struct pmd_child *c)
{
	if (c->how == PMD_TIME)
		pmd_core_first(false);
	if (c->how != PMD_PLAIN)
		service_go_on();
	if (c->w.remote || c->w.cores > 1)
		pmd_core_stop(c->worker);
}

/* --- what the application does, not measured ------------------------------------------------ */

static void
fifo_put(struct pmd_fifo *f, struct rte_mbuf *m)
{
	f->m[(f->first + f->n++) & (f->size - 1)] = m;
}

static struct rte_mbuf *
fifo_get(struct pmd_fifo *f)
{
	struct rte_mbuf *m = f->m[f->first++ & (f->size - 1)];

	f->n--;
	return m;
}

static void
swap_macs(struct rte_mbuf *m)
{
	struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	struct rte_ether_addr a = eth->dst_addr;

	eth->dst_addr = eth->src_addr;
	eth->src_addr = a;
}

static void
ask_checksums(struct rte_mbuf *m)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *,
		RTE_ETHER_HDR_LEN);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);

	m->l2_len = RTE_ETHER_HDR_LEN;
	m->l3_len = sizeof(*ip);
	m->l4_len = sizeof(*udp);
	m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM;
	ip->hdr_checksum = 0;
	udp->dgram_cksum = 0;
}

/* An IPv4/UDP packet in the buffers at @p raw. */
static struct rte_mbuf *
write_packet(struct pmd_child *c, struct rte_mbuf **raw)
{
	struct rte_mbuf *m = raw[0];
	struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(eth + 1);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);
	uint32_t left = c->frame_max, i;

	memset(eth, 0, HEADERS);
	memset(&eth->dst_addr, 0x02, sizeof(eth->dst_addr));
	memset(&eth->src_addr, 0x06, sizeof(eth->src_addr));
	eth->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_UDP;
	ip->total_length = rte_cpu_to_be_16(c->frame_max - RTE_ETHER_HDR_LEN);
	ip->src_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 1));
	ip->dst_addr = rte_cpu_to_be_32(RTE_IPV4(198, 18, 0, 1));
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp->src_port = rte_cpu_to_be_16(1024);
	udp->dst_port = rte_cpu_to_be_16(9);
	udp->dgram_len = rte_cpu_to_be_16(c->frame_max - RTE_ETHER_HDR_LEN - sizeof(*ip));
	m->pkt_len = c->frame_max;
	m->nb_segs = c->segs;
	for (i = 0; i < c->segs; i++) {
		raw[i]->data_len = RTE_MIN(left, c->room);
		left -= raw[i]->data_len;
		raw[i]->next = i + 1 < c->segs ? raw[i + 1] : NULL;
	}
	return m;
}

static void
count_received(struct pmd_lane *l)
{
	const struct pmd_poll *p;
	uint32_t i;

	for (p = l->poll; p < &l->poll[l->queues]; p++) {
		l->rx_packets += p->got;
		l->seg_packets += p->got;
		for (i = 0; i < p->got; i++)
			l->nb_segs += p->in[i]->nb_segs;
	}
}

/* What was received goes into the FIFO, and what leaves it is to be sent or freed. */
static void
pass_on(struct pmd_lane *l)
{
	const struct pmd_workload *w = &l->c->w;
	const uint32_t hold = w->hold / w->cores;
	struct pmd_poll *p;
	struct rte_mbuf *m;
	uint32_t i;

	count_received(l);
	for (p = l->poll; p < &l->poll[l->queues]; p++) {
		p->give = 0;
		for (i = 0; i < p->got; i++) {
			fifo_put(&l->fifo, p->in[i]);
			if (l->fifo.n <= hold)
				continue;
			m = fifo_get(&l->fifo);
			if (w->mode == PMD_MACSWAP)
				swap_macs(m);
			if (w->csum == PMD_CSUM_RXTX)
				ask_checksums(m);
			p->out[p->give++] = m;
		}
	}
}

/* What was sent, and what a Tx ring had no room for. */
static void
drop_unsent(struct pmd_lane *l, bool received)
{
	struct pmd_poll *p;
	uint16_t n;

	for (p = l->poll; p < &l->poll[l->queues]; p++) {
		n = received ? p->got : p->give;
		l->tx_packets += p->sent;
		l->unsent += n - p->sent;
		if (n != p->sent)
			rte_pktmbuf_free_bulk((received ? p->in : p->out) + p->sent, n - p->sent);
	}
}

/* The model takes what was sent, all of it, and brings as much. */
static void
run_model(struct pmd_child *c)
{
	struct hns3_sim_port_stats st;
	uint32_t budget = pmd_loop_packets(c), tries = 0;
	uint64_t t, frames = 0, sent = c->lane[0].tx_packets + c->lane[1].tx_packets;
	int n;

	t = perf_tsc();
	do {
		n = c->sim->step(0, budget);
		frames += n > 0 ? n : 0;
		c->sim->stats(0, &st);
	} while (st.tx_frames - c->tx_base < sent && ++tries < 64);
	if (c->how == PMD_TIME && frames != 0)
		note_time(&c->lane[0], PMD_MODEL, perf_tsc() - t, frames);
}

/* --- turns ---------------------------------------------------------------------------------- */

static void
turn_tx(struct pmd_lane *l)
{
	struct pmd_child *c = l->c;
	struct pmd_poll *p = l->poll;
	uint32_t i;

	measure(l, PMD_CALL_POOL, do_alloc);
	p->give = l->fn_packets;
	for (i = 0; i < p->give; i++) {
		p->out[i] = write_packet(c, &l->raw[i * c->segs]);
		if (c->w.csum == PMD_CSUM_RXTX)
			ask_checksums(p->out[i]);
	}
	if (c->w.csum == PMD_CSUM_RXTX)
		measure(l, PMD_CALL_PREP, do_prepare);
	measure(l, PMD_CALL_TX, do_tx);
	l->nb_segs += (uint64_t)p->give * c->segs;
	l->seg_packets += p->give;
	drop_unsent(l, false);
}

static void
turn_loop(struct pmd_lane *l)
{
	const struct pmd_poll *p;

	measure(l, PMD_CALL_LOOP, do_loop);
	drop_unsent(l, true);
	for (p = l->poll; p < &l->poll[l->queues]; p++)
		l->rx_packets += p->got;
}

static bool
nothing_to_free(const struct pmd_lane *l)
{
	const struct pmd_poll *p;

	for (p = l->poll; p < &l->poll[l->queues]; p++)
		if (p->give != 0)
			return false;
	return true;
}

/* Two lanes that go at once meet before each call: both make it, whether or not there is anything
 * to be done.
 */
static void
turn_split(void *arg)
{
	struct pmd_lane *l = arg;
	struct pmd_child *c = l->c;

	measure(l, PMD_CALL_RX, do_rx);
	pass_on(l);
	if (c->w.mode == PMD_RXONLY) {
		if (nothing_to_free(l) && !pmd_loop_at_once(c))
			return;
		if (c->w.remote)
			measure_other(l, PMD_CALL_POOL, do_free);
		else
			measure(l, PMD_CALL_POOL, do_free);
		return;
	}
	if (c->w.csum == PMD_CSUM_RXTX)
		measure(l, PMD_CALL_PREP, do_prepare);
	if (c->w.remote)
		measure_other(l, PMD_CALL_TX, do_tx);
	else
		measure(l, PMD_CALL_TX, do_tx);
	drop_unsent(l, false);
}

/* Nothing stands between receiving and sending. */
static bool
plain_forward(const struct pmd_child *c)
{
	return c->w.mode == PMD_FWD && c->w.hold == 0 && !c->w.remote &&
		c->w.csum != PMD_CSUM_RXTX;
}

uint32_t
pmd_loop_ways(const struct pmd_child *c)
{
	return plain_forward(c) ? 2 : 1;
}

uint32_t
pmd_loop_packets(const struct pmd_child *c)
{
	return c->w.busy == 1 ? c->w.burst : c->w.burst * c->w.queues;
}

uint32_t
pmd_loop_phase(const struct pmd_child *c)
{
	return RTE_MAX(PHASE / c->w.burst, 1u);
}

static void
turn_lane(void *arg)
{
	struct pmd_lane *l = arg;
	const struct pmd_child *c = l->c;

	if (c->w.mode == PMD_TXONLY)
		turn_tx(l);
	else if (c->turns / pmd_loop_phase(c) % pmd_loop_ways(c) != 0)
		turn_loop(l);
	else
		turn_split(l);
}

/* How long both were at their last call of a turn at the same time. */
static void
note_overlap(struct pmd_child *c)
{
	const struct pmd_lane *a = &c->lane[0], *b = &c->lane[1];
	uint64_t from = RTE_MAX(a->begun, b->begun), to = RTE_MIN(a->ended, b->ended);

	c->both_ticks += to > from ? 2 * (to - from) : 0;
	c->lane_ticks += a->ended - a->begun + b->ended - b->begun;
}

static void
turn(struct pmd_child *c)
{
	on_lanes(c, turn_lane, pmd_loop_at_once(c));
	if (pmd_loop_at_once(c))
		note_overlap(c);
	c->turns++;
	run_model(c);
}

void
pmd_loop_run(struct pmd_child *c, enum pmd_how how, uint32_t turns)
{
	struct pmd_lane *l;

	c->how = how;
	for (l = c->lane; l < &c->lane[c->w.cores]; l++) {
		memset(l->nb_samples, 0, sizeof(l->nb_samples));
		memset(l->moved, 0, sizeof(l->moved));
		memset(l->steps, 0, sizeof(l->steps));
		l->nb_segs = 0;
		l->seg_packets = 0;
	}
	c->both_ticks = 0;
	c->lane_ticks = 0;
	begin(c);
	while (turns-- != 0)
		turn(c);
	end(c);
}

static int
set_wire(struct pmd_child *c, bool traffic)
{
	char spec[64];

	snprintf(spec, sizeof(spec), "gen:size=%u,flows=%u%s", c->w.size,
		c->w.busy == 1 ? 1 : 256, traffic ? "" : ",count=1");
	return c->sim->set_wire(0, spec);
}

/* Let packets wait in the rings. */
static void
backlog(struct pmd_child *c)
{
	uint32_t i, n = RTE_MIN(BACKLOG, c->w.ring / c->w.burst / 2);

	for (i = 0; i < n; i++)
		c->sim->step(0, pmd_loop_packets(c));
}

/* Take what is in the rings, until nothing has come for a while. */
static void
drain(struct pmd_child *c)
{
	uint64_t seen = 0, now;
	unsigned int quiet = 0;

	c->how = PMD_PLAIN;
	begin(c);
	while (quiet < 4) {
		on_lanes(c, turn_split, false);
		run_model(c);
		now = c->lane[0].rx_packets + c->lane[1].rx_packets;
		quiet = now == seen ? quiet + 1 : 0;
		seen = now;
	}
	end(c);
}

static uint32_t
sweeps(const struct pmd_lane *l, enum pmd_how how)
{
	return how == PMD_STEP ? 4 : RTE_MAX(EMPTY_POLLS / l->queues, 1u);
}

/* Cycles of polls of queues that have nothing; the least of a few measurements. */
static void
time_empty(void *arg)
{
	uint32_t i, k, n = sweeps(arg, PMD_TIME);
	struct pmd_lane *l = arg;
	uint64_t least = UINT64_MAX, t;

	if (l->c->w.cores > 1)
		pmd_core_meet(l != &l->c->lane[0]);
	for (k = 0; k < EMPTY_TRIES; k++) {
		t = perf_tsc();
		for (i = 0; i < n; i++)
			do_rx(l);
		t = perf_tsc() - t;
		least = RTE_MIN(least, t);
	}
	l->empty = (double)least / (n * l->queues);
}

static void
step_empty(void *arg)
{
	uint32_t i, n = sweeps(arg, PMD_STEP);
	struct pmd_lane *l = arg;
	uint64_t steps = 0;

	for (i = 0; i < n; i++)
		steps += pmd_step_run(do_rx, l, l->c->empty_map);
	l->empty = (double)steps / (n * l->queues);
}

void
pmd_loop_empty(struct pmd_child *c, enum pmd_how how)
{
	const bool two = c->w.cores > 1;

	if (c->w.mode == PMD_TXONLY)
		return;
	set_wire(c, false);
	drain(c);
	service_stop(c);
	if (two)
		pmd_core_start(c->worker, false);
	if (how == PMD_STEP) {
		on_lanes(c, step_empty, false);
		c->empty_steps = (c->lane[0].empty + c->lane[1].empty) / c->w.cores;
	} else {
		on_lanes(c, time_empty, true);
		c->empty_cycles = (c->lane[0].empty + c->lane[1].empty) / c->w.cores;
	}
	if (two)
		pmd_core_stop(c->worker);
	service_go_on();
	set_wire(c, true);
	backlog(c);
}

static int
init_lane(struct pmd_child *c, unsigned int at)
{
	struct pmd_lane *l = &c->lane[at];
	unsigned int i;

	l->c = c;
	l->queues = (c->w.queues - at + c->w.cores - 1) / c->w.cores;
	for (i = 0; i < l->queues; i++) {
		l->poll[i].queue = at + i * c->w.cores;
		l->poll[i].burst = c->w.burst;
	}
	l->from = l->poll;
	l->to = &l->poll[l->queues];
	l->fifo.size = rte_align32pow2(c->w.hold + 2 * l->queues * c->w.burst);
	l->fifo.m = calloc(l->fifo.size, sizeof(*l->fifo.m));
	if (l->fifo.m == NULL)
		return -ENOMEM;
	for (i = 0; i < PMD_KINDS; i++) {
		l->sample[i] = calloc(PMD_SAMPLES_MAX, sizeof(*l->sample[i]));
		if (l->sample[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

int
pmd_loop_init(struct pmd_child *c)
{
	struct hns3_sim_port_stats st;
	uint32_t i;

	c->empty_map = calloc(1, sizeof(*c->empty_map));
	if (c->empty_map == NULL)
		return -ENOMEM;
	for (i = 0; i < c->w.cores; i++)
		if (init_lane(c, i) != 0)
			return -ENOMEM;
	for (i = 0; i < PMD_CALLS; i++) {
		c->map[i] = calloc(1, sizeof(*c->map[i]));
		if (c->map[i] == NULL)
			return -ENOMEM;
	}
	sem_init(&service.kept, 0, 0);
	sem_init(&service.let_go, 0, 0);
	perf_meter_calibrate();
	if (c->sim->stats(0, &st) != 0 || set_wire(c, c->w.mode != PMD_TXONLY) != 0)
		return -EIO;
	c->tx_base = st.tx_frames;
	if (c->w.mode != PMD_TXONLY)
		backlog(c);
	return 0;
}

static void
fini_lane(struct pmd_lane *l)
{
	unsigned int i;

	while (l->fifo.n != 0)
		rte_pktmbuf_free(fifo_get(&l->fifo));
	for (i = 0; i < PMD_KINDS; i++)
		free(l->sample[i]);
	free(l->fifo.m);
}

void
pmd_loop_fini(struct pmd_child *c)
{
	uint32_t i;

	for (i = 0; i < c->w.cores; i++)
		fini_lane(&c->lane[i]);
	for (i = 0; i < PMD_CALLS; i++)
		free(c->map[i]);
	free(c->empty_map);
}
