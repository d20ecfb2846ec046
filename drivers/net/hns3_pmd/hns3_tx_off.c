/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Offloads of Tx: what a BD must say, and what must be done to a packet before.
 */

#include <errno.h>

#include <rte_errno.h>
#include <rte_ip.h>
#include <rte_net.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "hns3_tx.h"

#define MAX_HEADERS  512u  /* of a packet that is segmented */
#define MAX_L4_AT    420u  /* where an L4 header may begin: 60 bytes before 480 */
#define MAX_PAYLOAD  0xfffffu
#define MSS_MIN      256u
#define MSS_MAX      9668u

struct hns3_tx_template hns3_tx_templates[64];

void
hns3_tx_tables_init(void)
{
	static const uint64_t l4[4] = { 0, HNS3_TXW1_TCP, HNS3_TXW1_SCTP, HNS3_TXW1_UDP };
	struct hns3_tx_template *t;
	uint64_t flags;
	unsigned int i;

	for (i = 0; i < RTE_DIM(hns3_tx_templates); i++) {
		t = &hns3_tx_templates[i];
		flags = (uint64_t)i << HNS3_TX_TEMPLATE_SHIFT;
		memset(t, 0, sizeof(*t));
		if (flags & RTE_MBUF_F_TX_VLAN) {
			t->w2 = HNS3_TXW2_OVLAN;
			t->tag = UINT16_MAX;
		}
		/* The hardware wants to know the headers only of what it is to compute. */
		if ((flags & RTE_MBUF_F_TX_L4_MASK) == 0 && !((flags & RTE_MBUF_F_TX_IP_CKSUM) &&
				(flags & RTE_MBUF_F_TX_IPV4)))
			continue;
		if (flags & RTE_MBUF_F_TX_IPV4)
			t->w1 |= HNS3_TXW1_IPV4;
		else if (flags & RTE_MBUF_F_TX_IPV6)
			t->w1 |= HNS3_TXW1_IPV6;
		if ((flags & RTE_MBUF_F_TX_IP_CKSUM) && (flags & RTE_MBUF_F_TX_IPV4))
			t->w1 |= HNS3_TXW1_L3CS;
		t->lens = HNS3_TXW1_L2LEN | HNS3_TXW1_L3LEN;
		if (flags & RTE_MBUF_F_TX_L4_MASK) {
			t->w1 |= l4[i & 3] | HNS3_TXW1_L4CS;
			t->lens |= HNS3_TXW1_L4LEN;
		}
	}
}

bool
hns3_tx_fill_tso(struct hns3_tx_words *w, const struct rte_mbuf *m)
{
	const struct hns3_tx_template *t;
	uint64_t flags = m->ol_flags;
	uint32_t headers = m->l2_len + m->l3_len + m->l4_len;

	if (!hns3_tx_is_tso(m))
		return true;
	if (hns3_tx_tso_error(m) != 0)
		return false;
	/* The template of a packet whose checksums are to be computed, all of them. */
	flags &= ~RTE_MBUF_F_TX_L4_MASK;
	flags |= RTE_MBUF_F_TX_TCP_CKSUM | (flags & RTE_MBUF_F_TX_IPV4 ? RTE_MBUF_F_TX_IP_CKSUM : 0);
	t = &hns3_tx_templates[flags >> HNS3_TX_TEMPLATE_SHIFT & 63];
	w->w1 = t->w1 | (hns3_tx_lens(m->tx_offload) & t->lens) | HNS3_TXW1_TSO;
	w->w2 = t->w2 | (m->vlan_tci & t->tag);
	w->w3 = HNS3_TXW3_PAYLEN(m->pkt_len - headers) | HNS3_TXW3_MSS(m->tso_segsz);
	return true;
}

/* For each segment it makes the hardware reads at most HNS3_TX_BDS_MAX BDs: any of them but the first
 * and one together must hold a whole segment, and the first ones the headers, too.
 */
