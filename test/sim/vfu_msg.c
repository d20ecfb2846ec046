/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Messages of the vfio-user protocol: framing, file descriptors, replies, errors. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfu.h"

#define HEAD       sizeof(struct vfu_header)
#define AT_ONCE    16     /* messages of one client before others have their turn */
#define REPLY_MS   2000   /* a client that does not read its replies is left */
#define MAJOR      0u
#define MINOR      1u

static const char capabilities[] =
"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":65536}}";

static void
close_fds(struct vfu *v)
{
	for (unsigned int i = 0; i < v->nb_fds; i++)
		close(v->fds[i]);
	v->nb_fds = 0;
}

/* Keeps the file descriptors of one piece of a message; more than was agreed is an error. */
static bool
take_fds(struct vfu *v, struct msghdr *msg)
{
	bool ok = (msg->msg_flags & MSG_CTRUNC) == 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (v->nb_fds < VFU_MAX_FDS) {
				v->fds[v->nb_fds++] = fd;
			} else {
				close(fd);
				ok = false;
			}
		}
	}
	return ok;
}

/* Reads on until @want bytes are here. 1: they are; 0: later; -1: the client is gone. */
static int
fill(struct vfu *v, size_t want)
{
	while (v->have < want) {
		union {
			struct cmsghdr align;
			char buf[CMSG_SPACE(32 * sizeof(int))];
		} ctl;
		struct iovec io = { .iov_base = v->in + v->have, .iov_len = want - v->have };
		struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = ctl.buf,
			.msg_controllen = sizeof(ctl.buf) };
		ssize_t n = recvmsg(v->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n <= 0 || !take_fds(v, &msg))
			return -1;
		v->have += (size_t)n;
	}
	return 1;
}

static bool
send_all(struct vfu *v, const uint8_t *p, size_t len)
{
	while (len != 0) {
		ssize_t n = send(v->fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd pfd = { .fd = v->fd, .events = POLLOUT };

			if (poll(&pfd, 1, REPLY_MS) == 1)
				continue;
			return false;
		}
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
reply(struct vfu *v, const struct vfu_header *to, int error, size_t body)
{
	struct vfu_header h = { .id = to->id, .command = to->command, .flags = VFU_REPLY };

	if (error != 0) {
		h.flags |= VFU_ERROR;
		h.error = (uint32_t)error;
		body = 0;
	}
	h.size = (uint32_t)(HEAD + body);
	memcpy(v->out, &h, HEAD);
	return send_all(v, v->out, HEAD + body);
}

static void
refused(struct vfu *v, const struct vfu_header *h, int error)
{
	struct sim_vfu_stats *s = &v->port->state->vfu;
	char text[SIM_FAULT_TEXT];

	snprintf(text, sizeof(text), "command %u of %u bytes with %u files: %s", h->command, h->size,
		v->nb_fds, strerror(error));
	if (s->refused++ == 0)
		memcpy(s->first_refused, text, sizeof(text));
	if (s->refused <= 100)
		sim_model_log("port %u: refused %s", v->port->id, text);
}

/* Two numbers, and text that ends in a zero if there is any. */
static int
do_version(struct vfu *v, struct vfu_body *b)
{
	if (v->greeted || b->len < 4 || (b->len > 4 && b->in[b->len - 1] != '\0'))
		return EINVAL;
	if ((vfu_u32(b, 0) & 0xffff) != MAJOR)
		return ENOTSUP;
	/* the lower of the two minor numbers is what both know */
	b->out[0] = MAJOR;
	b->out[1] = 0;
	b->out[2] = (vfu_u32(b, 0) >> 16) < MINOR ? 0 : MINOR;
	b->out[3] = 0;
	memcpy(b->out + 4, capabilities, sizeof(capabilities));
	b->out_len = 4 + sizeof(capabilities);
	v->greeted = true;
	return 0;
}

static int
dispatch(struct vfu *v, uint16_t command, struct vfu_body *b)
{
	if (command == VFU_VERSION)
		return do_version(v, b);
	if (!v->greeted)
		return EPROTO;
	if (v->nb_fds != 0 && command != VFU_DMA_MAP && command != VFU_DEVICE_SET_IRQS)
		return EINVAL;
	switch (command) {
	case VFU_DMA_MAP:
		return vfu_dma_map(v, b);
	case VFU_DMA_UNMAP:
		return vfu_dma_unmap(v, b);
	case VFU_DEVICE_GET_INFO:
		return vfu_dev_info(v, b);
	case VFU_DEVICE_GET_REGION_INFO:
		return vfu_dev_region_info(v, b);
	case VFU_DEVICE_GET_IRQ_INFO:
		return vfu_dev_irq_info(v, b);
	case VFU_DEVICE_SET_IRQS:
		return vfu_dev_set_irqs(v, b);
	case VFU_REGION_READ:
		return vfu_dev_read(v, b);
	case VFU_REGION_WRITE:
		return vfu_dev_write(v, b);
	case VFU_DEVICE_RESET:
		if (b->len != 0)
			return EINVAL;
		vfu_dev_reset(v);
		return 0;
	default:
		return ENOSYS;
	}
}

/* A complete message. False: the client is to be left. */
static bool
handle(struct vfu *v)
{
	struct vfu_header h = v->head;
	struct vfu_body b = { .in = v->in + HEAD, .len = h.size - HEAD, .out = v->out + HEAD };
	bool ok = true;
	int error;

	v->have = 0;
	/* the device asks the client for nothing, so there is nothing to reply to it */
	error = (h.flags & VFU_TYPE_MASK) != 0 ? EINVAL : dispatch(v, h.command, &b);
	if (error != 0)
		refused(v, &h, error);
	close_fds(v);
	if ((h.flags & VFU_NO_REPLY) == 0)
		ok = reply(v, &h, error, b.out_len);
	return ok && (error == 0 || v->greeted);
}

bool
vfu_input(struct vfu *v)
{
	for (unsigned int i = 0; i < AT_ONCE; i++) {
		int r = fill(v, HEAD);

		if (r == 1 && (v->head.size < HEAD || v->head.size > VFU_MAX_MSG)) {
			/* where the next message begins nobody knows */
			struct vfu_header h = v->head;

			refused(v, &h, EMSGSIZE);
			reply(v, &h, EMSGSIZE, 0);
			return false;
		}
		if (r == 1)
			r = fill(v, v->head.size);
		if (r <= 0)
			return r == 0;
		if (!handle(v))
			return false;
	}
	return true;
}

bool
vfu_attach(struct vfu *v, int fd)
{
	v->fd = fd;
	v->greeted = false;
	v->have = 0;
	v->nb_fds = 0;
	if (!vfu_dev_open(v)) {
		v->fd = -1;
		return false;
	}
	v->port->state->vfu.clients++;
	sim_model_log("port %u: client connected", v->port->id);
	return true;
}

void
vfu_detach(struct vfu *v)
{
	if (v->fd < 0)
		return;
	vfu_dev_close(v);
	vfu_dma_close(v);
	close_fds(v);
	close(v->fd);
	v->fd = -1;
	sim_model_log("port %u: client gone", v->port->id);
}
