/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * The ports behind the vfio-user protocol: each is a PCI device at a UNIX socket, to be put
 * into a virtual machine. One thread does everything, so nothing here is locked.
 *
 * What a client sends is not believed: sizes, ranges, indices and file descriptors are
 * checked, and what is wrong is answered with an error. Memory that a client takes away
 * while it is mapped becomes a page of zeros.
 */

#ifndef VFU_H
#define VFU_H

#include "host_model.h"

#define VFU_MAX_FDS  8u           /**< with one message, as announced */
#define VFU_MAX_DATA (64u << 10)  /**< of one read or write, as announced */
#define VFU_MAX_MAPS 60000u       /**< the kernel gives a process about 65000 mappings */

/* Commands of the protocol. */
enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_DEVICE_GET_INFO = 4,
	VFU_DEVICE_GET_REGION_INFO = 5,
	VFU_DEVICE_GET_IRQ_INFO = 7,
	VFU_DEVICE_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DEVICE_RESET = 13,
};

/* Bits of the header's flags. */
#define VFU_TYPE_MASK 0xfu
#define VFU_REPLY     0x1u
#define VFU_NO_REPLY  0x10u
#define VFU_ERROR     0x20u

struct vfu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size; /**< of the message, with this header */
	uint32_t flags;
	uint32_t error;
};

#define VFU_MAX_MSG (sizeof(struct vfu_header) + 16 + VFU_MAX_DATA)

/* What is contiguous for the device must be so here: each part of the IOVA space that is in
 * use has a window of addresses, in which its mappings lie as they do in IOVA.
 */
#define VFU_WINDOW_SHIFT 36
#define VFU_WINDOW_SIZE  (1ull << VFU_WINDOW_SHIFT)
#define VFU_MAX_WINDOWS  64u

struct vfu_window {
	uint64_t iova;
	uint8_t *mem;
};

/** A port and its client. */
struct vfu {
	struct sim_port *port;
	unsigned int nb_windows;
	struct vfu_window window[VFU_MAX_WINDOWS];
	struct sim_container space; /**< what the client has mapped */
	int fd;                     /**< the client, or -1 */
	bool greeted;               /**< versions are agreed upon */
	size_t have;                /**< bytes of the next message that are here */
	unsigned int nb_fds;
	int fds[VFU_MAX_FDS];       /**< that came with it */
	union {
		struct vfu_header head;
		uint8_t in[VFU_MAX_MSG];
	};
	uint8_t out[VFU_MAX_MSG];
};

/** Body of a message: what follows the header, and room for the answer's body. */
struct vfu_body {
	const uint8_t *in;
	size_t len;
	uint8_t *out;
	size_t out_len;
};

/* --- vfu_msg.c: messages ------------------------------------------------------------------ */

/** Client @p fd, a connected non-blocking socket, has come. False: the port cannot be made. */
bool vfu_attach(struct vfu *v, int fd);
/** Read what is there and carry out complete messages, a few at most. False: the client is
 * gone, or so wrong that it was left.
 */
bool vfu_input(struct vfu *v);
/** End with the client: no mapping, no interrupt, the device as after power-on. */
void vfu_detach(struct vfu *v);

/* --- vfu_dma.c: memory of the client ------------------------------------------------------ */

/* 0 or an errno value; so all functions below. */
int vfu_dma_map(struct vfu *v, struct vfu_body *b);
int vfu_dma_unmap(struct vfu *v, struct vfu_body *b);
void vfu_dma_unmap_all(struct vfu *v);
/** With the client gone, nothing is left of it. */
void vfu_dma_close(struct vfu *v);
/** Survive memory that a client takes away. Once a process. */
void vfu_dma_guard(struct vfu *all, unsigned int nb);

/* --- vfu_dev.c: the PCI device ------------------------------------------------------------ */

int vfu_dev_info(struct vfu *v, struct vfu_body *b);
int vfu_dev_region_info(struct vfu *v, struct vfu_body *b);
int vfu_dev_irq_info(struct vfu *v, struct vfu_body *b);
int vfu_dev_set_irqs(struct vfu *v, struct vfu_body *b);
int vfu_dev_read(struct vfu *v, struct vfu_body *b);
int vfu_dev_write(struct vfu *v, struct vfu_body *b);
void vfu_dev_reset(struct vfu *v);
bool vfu_dev_open(struct vfu *v);
void vfu_dev_close(struct vfu *v);

/* --- vfu_serve.c --------------------------------------------------------------------------- */

/** Serve the ports of @p st until a signal of @p set (blocked) that ends the run, or until
 * @p command (0: none) has ended. Returns the status to exit with.
 */
int vfu_serve(struct sim_state *st, const sigset_t *set, pid_t command);
/** Make the sockets, before a command that wants them is started. */
bool vfu_listen(struct sim_state *st, char *err, size_t errlen);

static inline uint32_t
vfu_u32(const struct vfu_body *b, size_t off)
{
	return (uint32_t)b->in[off] | (uint32_t)b->in[off + 1] << 8 |
		(uint32_t)b->in[off + 2] << 16 | (uint32_t)b->in[off + 3] << 24;
}

static inline uint64_t
vfu_u64(const struct vfu_body *b, size_t off)
{
	return vfu_u32(b, off) | (uint64_t)vfu_u32(b, off + 4) << 32;
}

static inline void
vfu_put32(struct vfu_body *b, size_t off, uint32_t val)
{
	for (unsigned int i = 0; i < 4; i++)
		b->out[off + i] = (uint8_t)(val >> 8 * i);
}

static inline void
vfu_put64(struct vfu_body *b, size_t off, uint64_t val)
{
	vfu_put32(b, off, (uint32_t)val);
	vfu_put32(b, off + 4, (uint32_t)(val >> 32));
}

#endif /* VFU_H */
