/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Reads a pcap file whole, before the command starts: a bad one is refused at once, and the
 * model only maps the result.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "host_conf.h"

/* Frames gathered: their bytes one after another, each at a cache line. */
struct gather {
	uint8_t *data;
	size_t used, room;
	uint64_t *off, *len;
	size_t nb, nb_room;
};

static bool
gather_add(struct gather *g, const uint8_t *p, size_t len)
{
	size_t need = (len + 63) & ~(size_t)63;

	if (g->used + need > g->room) {
		size_t room = (g->room + need) * 2;
		uint8_t *d = realloc(g->data, room);

		if (d == NULL)
			return false;
		g->data = d;
		g->room = room;
	}
	if (g->nb == g->nb_room) {
		size_t room = g->nb_room * 2 + 1024;
		uint64_t *off = realloc(g->off, room * sizeof(*off));
		uint64_t *l = off == NULL ? NULL : realloc(g->len, room * sizeof(*l));

		if (off != NULL)
			g->off = off;
		if (l == NULL)
			return false;
		g->len = l;
		g->nb_room = room;
	}
	memcpy(g->data + g->used, p, len);
	memset(g->data + g->used + len, 0, need - len);
	g->off[g->nb] = g->used;
	g->len[g->nb] = len;
	g->nb++;
	g->used += need;
	return true;
}

static bool
gather_save(const struct gather *g, const char *out)
{
	size_t head = sizeof(struct sim_frames_head) + g->nb * 2 * sizeof(uint64_t);
	size_t first = (head + 63) & ~(size_t)63;
	struct sim_frames_head *h = calloc(1, first);
	FILE *f = fopen(out, "we");
	bool ok = h != NULL && f != NULL;

	if (ok) {
		h->nb = g->nb;
		for (size_t i = 0; i < g->nb; i++) {
			h->f[i].off = first + g->off[i];
			h->f[i].len = g->len[i];
		}
		ok = fwrite(h, first, 1, f) == 1 &&
			(g->used == 0 || fwrite(g->data, g->used, 1, f) == 1);
	}
	if (f != NULL && fclose(f) != 0)
		ok = false;
	free(h);
	return ok;
}

static bool
read_all(pcap_t *p, const char *path, struct gather *g, char *err, size_t errlen)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	int r;

	while ((r = pcap_next_ex(p, &h, &data)) == 1) {
		if (h->caplen == 0)
			continue;
		if (!gather_add(g, data, h->caplen)) {
			snprintf(err, errlen, "%s: no memory for its frames", path);
			return false;
		}
	}
	if (r != PCAP_ERROR_BREAK) {
		snprintf(err, errlen, "%s: truncated or damaged after %zu frames: %s", path, g->nb,
			pcap_geterr(p));
		return false;
	}
	return true;
}

bool
sim_pcap_load(const char *path, const char *out, uint64_t *nb, char *err, size_t errlen)
{
	char why[PCAP_ERRBUF_SIZE];
	struct gather g = { 0 };
	pcap_t *p;
	bool ok;

	if (access(path, R_OK) != 0) {
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
		return false;
	}
	p = pcap_open_offline(path, why);
	if (p == NULL) {
		snprintf(err, errlen, "%s: truncated, or not a pcap file: %s", path, why);
		return false;
	}
	if (pcap_datalink(p) != DLT_EN10MB) {
		snprintf(err, errlen, "%s: not a pcap of Ethernet frames, but of link type %d", path,
			pcap_datalink(p));
		pcap_close(p);
		return false;
	}
	ok = read_all(p, path, &g, err, errlen);
	pcap_close(p);
	if (ok && !gather_save(&g, out)) {
		snprintf(err, errlen, "%s: its frames cannot be written to %s: %s", path, out,
			strerror(errno));
		ok = false;
	}
	*nb = g.nb;
	free(g.data);
	free(g.off);
	free(g.len);
	return ok;
}

bool
sim_pcap_start(const char *path, char *err, size_t errlen)
{
	pcap_t *p = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *d = p == NULL ? NULL : pcap_dump_open(p, path);
	bool ok = d != NULL;

	if (!ok)
		/* libpcap's text names the file already */
		snprintf(err, errlen, "%s cannot be written: %s", path, p ? pcap_geterr(p) : "no memory");
	if (d != NULL)
		pcap_dump_close(d);
	if (p != NULL)
		pcap_close(p);
	return ok;
}
