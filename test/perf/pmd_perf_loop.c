/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The workloads. A turn is: a burst of each queue received, something done with the packets, a
 * burst of each queue sent; then the model runs, in the same thread and outside of what is
 * measured. So each doorbell register is written at most once between two runs of the model,
 * which is what lock-step mode asks for.
 */

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_alarm.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_udp.h>

#include "perf_meter.h"
#include "pmd_perf_child.h"

#define HEADERS (RTE_ETHER_HDR_LEN + sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr))
/* Packets that wait in the rings all the time, as under load: four bursts. */
#define BACKLOG 4u
#define EMPTY_POLLS 1024u
#define EMPTY_TRIES 16u

/* --- what is measured ----------------------------------------------------------------------- */

static void
do_rx(void *arg)
{
	struct pmd_child *c = arg;
	const uint32_t nq = c->w.queues, burst = c->w.burst;
	uint64_t n = 0;
	uint32_t q;

	for (q = 0; q < nq; q++) {
		c->got[q] = rte_eth_rx_burst(c->port, q, &c->pkts[q * burst], burst);
		n += c->got[q];
	}
	c->fn_packets = n;
}

static void
do_tx(void *arg)
{
	struct pmd_child *c = arg;
	const uint32_t nq = c->w.queues, burst = c->w.burst;
	uint64_t n = 0;
	uint32_t q;

	for (q = 0; q < nq; q++)
		if (c->give[q] != 0)
			n += rte_eth_tx_burst(c->port, q, &c->out[q * burst], c->give[q]);
	c->fn_packets = n;
}

static void
do_tx_prepare(void *arg)
{
	struct pmd_child *c = arg;
	const uint32_t nq = c->w.queues, burst = c->w.burst;
	uint64_t n = 0;
	uint16_t k;
	uint32_t q;

	for (q = 0; q < nq; q++) {
		if (c->give[q] == 0)
			continue;
		k = rte_eth_tx_prepare(c->port, q, &c->out[q * burst], c->give[q]);
		n += rte_eth_tx_burst(c->port, q, &c->out[q * burst], k);
	}
	c->fn_packets = n;
}

static void
do_loop(void *arg)
{
	struct pmd_child *c = arg;
	const uint32_t nq = c->w.queues, burst = c->w.burst;
	uint64_t n = 0;
	uint16_t k;
	uint32_t q;

	for (q = 0; q < nq; q++) {
		k = rte_eth_rx_burst(c->port, q, &c->pkts[q * burst], burst);
		c->got[q] = k;
		if (k != 0)
			n += rte_eth_tx_burst(c->port, q, &c->pkts[q * burst], k);
	}
	c->fn_packets = n;
}

static void
do_free(void *arg)
{
	struct pmd_child *c = arg;

	rte_pktmbuf_free_bulk(c->out, c->nb_out);
	c->fn_packets = c->nb_out;
}

static void
do_alloc(void *arg)
{
	struct pmd_child *c = arg;
	uint32_t n = c->w.burst * c->segs;

	c->nb_out = rte_pktmbuf_alloc_bulk(c->mp, c->raw, n) == 0 ? n : 0;
	c->fn_packets = c->nb_out / c->segs;
}

static void
note_time(struct pmd_child *c, unsigned int kind, uint64_t ticks, uint64_t packets)
{
	uint32_t at = c->nb_samples[kind];

	if (at == PMD_SAMPLES_MAX)
		return;
	ticks -= RTE_MIN(ticks, perf_meter_overhead());
	c->sample[kind][at].cycles = RTE_MIN(ticks, UINT32_MAX);
	c->sample[kind][at].packets = packets;
	c->nb_samples[kind] = at + 1;
}

/* Make the call, and take note of what it costs. */
static void
measure(struct pmd_child *c, enum pmd_call call, void (*fn)(void *))
{
	uint64_t t;

	switch (c->how) {
	case PMD_TIME:
		t = perf_tsc();
		fn(c);
		note_time(c, call, perf_tsc() - t, c->fn_packets);
		break;
	case PMD_STEP:
		c->steps[call] += pmd_step_run(fn, c, c->map[call]);
		break;
	default:
		fn(c);
	}
	c->moved[call] += c->fn_packets;
}

/* Ahead of other programs, while something is timed: a few milliseconds. Where that is not
 * allowed, disturbed rounds are made again.
 */
static void
go_first(const struct pmd_child *c, bool on)
{
	struct sched_param prio = { .sched_priority = on ? 1 : 0 };

	if (c->how == PMD_TIME)
		sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, &prio);
}

/* --- the same on the other core ------------------------------------------------------------- */

static struct {
	struct pmd_child *c;
	enum pmd_call call;
	void (*fn)(void *);
	unsigned int asked, done; /* how often */
	bool end;
} other;

