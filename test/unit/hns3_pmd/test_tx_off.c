/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Offloads of Tx: what becomes of a packet, and of its BDs. */

#include "hns3_test.h"

#include <string.h>

#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "hns3_tx.h"

#define N 128u

static struct hns3_txq q;
static struct hns3_bd ring[N] __rte_aligned(HNS3_RING_BASE);
static struct rte_mbuf *sw[N];
static struct hns3_tx_block block[HNS3_TX_BLOCKS(N)];
static uint8_t bounce[HNS3_BOUNCE_NUM * HNS3_BOUNCE_LEN];
static uint32_t tail_reg;
static struct rte_mempool *mp;
static const struct hns3_path *path;
static unsigned int all_bufs;

static int
open_queue(void **state)
{
	RTE_SET_USED(state);
	memset(&q, 0, sizeof(q));
	q.ring = ring;
	q.sw = sw;
	q.block = block;
	q.nb_desc = N;
	q.tail = &tail_reg;
	q.bounce = bounce;
	q.bounce_iova = (uintptr_t)bounce;
	q.off = true;
	hns3_tx_reset(&q);
	all_bufs = rte_mempool_avail_count(mp);
	return 0;
}

static int
close_queue(void **state)
{
	RTE_SET_USED(state);
	hns3_tx_drain(&q);
	assert_int_equal(rte_mempool_avail_count(mp), all_bufs);
	return 0;
}

/* An Ethernet packet with IP and, by proto, a TCP or UDP header and so much payload. */
static struct rte_mbuf *
packet(bool v4, uint8_t proto, uint16_t payload, uint16_t port)
{
	uint16_t l3 = v4 ? 20 : 40, l4 = proto == IPPROTO_TCP ? 20 : 8;
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
	uint8_t *p, *ip;
	unsigned int i;

	assert_non_null(m);
	p = (uint8_t *)rte_pktmbuf_append(m, 14 + l3 + l4 + payload);
	assert_non_null(p);
	for (i = 0; i < m->data_len; i++)
		p[i] = i * 7 + payload;
	ip = p + 14;
	if (v4) {
		struct rte_ipv4_hdr *h = (struct rte_ipv4_hdr *)ip;

		h->version_ihl = 0x45;
		h->total_length = rte_cpu_to_be_16(l3 + l4 + payload);
		h->fragment_offset = 0;
		h->next_proto_id = proto;
	} else {
		struct rte_ipv6_hdr *h = (struct rte_ipv6_hdr *)ip;

		h->vtc_flow = rte_cpu_to_be_32(6u << 28);
		h->payload_len = rte_cpu_to_be_16(l4 + payload);
		h->proto = proto;
	}
	if (proto == IPPROTO_TCP)
		((struct rte_tcp_hdr *)(ip + l3))->data_off = 5 << 4;
	else
		((struct rte_udp_hdr *)(ip + l3))->dst_port = rte_cpu_to_be_16(port);
	m->l2_len = 14;
	m->l3_len = l3;
	m->ol_flags |= v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6;
	m->ol_flags |= proto == IPPROTO_TCP ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_UDP_CKSUM;
	if (v4)
		m->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	return m;
}

/* What the field must hold before the hardware adds the segment: the sum of the pseudo header. */
static uint16_t
seed(struct rte_mbuf *m, bool v4, uint64_t flags)
{
	return v4 ? rte_ipv4_phdr_cksum(rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, 14), flags) :
		rte_ipv6_phdr_cksum(rte_pktmbuf_mtod_offset(m, struct rte_ipv6_hdr *, 14), flags);
}

static uint16_t
l4_field(struct rte_mbuf *m, uint8_t proto)
{
	uint8_t *l4 = rte_pktmbuf_mtod_offset(m, uint8_t *, 14 + m->l3_len);

	return proto == IPPROTO_TCP ? ((struct rte_tcp_hdr *)l4)->cksum :
		((struct rte_udp_hdr *)l4)->dgram_cksum;
}

