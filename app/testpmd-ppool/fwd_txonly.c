/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* txonly: UDP over IPv4 packets are made and sent, of the lengths that --txpkts says. */

#include <string.h>

#include "testpmd_ppool.h"

/* Addresses and port set aside for benchmarks and for throwing away (RFC 2544, RFC 863). */
#define TXONLY_SRC_IP RTE_IPV4(198, 18, 0, 1)
#define TXONLY_DST_IP RTE_IPV4(198, 18, 0, 2)
#define TXONLY_UDP_PORT 9
#define TXONLY_TTL 64
/* So many source addresses follow each other with --txonly-multi-flow. */
#define TXONLY_FLOWS 256u

_Static_assert(sizeof(((struct fwd_stream *)0)->hdr) == TXPKTS_HDR_LEN,
	"headers stand as on the wire");

static uint32_t
packet_length(const struct options *opt)
{
	uint32_t i, len = 0;

	for (i = 0; i < opt->nb_txpkts; i++)
		len += opt->txpkt_len[i];
	return len;
}

static void
source_address(struct fwd_stream *fs, uint32_t addr)
{
	fs->hdr.ip.src_addr = rte_cpu_to_be_32(addr);
	fs->hdr.ip.hdr_checksum = 0;
	fs->hdr.ip.hdr_checksum = rte_ipv4_cksum(&fs->hdr.ip);
}

void
txonly_prepare(struct fwd_stream *fs)
{
	uint32_t len = packet_length(fs->opt) - sizeof(fs->hdr.eth);

	memset(&fs->hdr, 0, sizeof(fs->hdr));
	fs->hdr.eth.dst_addr = fs->peer;
	fs->hdr.eth.src_addr = fs->tx_mac;
	fs->hdr.eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	fs->hdr.ip.version_ihl = RTE_IPV4_VHL_DEF;
	fs->hdr.ip.total_length = rte_cpu_to_be_16(len);
	fs->hdr.ip.time_to_live = TXONLY_TTL;
	fs->hdr.ip.next_proto_id = IPPROTO_UDP;
	fs->hdr.ip.dst_addr = rte_cpu_to_be_32(TXONLY_DST_IP);
	source_address(fs, TXONLY_SRC_IP);
	fs->hdr.udp.src_port = rte_cpu_to_be_16(TXONLY_UDP_PORT);
	fs->hdr.udp.dst_port = rte_cpu_to_be_16(TXONLY_UDP_PORT);
	fs->hdr.udp.dgram_len = rte_cpu_to_be_16(len - sizeof(fs->hdr.ip));
}

/* The headers may be longer than the first segments. */
static void
copy_headers(const struct fwd_stream *fs, struct rte_mbuf *m)
{
	const char *from = (const char *)&fs->hdr;
	uint32_t left = sizeof(fs->hdr);

	for (; left > 0; m = m->next) {
		uint32_t n = RTE_MIN(left, (uint32_t)m->data_len);

		memcpy(rte_pktmbuf_mtod(m, char *), from, n);
		from += n;
		left -= n;
	}
}

/* Lengths, and the segments behind the first. */
static bool
shape_packet(struct fwd_stream *fs, struct rte_mbuf *m)
{
	const struct options *opt = fs->opt;
	struct rte_mbuf *seg[TXPKTS_SEGS_MAX];
	uint32_t i, nb = opt->nb_txpkts;

	if (nb > 1 && rte_pktmbuf_alloc_bulk(fs->mp, seg, nb - 1) != 0)
		return false;
	m->data_len = opt->txpkt_len[0];
	m->pkt_len = opt->txpkt_len[0];
	m->nb_segs = nb;
	for (i = 1; i < nb; i++) {
		struct rte_mbuf *prev = i == 1 ? m : seg[i - 2];

		seg[i - 1]->data_len = opt->txpkt_len[i];
		m->pkt_len += opt->txpkt_len[i];
		prev->next = seg[i - 1];
	}
	m->l2_len = sizeof(struct rte_ether_hdr);
	m->l3_len = sizeof(struct rte_ipv4_hdr);
	return true;
}

static bool
txonly_burst(struct fwd_stream *fs)
{
	struct rte_mbuf *pkts[BURST_MAX];
	uint16_t n;

	if (rte_pktmbuf_alloc_bulk(fs->mp, pkts, fs->burst) != 0)
		return false;
	for (n = 0; n < fs->burst; n++) {
		if (!shape_packet(fs, pkts[n])) {
			rte_pktmbuf_free_bulk(pkts + n, fs->burst - n);
			break;
		}
		if (fs->multi_flow)
			source_address(fs, TXONLY_SRC_IP + ((fs->flow++ % TXONLY_FLOWS) << 8));
		copy_headers(fs, pkts[n]);
	}
	if (n == 0)
		return false;
	stream_tx(fs, pkts, n);
	return true;
}

const struct fwd_engine fwd_txonly = {
	.name = "txonly",
	.uses_rx = false,
	.uses_tx = true,
	.burst = txonly_burst,
};