static bool
windows_ok(const struct rte_mbuf *m, uint32_t headers)
{
	const struct rte_mbuf *tail = m, *head = m;
	uint32_t sum = 0, n = 0;

	for (; head != NULL && n < HNS3_TX_BDS_MAX; head = head->next, n++)
		sum += head->data_len;
	if (head == NULL)
		return true;
	if (sum < m->tso_segsz + headers)
		return false;
	/* From here on windows of one less, without the first. */
	for (sum -= tail->data_len, tail = tail->next; head != NULL; head = head->next) {
		if (sum < m->tso_segsz)
			return false;
		sum += head->data_len - tail->data_len;
		tail = tail->next;
	}
	return true;
}

/* The headers of a packet that is segmented are in its first three BDs. */
static bool
headers_near(const struct rte_mbuf *m, uint32_t headers)
{
	uint32_t n, len = 0;

	for (n = 0; m != NULL && n < 3; m = m->next, n++)
		len += m->data_len;
	return len >= headers;
}

int
hns3_tx_tso_error(const struct rte_mbuf *m)
{
	uint32_t headers = m->l2_len + m->l3_len + m->l4_len;

	if ((m->ol_flags & (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6)) == 0 || m->l4_len < 20 ||
			headers > MAX_HEADERS || m->pkt_len - headers > MAX_PAYLOAD ||
			m->tso_segsz < MSS_MIN || m->tso_segsz > MSS_MAX ||
			m->nb_segs > HNS3_TX_TSO_BDS_MAX || !headers_near(m, headers) ||
			!windows_ok(m, headers))
		return -EINVAL;
	return 0;
}

/* Where the hardware would take the packet for a tunnel, and compute something else. */
static bool
tunnel_port(const struct rte_mbuf *m)
{
	const struct rte_udp_hdr *udp = rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *,
			m->l2_len + m->l3_len);
	uint16_t port = rte_be_to_cpu_16(udp->dst_port);

	return port == RTE_VXLAN_DEFAULT_PORT || port == 4790 || port == 6081;
}

static void
checksum_here(struct rte_mbuf *m)
{
	uint16_t at = m->l2_len + m->l3_len;
	struct rte_udp_hdr *udp = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, at);
	void *ip = rte_pktmbuf_mtod_offset(m, void *, m->l2_len);

	udp->dgram_cksum = 0;
	if (m->ol_flags & RTE_MBUF_F_TX_IPV4)
		udp->dgram_cksum = rte_ipv4_udptcp_cksum_mbuf(m, ip, at);
	else
		udp->dgram_cksum = rte_ipv6_udptcp_cksum_mbuf(m, ip, at);
	m->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
}

/* Length of the L4 header, where the application did not say. 0: it is not in the first segment. */
static uint32_t
l4_length(const struct rte_mbuf *m)
{
	static const uint8_t least[4] = { 0, 20, 12, 8 }; /* TCP, SCTP, UDP */
	uint32_t at = m->l2_len + m->l3_len, len;
	unsigned int l4 = m->ol_flags >> HNS3_TX_TEMPLATE_SHIFT & 3;

	if (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG)
		l4 = 1;
	len = RTE_MAX((uint32_t)m->l4_len, (uint32_t)least[l4]);
	if (l4 == 1 && m->l4_len == 0 && m->data_len >= at + 20)
		len = (rte_pktmbuf_mtod_offset(m, const struct rte_tcp_hdr *, at)->data_off >> 4) * 4;
	return m->data_len >= at + len && len >= least[l4] ? len : 0;
}

/* Sum of the pseudo header, in the order of bytes of the packet. What is to be segmented has no
 * length in it: each part gets its own.
 */