static void
checksums(void **state)
{
	/* L4LEN, L3LEN, L2LEN, and the types: TCP and UDP on IPv6, and on IPv4 (with L3CS). */
	static const uint32_t want[2][2] = { { 0x050a0725, 0x020a0729 }, { 0x05050736, 0x0205073a } };
	unsigned int v4, udp, at = 0;
	struct rte_mbuf *m;
	uint8_t proto;

	RTE_SET_USED(state);
	for (v4 = 0; v4 < 2; v4++)
		for (udp = 0; udp < 2; udp++) {
			proto = udp ? IPPROTO_UDP : IPPROTO_TCP;
			m = packet(v4, proto, 100, 53);
			assert_int_equal(hns3_tx_prepare(&q, &m, 1), 1);
			assert_int_equal(l4_field(m, proto), seed(m, v4, m->ol_flags));
			if (v4)
				assert_int_equal(rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *,
						14)->hdr_checksum, 0);
			assert_int_equal(path->tx(&q, &m, 1), 1);
			assert_int_equal(ring[at].w[1], (uint64_t)want[v4][udp] << 32 |
				(uint64_t)m->data_len << 16);
			assert_int_equal(ring[at].w[2], 0);
			assert_int_equal(ring[at].w[3], HNS3_TXW3_VLD | HNS3_TXW3_FE);
			at++;
		}
}

/* Mixed with packets that want nothing, in all places of a group of four. */
static void
mixed(void **state)
{
	struct rte_mbuf *m[40];
	unsigned int i, round;

	RTE_SET_USED(state);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < RTE_DIM(m); i++) {
			m[i] = packet(true, IPPROTO_TCP, 10 + i, 0);
			if (i * 11 % 3 == round)
				m[i]->ol_flags = 0;
			else if (i % 5 == 0)
				m[i]->ol_flags |= RTE_MBUF_F_TX_VLAN;
			m[i]->vlan_tci = 0x1000 + i;
		}
		assert_int_equal(hns3_tx_prepare(&q, m, RTE_DIM(m)), RTE_DIM(m));
		assert_int_equal(path->tx(&q, m, RTE_DIM(m)), RTE_DIM(m));
		for (i = 0; i < RTE_DIM(m); i++) {
			const struct hns3_bd *bd = &ring[round * RTE_DIM(m) + i];

			assert_int_equal(bd->w[0], rte_mbuf_data_iova(m[i]));
			assert_int_equal(bd->w[1] >> 32, m[i]->ol_flags == 0 ? 0 : 0x05050736);
			assert_int_equal(bd->w[2], m[i]->ol_flags & RTE_MBUF_F_TX_VLAN ?
				HNS3_TXW2_OVLAN | (0x1000 + i) : 0);
		}
	}
}

/* Ports that this chip takes for a tunnel: the sum is made here. */
static void
tunnel_ports(void **state)
{
	static const uint16_t ports[] = { 4789, 4790, 6081 };
	struct rte_mbuf *m;
	unsigned int i, v4;

	RTE_SET_USED(state);
	for (v4 = 0; v4 < 2; v4++)
		for (i = 0; i < RTE_DIM(ports); i++) {
			m = packet(v4, IPPROTO_UDP, 33 + i, ports[i]);
			assert_int_equal(hns3_tx_prepare(&q, &m, 1), 1);
			assert_int_equal(m->ol_flags & RTE_MBUF_F_TX_L4_MASK, 0);
			if (v4)
				assert_int_equal(rte_ipv4_udptcp_cksum_mbuf_verify(m,
						rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, 14), 34), 0);
			else
				assert_int_equal(rte_ipv6_udptcp_cksum_mbuf_verify(m,
						rte_pktmbuf_mtod_offset(m, struct rte_ipv6_hdr *, 14), 54), 0);
			assert_int_equal(path->tx(&q, &m, 1), 1);
		}
}

static struct rte_mbuf *
long_packet(unsigned int segs, uint16_t each, uint16_t mss)
{
	struct rte_mbuf *m = packet(true, IPPROTO_TCP, each, 0), *s;

	while (--segs > 0) {
		s = rte_pktmbuf_alloc(mp);
		assert_non_null(s);
		assert_non_null(rte_pktmbuf_append(s, each));
		assert_int_equal(rte_pktmbuf_chain(m, s), 0);
	}
	m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
	m->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
	m->l4_len = 20;
	m->tso_segsz = mss;
	return m;
}

