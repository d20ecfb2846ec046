/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host_model.h"

#define TAP_FRAME 16384u
#define TAP_BURST 64u

/* The launcher made the TAP; the command inherits it, unless something between the two
 * closes files (then it is fetched).
 */
static int
tap_fd(const struct sim_port *p, const char *ifname)
{
	int fd = p->state->tap_fd, pidfd;
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	if (ioctl(fd, TUNGETIFF, &ifr) == 0 && strcmp(ifr.ifr_name, ifname) == 0)
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	pidfd = (int)syscall(SYS_pidfd_open, sim_model.state->launcher, 0);
	if (pidfd < 0)
		return -1;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	sim_real_close(pidfd);
	return fd;
}

static bool
init_kind(struct sim_wire *w, char *err, size_t errlen)
{
	const struct sim_wire_conf *c = &w->conf;

	switch (c->kind) {
	case SIM_WIRE_LOOP:
		w->peer = w;
		return true;
	case SIM_WIRE_PEER:
		w->peer = &sim_model.port[c->peer].wire;
		return true;
	case SIM_WIRE_GEN:
		if (sim_gen_init(&w->gen, c, w->port->conf->dev.mac))
			return true;
		snprintf(err, errlen, "no memory for the generator's frames");
		return false;
	case SIM_WIRE_PCAP: {
		char file[SIM_PATH];

		snprintf(file, sizeof(file), "%.400s/rx%u", getenv(SIM_ENV_DIR), w->port->id);
		if (c->rx[0] != '\0' && !sim_replay_init(&w->replay, file)) {
			snprintf(err, errlen, "the frames of %.300s cannot be mapped", c->rx);
			return false;
		}
		if (c->tx[0] != '\0' && !sim_record_init(&w->record, c->tx)) {
			snprintf(err, errlen, "%.300s cannot be written: %s", c->tx, strerror(errno));
			return false;
		}
		return true;
	}
	case SIM_WIRE_TAP:
		w->tap = tap_fd(w->port, c->ifname);
		if (w->tap >= 0)
			return true;
		snprintf(err, errlen, "tap %s: %s", c->ifname, strerror(errno));
		return false;
	}
	return false;
}

bool
sim_wire_init(struct sim_wire *w, struct sim_port *p, const struct sim_wire_conf *conf, char *err,
		size_t errlen)
{
	memset(w, 0, sizeof(*w));
	w->conf = *conf;
	w->port = p;
	w->tap = -1;
	w->record.fd = -1;
	if (!sim_fifo_init(&w->fifo, SIM_FIFO_SLOTS, SIM_FIFO_BYTES)) {
		snprintf(err, errlen, "no memory for a wire");
		return false;
	}
	if (!init_kind(w, err, errlen)) {
		sim_wire_fini(w);
		return false;
	}
	w->ready = true;
	return true;
}

void
sim_wire_fini(struct sim_wire *w)
{
	sim_record_fini(&w->record);
	sim_replay_fini(&w->replay);
	sim_gen_fini(&w->gen);
	sim_fifo_fini(&w->fifo);
	sim_fifo_fini(&w->sent);
	if (w->tap >= 0)
		sim_real_close(w->tap);
	w->tap = -1;
	w->capture = false;
	w->ready = false;
}

bool
sim_wire_turn(struct sim_wire *w)
{
	unsigned int n = 0;

	if (w->begun && !w->port->state->stats.link_up)
		w->begun = false;
	if (w->conf.kind != SIM_WIRE_TAP)
		return false;
	while (n < TAP_BURST && w->fifo.nb < TAP_BURST) {
		void *p = sim_fifo_room(&w->fifo, TAP_FRAME);
		ssize_t len = p == NULL ? -1 : read(w->tap, p, TAP_FRAME);

		if (len <= 0)
			break;
		sim_fifo_commit(&w->fifo, (uint32_t)len);
		n++;
	}
	return n != 0;
}

void
sim_wire_flush(struct sim_wire *w)
{
	if (w->record.fd >= 0 && w->record.used != 0)
		sim_record_flush(&w->record);
}

