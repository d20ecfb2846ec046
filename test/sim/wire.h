/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/** @file What is at the far end of a port. Called with the simulator's lock held. */

#ifndef WIRE_H
#define WIRE_H

#include "host_conf.h"

/** Frames that wait, their bytes one after another. */
struct sim_fifo {
	uint8_t *bytes;
	size_t size, in, out;
	struct sim_fifo_slot {
		uint32_t off, len;
	} *slot;
	unsigned int slots, head, nb;
};

#define SIM_FIFO_SLOTS 4096u
#define SIM_FIFO_BYTES (4u << 20)

bool sim_fifo_init(struct sim_fifo *f, unsigned int slots, size_t bytes);
void sim_fifo_fini(struct sim_fifo *f);
bool sim_fifo_put(struct sim_fifo *f, const void *data, uint32_t len);
/** Room for a frame of @p len, to be filled and then kept by sim_fifo_commit(). */
void *sim_fifo_room(struct sim_fifo *f, uint32_t len);
void sim_fifo_commit(struct sim_fifo *f, uint32_t len);
unsigned int sim_fifo_peek(const struct sim_fifo *f, struct sim_frame *out, unsigned int n);
void sim_fifo_drop(struct sim_fifo *f, unsigned int n);

/** The generator's templates. */
struct sim_gen {
	uint8_t *bytes;
	uint64_t *memo;    /**< 8 words a flow */
	uint32_t len, stride, flows, next;
};

bool sim_gen_init(struct sim_gen *g, const struct sim_wire_conf *conf, const uint8_t mac[6]);
void sim_gen_fini(struct sim_gen *g);
unsigned int sim_gen_peek(const struct sim_gen *g, struct sim_frame *f, unsigned int n);
void sim_gen_done(struct sim_gen *g, unsigned int n);

/** Frames of a pcap. */
struct sim_replay {
	const struct sim_frames_head *head;
	size_t size;
};

bool sim_replay_init(struct sim_replay *r, const char *path);
void sim_replay_fini(struct sim_replay *r);

/** A pcap being written. */
struct sim_record {
	int fd;
	uint8_t *buf;
	size_t used;
};

bool sim_record_init(struct sim_record *r, const char *path);
void sim_record_fini(struct sim_record *r);
bool sim_record_put(struct sim_record *r, const void *data, uint32_t len);
bool sim_record_flush(struct sim_record *r);

struct sim_port;

struct sim_wire {
	struct sim_wire_conf conf;
	struct sim_port *port;
	struct sim_wire *peer; /**< who receives what this port sends: loop, peer */
	struct sim_fifo fifo;  /**< waiting to be received: loop, peer, tap, injected frames */
	struct sim_fifo sent;  /**< copies of sent frames, if captured (lock-step) */
	bool capture;
	unsigned int from_fifo; /**< of the peeked frames */
	struct sim_gen gen;
	struct sim_replay replay;
	struct sim_record record;
	int tap;
	bool ready;
	bool unplugged;        /**< no carrier: nothing comes, what is sent is lost */
	bool begun;            /**< the finite source; begins anew after each start of the port */
	uint64_t hold_ns;      /**< since when it waits; 0: it does not */
};

bool sim_wire_init(struct sim_wire *w, struct sim_port *p, const struct sim_wire_conf *conf,
		char *err, size_t errlen);
void sim_wire_fini(struct sim_wire *w);
/** Once a turn of the model; true if something came in. */
bool sim_wire_turn(struct sim_wire *w);
/** Everything sent so far is where it belongs. */
void sim_wire_flush(struct sim_wire *w);

unsigned int sim_wire_peek(struct sim_wire *w, struct sim_frame *f, unsigned int n);
void sim_wire_done(struct sim_wire *w, unsigned int n);
bool sim_wire_lossless(const struct sim_wire *w);
bool sim_wire_tx(struct sim_wire *w, const void *data, uint32_t len);

/** May a finite source begin to send @p f, its first frames? wire_bound.c */
bool sim_source_begin(struct sim_wire *w, const struct sim_frame *f, unsigned int n);
/** How much may go now of finite sources, in units of sim_bound_cost(). wire_bound.c */
int64_t sim_bound_room(void);

/** What a frame takes of a driver's ring, roughly: one descriptor for each KiB. */
static inline int64_t
sim_bound_cost(uint32_t len)
{
	return 1 + len / 1024;
}

#endif /* WIRE_H */
