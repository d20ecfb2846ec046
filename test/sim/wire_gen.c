/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Generated traffic. One frame a flow is made beforehand; sending is handing out pointers.
 * Flow f: source MAC 02:47:00:xx:xx:xx, 10.x.y.z port 1024 + f to 198.18.0.1 port 9.
 */

#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define ETH 14u
#define IP4 20u
#define UDP 8u

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Sum of 16-bit words, not folded. */
static uint32_t
sum16(const uint8_t *p, uint32_t len, uint32_t sum)
{
	for (uint32_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
build(uint8_t *b, uint32_t len, uint32_t flow, const uint8_t mac[6])
{
	uint8_t *ip = b + ETH, *udp = ip + IP4;
	uint32_t ip_len = len - ETH, udp_len = ip_len - IP4;
	uint16_t ck;

	memcpy(b, mac, 6);
	b[6] = 0x02;
	b[7] = 0x47;
	b[9] = (uint8_t)(flow >> 16);
	b[10] = (uint8_t)(flow >> 8);
	b[11] = (uint8_t)flow;
	put16(b + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, ip_len);
	put16(ip + 4, flow);
	put16(ip + 6, 0x4000);
	ip[8] = 64;
	ip[9] = 17;
	ip[12] = 10;
	ip[13] = (uint8_t)(1 + (flow >> 16));
	ip[14] = (uint8_t)(flow >> 8);
	ip[15] = (uint8_t)flow;
	ip[16] = 198;
	ip[17] = 18;
	ip[19] = 1;
	put16(ip + 10, fold(sum16(ip, IP4, 0)));
	put16(udp, 1024 + flow % 60000);
	put16(udp + 2, 9);
	put16(udp + 4, udp_len);
	for (uint32_t i = UDP; i < udp_len; i++)
		udp[i] = (uint8_t)(i * 7 + flow);
	ck = fold(sum16(udp, udp_len, sum16(ip + 12, 8, 17 + udp_len)));
	put16(udp + 6, ck ? ck : 0xffff);
}

bool
sim_gen_init(struct sim_gen *g, const struct sim_wire_conf *conf, const uint8_t mac[6])
{
	memset(g, 0, sizeof(*g));
	g->len = conf->gen_size - SIM_CRC;
	g->stride = (g->len + 63) & ~63u;
	g->flows = conf->gen_flows;
	g->bytes = aligned_alloc(64, (size_t)g->stride * g->flows);
	g->memo = aligned_alloc(64, (size_t)64 * g->flows);
	if (g->bytes == NULL || g->memo == NULL) {
		sim_gen_fini(g);
		return false;
	}
	memset(g->bytes, 0, (size_t)g->stride * g->flows);
	memset(g->memo, 0, (size_t)64 * g->flows);
	for (uint32_t i = 0; i < g->flows; i++)
		build(g->bytes + (size_t)i * g->stride, g->len, i, mac);
	return true;
}

void
sim_gen_fini(struct sim_gen *g)
{
	free(g->bytes);
	free(g->memo);
	memset(g, 0, sizeof(*g));
}

unsigned int
sim_gen_peek(const struct sim_gen *g, struct sim_frame *f, unsigned int n)
{
	uint32_t flow = g->next;

	for (unsigned int i = 0; i < n; i++) {
		f[i].data = g->bytes + (size_t)flow * g->stride;
		f[i].len = g->len;
		f[i].memo = g->memo + (size_t)flow * 8;
		if (++flow == g->flows)
			flow = 0;
	}
	return n;
}

void
sim_gen_done(struct sim_gen *g, unsigned int n)
{
	g->next += n;
	if (g->next >= g->flows)
		g->next %= g->flows;
}
