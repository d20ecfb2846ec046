/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <stdlib.h>
#include <string.h>

#include "wire.h"

bool
sim_fifo_init(struct sim_fifo *f, unsigned int slots, size_t bytes)
{
	memset(f, 0, sizeof(*f));
	f->bytes = aligned_alloc(64, bytes);
	f->slot = calloc(slots, sizeof(*f->slot));
	f->size = bytes;
	f->slots = slots;
	if (f->bytes != NULL && f->slot != NULL)
		return true;
	sim_fifo_fini(f);
	return false;
}

void
sim_fifo_fini(struct sim_fifo *f)
{
	free(f->bytes);
	free(f->slot);
	memset(f, 0, sizeof(*f));
}

static inline size_t
padded(uint32_t len)
{
	return ((size_t)len + 63) & ~(size_t)63;
}

void *
sim_fifo_room(struct sim_fifo *f, uint32_t len)
{
	size_t need = padded(len);

	if (f->nb == f->slots)
		return NULL;
	if (f->nb == 0)
		f->in = f->out = 0;
	if (f->nb == 0 || f->in > f->out) {
		if (f->size - f->in >= need)
			return f->bytes + f->in;
		if (f->out < need)
			return NULL;
		f->in = 0;
		return f->bytes;
	}
	return f->out - f->in >= need ? f->bytes + f->in : NULL;
}

void
sim_fifo_commit(struct sim_fifo *f, uint32_t len)
{
	struct sim_fifo_slot *s = &f->slot[(f->head + f->nb) % f->slots];

	s->off = (uint32_t)f->in;
	s->len = len;
	f->in += padded(len);
	f->nb++;
}

bool
sim_fifo_put(struct sim_fifo *f, const void *data, uint32_t len)
{
	void *p = sim_fifo_room(f, len);

	if (p == NULL)
		return false;
	memcpy(p, data, len);
	sim_fifo_commit(f, len);
	return true;
}

unsigned int
sim_fifo_peek(const struct sim_fifo *f, struct sim_frame *out, unsigned int n)
{
	if (n > f->nb)
		n = f->nb;
	for (unsigned int i = 0; i < n; i++) {
		const struct sim_fifo_slot *s = &f->slot[(f->head + i) % f->slots];

		out[i].data = f->bytes + s->off;
		out[i].len = s->len;
		out[i].memo = NULL;
	}
	return n;
}

void
sim_fifo_drop(struct sim_fifo *f, unsigned int n)
{
	f->head = (f->head + n) % f->slots;
	f->nb -= n;
	if (f->nb != 0)
		f->out = f->slot[f->head].off;
}