/* Frames left in the finite source of a wire. */
static uint64_t
source_left(const struct sim_wire *w)
{
	const struct sim_port_state *s = w->port->state;

	return s->finite && s->source_pos < s->source_total ? s->source_total - s->source_pos : 0;
}

static unsigned int
peek_replay(struct sim_wire *w, struct sim_frame *f, unsigned int n)
{
	const struct sim_frames_head *h = w->replay.head;
	uint64_t pos = w->port->state->source_pos;

	for (unsigned int i = 0; i < n; i++) {
		f[i].data = (const uint8_t *)h + h->f[pos + i].off;
		f[i].len = (uint32_t)h->f[pos + i].len;
		f[i].memo = NULL;
	}
	return n;
}

/* So many of the frames as there is room for in flight, one at least. */
static unsigned int
bounded(const struct sim_frame *f, unsigned int n, int64_t room)
{
	if (room <= 0)
		return 0;
	for (unsigned int i = 0; i < n; i++) {
		room -= sim_bound_cost(f[i].len);
		if (room <= 0)
			return i + 1;
	}
	return n;
}

/* Behind what waits in the FIFO comes what the source has. */
static unsigned int
peek_source(struct sim_wire *w, struct sim_frame *f, unsigned int n)
{
	uint64_t left;
	int64_t room;

	if (w->gen.flows != 0 && w->conf.gen_count == 0)
		return sim_gen_peek(&w->gen, f, n);
	left = source_left(w);
	if (left == 0)
		return 0;
	if (n > left)
		n = (unsigned int)left;
	room = sim_bound_room();
	if (room <= 0)
		return 0;
	n = w->gen.flows != 0 ? sim_gen_peek(&w->gen, f, n) : peek_replay(w, f, n);
	if (!w->begun && !sim_source_begin(w, f, n))
		return 0;
	return bounded(f, n, room);
}

unsigned int
sim_wire_peek(struct sim_wire *w, struct sim_frame *f, unsigned int n)
{
	if (w->unplugged) {
		w->from_fifo = 0;
		return 0;
	}
	w->from_fifo = sim_fifo_peek(&w->fifo, f, n);
	/* a kernel waits too, and does not like loss */
	if (w->conf.kind == SIM_WIRE_TAP && w->from_fifo != 0)
		w->from_fifo = bounded(f, w->from_fifo, sim_bound_room());
	if (w->from_fifo == n || (w->gen.flows == 0 && w->replay.head == NULL))
		return w->from_fifo;
	return w->from_fifo + peek_source(w, f + w->from_fifo, n - w->from_fifo);
}

void
sim_wire_done(struct sim_wire *w, unsigned int n)
{
	unsigned int k = n < w->from_fifo ? n : w->from_fifo;

	if (k != 0)
		sim_fifo_drop(&w->fifo, k);
	w->from_fifo -= k;
	n -= k;
	if (n == 0)
		return;
	if (w->gen.flows != 0)
		sim_gen_done(&w->gen, n);
	__atomic_store_n(&w->port->state->source_pos, w->port->state->source_pos + n,
		__ATOMIC_RELAXED);
}

bool
sim_wire_lossless(const struct sim_wire *w)
{
	return w->conf.kind != SIM_WIRE_GEN || w->conf.gen_count != 0;
}

static bool
tx_tap(struct sim_wire *w, const void *data, uint32_t len)
{
	ssize_t n;

	do
		n = write(w->tap, data, len);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}

bool
sim_wire_tx(struct sim_wire *w, const void *data, uint32_t len)
{
	if (w->unplugged)
		return false;
	if (w->capture && !sim_fifo_put(&w->sent, data, len))
		return false;
	switch (w->conf.kind) {
	case SIM_WIRE_LOOP:
	case SIM_WIRE_PEER:
		return w->peer->ready && sim_fifo_put(&w->peer->fifo, data, len);
	case SIM_WIRE_PCAP:
		return w->record.fd < 0 || sim_record_put(&w->record, data, len);
	case SIM_WIRE_TAP:
		return tx_tap(w, data, len);
	case SIM_WIRE_GEN:
		break;
	}
	return true;
}