static void
segmentation(void **state)
{
	struct rte_mbuf *m = long_packet(30, 2000, 1400);
	unsigned int i;

	RTE_SET_USED(state);
	assert_int_equal(hns3_tx_prepare(&q, &m, 1), 1);
	assert_int_equal(l4_field(m, IPPROTO_TCP), seed(m, true, RTE_MBUF_F_TX_TCP_SEG));
	assert_int_equal(path->tx(&q, &m, 1), 1);
	assert_int_equal(tail_reg, 30);
	assert_int_equal(ring[0].w[1], (uint64_t)0x050507b6 << 32 | 2054ull << 16);
	assert_int_equal(ring[0].w[3], HNS3_TXW3_VLD | 60000 | 1400ull << 48);
	for (i = 1; i < 30; i++) {
		assert_int_equal(ring[i].w[1], 2000ull << 16);
		assert_int_equal(ring[i].w[3], HNS3_TXW3_VLD | (i == 29 ? HNS3_TXW3_FE : 0));
	}
	/* Not longer than a segment: a packet whose checksum is to be computed, with a whole seed. */
	m = long_packet(1, 1400, 1400);
	assert_int_equal(hns3_tx_prepare(&q, &m, 1), 1);
	assert_int_equal(l4_field(m, IPPROTO_TCP), seed(m, true, 0));
	assert_int_equal(path->tx(&q, &m, 1), 1);
	assert_int_equal(ring[30].w[1], (uint64_t)0x05050736 << 32 | 1454ull << 16);
	assert_int_equal(ring[30].w[3], HNS3_TXW3_VLD | HNS3_TXW3_FE);
	assert_int_equal(q.stats.bad_packets, 0);
}

static void
refused(struct rte_mbuf *m, int why)
{
	rte_errno = 0;
	assert_int_equal(hns3_tx_prepare(&q, &m, 1), 0);
	assert_int_equal(rte_errno, why);
	rte_pktmbuf_free(m);
}

static void
limits(void **state)
{
	struct rte_mbuf *m;

	RTE_SET_USED(state);
	refused(long_packet(2, 2000, 255), EINVAL);
	refused(long_packet(8, 2000, 9669), EINVAL);
	refused(long_packet(64, 1000, 1400), EINVAL);
	m = long_packet(63, 1000, 1400);
	assert_int_equal(hns3_tx_prepare(&q, &m, 1), 1);
	rte_pktmbuf_free(m);
	/* Seven BDs of 100 bytes are less than a segment, of 200 not. */
	refused(long_packet(20, 100, 1400), EINVAL);
	m = long_packet(20, 200, 1400);
	assert_int_equal(hns3_tx_prepare(&q, &m, 1), 1);
	/* As it stands it would hang the hardware: never sent without being prepared. */
	m->tso_segsz = 1401;
	assert_int_equal(path->tx(&q, &m, 1), 1);
	assert_int_equal(q.stats.bad_packets, 1);
	m = packet(true, IPPROTO_TCP, 10, 0);
	m->ol_flags |= RTE_MBUF_F_TX_TUNNEL_VXLAN;
	refused(m, ENOTSUP);
	m = packet(true, IPPROTO_TCP, 10, 0);
	m->l2_len = 15;
	refused(m, EINVAL);
	m = packet(true, IPPROTO_TCP, 10, 0);
	m->l3_len = 0;
	refused(m, EINVAL);
	m = packet(true, IPPROTO_TCP, 10, 0);
	m->data_len = m->pkt_len = 40;
	refused(m, EINVAL);
	m = rte_pktmbuf_alloc(mp);
	assert_non_null(m);
	refused(m, EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(checksums, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(mixed, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(tunnel_ports, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(segmentation, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(limits, open_queue, close_queue),
	};
	unsigned int i;
	int failed = 0;

	if (test_eal_init() != 0)
		return 1;
	hns3_tx_tables_init();
	mp = rte_pktmbuf_pool_create("tx_off", 1000, 0, 0, 2304, SOCKET_ID_ANY);
	if (mp == NULL)
		return 1;
	for (i = 0; i < hns3_nb_paths; i++) {
		path = &hns3_paths[i];
		if (path->usable())
			failed += cmocka_run_group_tests_name(path->tx_name, tests, NULL, NULL);
	}
	rte_eal_cleanup();
	return failed;
}