static int
other_core(void *arg)
{
	unsigned int seen = 0, idle = 0;

	go_first(arg, true);
	while (!__atomic_load_n(&other.end, __ATOMIC_ACQUIRE)) {
		if (__atomic_load_n(&other.asked, __ATOMIC_ACQUIRE) == seen) {
			rte_pause();
			if (++idle % 4096 == 0)
				sched_yield();
			continue;
		}
		measure(other.c, other.call, other.fn);
		__atomic_store_n(&other.done, ++seen, __ATOMIC_RELEASE);
	}
	go_first(arg, false);
	return 0;
}

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
	if (c->w.remote) {
		other.end = false;
		other.asked = 0;
		other.done = 0;
		rte_eal_remote_launch(other_core, c, c->worker);
	}
	go_first(c, true);
}

static void
end(struct pmd_child *c)
{
	go_first(c, false);
	if (c->how != PMD_PLAIN)
		service_go_on();
	if (c->w.remote) {
		__atomic_store_n(&other.end, true, __ATOMIC_RELEASE);
		rte_eal_wait_lcore(c->worker);
	}
}

static void
measure_other(struct pmd_child *c, enum pmd_call call, void (*fn)(void *))
{
	unsigned int idle = 0, n = other.asked + 1;

	other.c = c;
	other.call = call;
	other.fn = fn;
	__atomic_store_n(&other.asked, n, __ATOMIC_RELEASE);
	while (__atomic_load_n(&other.done, __ATOMIC_ACQUIRE) != n) {
		rte_pause();
		if (++idle % 4096 == 0)
			sched_yield();
	}
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
count_received(struct pmd_child *c)
{
	const uint32_t nq = c->w.queues, burst = c->w.burst;
	uint32_t q, i;

	for (q = 0; q < nq; q++) {
		c->rx_packets += c->got[q];
		c->seg_packets += c->got[q];
		for (i = 0; i < c->got[q]; i++)
			c->nb_segs += c->pkts[q * burst + i]->nb_segs;
	}
}

/* What was received goes into the FIFO, and what leaves it is to be sent or freed. */
static void
pass_on(struct pmd_child *c)
{
	const uint32_t nq = c->w.queues, burst = c->w.burst;
	struct rte_mbuf *m;
	uint32_t q, i;

	count_received(c);
	c->nb_out = 0;
	for (q = 0; q < nq; q++) {
		c->give[q] = 0;
		for (i = 0; i < c->got[q]; i++) {
			fifo_put(&c->fifo, c->pkts[q * burst + i]);
			if (c->fifo.n <= c->w.hold)
				continue;
			m = fifo_get(&c->fifo);
			if (c->w.mode == PMD_MACSWAP)
				swap_macs(m);
			if (c->w.csum == PMD_CSUM_RXTX)
				ask_checksums(m);
			if (c->w.mode == PMD_RXONLY)
				c->out[c->nb_out++] = m;
			else
				c->out[q * burst + c->give[q]++] = m;
		}
	}
}

/* What a Tx ring had no room for. */
static void
drop_unsent(struct pmd_child *c, struct rte_mbuf **from, const uint16_t *n, uint64_t sent)
{
	uint64_t all = 0;
	uint32_t q;

	for (q = 0; q < c->w.queues; q++)
		all += n[q];
	c->tx_packets += sent;
	c->unsent += all - sent;
	if (all != sent && c->w.queues == 1)
		rte_pktmbuf_free_bulk(from + sent, all - sent);
}

/* The model takes what was sent, all of it, and brings as much. */
static void
run_model(struct pmd_child *c)
{
	struct hns3_sim_port_stats st;
	uint32_t budget = pmd_loop_packets(c), tries = 0;
	uint64_t t, frames = 0;
	int n;

	t = perf_tsc();
	do {
		n = c->sim->step(0, budget);
		frames += n > 0 ? n : 0;
		c->sim->stats(0, &st);
	} while (st.tx_frames - c->tx_base < c->tx_packets && ++tries < 64);
	if (c->how == PMD_TIME && frames != 0)
		note_time(c, PMD_MODEL, perf_tsc() - t, frames);
}

/* --- turns ---------------------------------------------------------------------------------- */

static void
turn_tx(struct pmd_child *c)
{
	uint32_t i;

	measure(c, PMD_CALL_POOL, do_alloc);
	c->give[0] = c->nb_out / c->segs;
	for (i = 0; i < c->give[0]; i++) {
		c->out[i] = write_packet(c, &c->raw[i * c->segs]);
		if (c->w.csum == PMD_CSUM_RXTX)
			ask_checksums(c->out[i]);
	}
	measure(c, PMD_CALL_TX, c->w.csum == PMD_CSUM_RXTX ? do_tx_prepare : do_tx);
	c->nb_segs += (uint64_t)c->give[0] * c->segs;
	c->seg_packets += c->give[0];
	drop_unsent(c, c->out, c->give, c->fn_packets);
}

static void
turn_loop(struct pmd_child *c)
{
	measure(c, PMD_CALL_LOOP, do_loop);
	drop_unsent(c, c->pkts, c->got, c->fn_packets);
	for (uint32_t q = 0; q < c->w.queues; q++)
		c->rx_packets += c->got[q];
}

static void
turn_split(struct pmd_child *c)
{
	void (*tx)(void *) = c->w.csum == PMD_CSUM_RXTX ? do_tx_prepare : do_tx;

	measure(c, PMD_CALL_RX, do_rx);
	pass_on(c);
	if (c->w.mode == PMD_RXONLY) {
		if (c->nb_out == 0)
			return;
		if (c->w.remote)
			measure_other(c, PMD_CALL_POOL, do_free);
		else
			measure(c, PMD_CALL_POOL, do_free);
		return;
	}
	if (c->w.remote)
		measure_other(c, PMD_CALL_TX, tx);
	else
		measure(c, PMD_CALL_TX, tx);
	drop_unsent(c, c->out, c->give, c->fn_packets);
}

/* Nothing stands between receiving and sending. */
static bool
plain_forward(const struct pmd_child *c)
{
	return c->w.mode == PMD_FWD && c->w.hold == 0 && !c->w.remote &&
		c->w.csum != PMD_CSUM_RXTX;
}

uint32_t
pmd_loop_packets(const struct pmd_child *c)
{
	return c->w.busy == 1 ? c->w.burst : c->w.burst * c->w.queues;
}

static void
turn(struct pmd_child *c)
{
	if (c->w.mode == PMD_TXONLY)
		turn_tx(c);
	else if (plain_forward(c) && (c->turns & 1))
		turn_loop(c);
	else
		turn_split(c);
	c->turns++;
	run_model(c);
}

void
pmd_loop_run(struct pmd_child *c, enum pmd_how how, uint32_t turns)
{
	c->how = how;
	memset(c->nb_samples, 0, sizeof(c->nb_samples));
	memset(c->moved, 0, sizeof(c->moved));
	memset(c->steps, 0, sizeof(c->steps));
	c->nb_segs = 0;
	c->seg_packets = 0;
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
	uint64_t seen = c->rx_packets;
	unsigned int quiet = 0;

	c->how = PMD_PLAIN;
	begin(c);
	while (quiet < 4) {
		turn_split(c);
		run_model(c);
		quiet = c->rx_packets == seen ? quiet + 1 : 0;
		seen = c->rx_packets;
	}
	end(c);
}

/* Cycles of so many sweeps over queues that have nothing; the least of a few measurements. */
static uint64_t
fastest(struct pmd_child *c, uint32_t sweeps)
{
	uint64_t least = UINT64_MAX, t;
	uint32_t i, k;

	for (k = 0; k < EMPTY_TRIES; k++) {
		t = perf_tsc();
		for (i = 0; i < sweeps; i++)
			do_rx(c);
		t = perf_tsc() - t;
		least = RTE_MIN(least, t);
	}
	return least;
}

void
pmd_loop_empty(struct pmd_child *c, enum pmd_how how)
{
	const uint32_t sweeps = how == PMD_STEP ? 4 : RTE_MAX(EMPTY_POLLS / c->w.queues, 1u);
	uint64_t n = 0;
	uint32_t i;

	if (c->w.mode == PMD_TXONLY)
		return;
	set_wire(c, false);
	drain(c);
	service_stop(c);
	if (how == PMD_STEP) {
		for (i = 0; i < sweeps; i++)
			n += pmd_step_run(do_rx, c, c->empty_map);
		c->empty_steps = (double)n / (sweeps * c->w.queues);
	} else {
		c->empty_cycles = (double)fastest(c, sweeps) / (sweeps * c->w.queues);
	}
	service_go_on();
	set_wire(c, true);
	backlog(c);
}

int
pmd_loop_init(struct pmd_child *c)
{
	struct hns3_sim_port_stats st;
	uint32_t i;

	c->fifo.size = rte_align32pow2(c->w.hold + 2 * c->w.queues * c->w.burst);
	c->fifo.m = calloc(c->fifo.size, sizeof(*c->fifo.m));
	c->empty_map = calloc(1, sizeof(*c->empty_map));
	if (c->fifo.m == NULL || c->empty_map == NULL)
		return -ENOMEM;
	for (i = 0; i < PMD_KINDS; i++) {
		c->sample[i] = calloc(PMD_SAMPLES_MAX, sizeof(*c->sample[i]));
		if (c->sample[i] == NULL)
			return -ENOMEM;
	}
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

void
pmd_loop_fini(struct pmd_child *c)
{
	uint32_t i;

	while (c->fifo.n != 0)
		rte_pktmbuf_free(fifo_get(&c->fifo));
	for (i = 0; i < PMD_KINDS; i++)
		free(c->sample[i]);
	for (i = 0; i < PMD_CALLS; i++)
		free(c->map[i]);
	free(c->fifo.m);
	free(c->empty_map);
}