static uint16_t
pseudo_sum(const struct rte_mbuf *m, const void *header)
{
	const struct rte_ipv4_hdr *ip = header;
	uint64_t sum, addr;

	if ((m->ol_flags & RTE_MBUF_F_TX_IPV4) == 0)
		return rte_ipv6_phdr_cksum(header, m->ol_flags);
	memcpy(&addr, &ip->src_addr, sizeof(addr));
	sum = (addr >> 32) + (uint32_t)addr + rte_cpu_to_be_16(ip->next_proto_id);
	if ((m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) == 0)
		sum += rte_cpu_to_be_16(rte_be_to_cpu_16(ip->total_length) - rte_ipv4_hdr_len(ip));
	sum = (sum >> 32) + (uint32_t)sum;
	sum = (sum >> 16) + (uint16_t)sum;
	sum = (sum >> 16) + (uint16_t)sum;
	return (sum >> 16) + (uint16_t)sum;
}
_Static_assert(offsetof(struct rte_ipv4_hdr, dst_addr) == offsetof(struct rte_ipv4_hdr, src_addr) + 4,
	"both addresses are read as one");

/* What the hardware expects to stand where it is to write. That there are all of the headers was
 * seen before.
 */
static void
prepare_sums(struct rte_mbuf *m)
{
	void *l3 = rte_pktmbuf_mtod_offset(m, void *, m->l2_len), *l4 = RTE_PTR_ADD(l3, m->l3_len);
	uint64_t what = m->ol_flags & RTE_MBUF_F_TX_L4_MASK;

	if (m->ol_flags & RTE_MBUF_F_TX_IPV4 && m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM)
		((struct rte_ipv4_hdr *)l3)->hdr_checksum = 0;
	if (what == RTE_MBUF_F_TX_UDP_CKSUM)
		((struct rte_udp_hdr *)l4)->dgram_cksum = pseudo_sum(m, l3);
	else if (what == RTE_MBUF_F_TX_TCP_CKSUM || (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG))
		((struct rte_tcp_hdr *)l4)->cksum = pseudo_sum(m, l3);
}

static int
prepare_headers(struct rte_mbuf *m)
{
	const uint64_t l4 = RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG;
	uint32_t at = m->l2_len + m->l3_len, len;

	if ((m->ol_flags & (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6)) == 0 || m->l2_len % 2 != 0 ||
			m->l2_len == 0 || m->l3_len % 4 != 0 ||
			m->l3_len < (m->ol_flags & RTE_MBUF_F_TX_IPV4 ? 20 : 40) ||
			at > MAX_L4_AT || m->data_len < at)
		return -EINVAL;
	if (m->ol_flags & l4) {
		len = l4_length(m);
		if (len == 0 || len % 4 != 0)
			return -EINVAL;
		m->l4_len = len;
	} else {
		m->l4_len = 0;
	}
	if ((m->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_UDP_CKSUM && tunnel_port(m))
		checksum_here(m);
	prepare_sums(m);
	return 0;
}

static int
prepare(struct rte_mbuf *m)
{
	const uint64_t compute = RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK |
		RTE_MBUF_F_TX_TCP_SEG;
	uint64_t flags = m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK;
	int ret;

	if (flags & ~HNS3_TX_FLAGS)
		return -ENOTSUP;
	/* One decision, here, for the pseudo header and for the BD. */
	if ((flags & RTE_MBUF_F_TX_TCP_SEG) && !hns3_tx_is_tso(m)) {
		m->ol_flags &= ~(RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_L4_MASK);
		m->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
		flags = m->ol_flags;
	}
	if (m->pkt_len == 0 || (!(flags & RTE_MBUF_F_TX_TCP_SEG) && m->pkt_len > HNS3_FRAME_MAX))
		return -EINVAL;
	if ((flags & compute) == 0)
		return 0;
	ret = prepare_headers(m);
	if (ret == 0 && (flags & RTE_MBUF_F_TX_TCP_SEG))
		ret = hns3_tx_tso_error(m);
	return ret;
}

uint16_t
hns3_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;
	int ret;

	RTE_SET_USED(queue);
	for (i = 0; i < n; i++) {
		ret = prepare(pkts[i]);
		if (ret != 0) {
			rte_errno = -ret;
			break;
		}
	}
	return i;
}
