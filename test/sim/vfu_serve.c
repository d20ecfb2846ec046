/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The sockets, and the one loop that serves clients and runs the model. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfu.h"

#define SPIN_TURNS 50u        /* without a frame or message, before the loop rests */
#define REST_NS    1000000L   /* timers of the model, and frames of a TAP */
#define ALONE_NS   200000000L

static struct vfu ports[SIM_MAX_PORTS];
static int listeners[SIM_MAX_PORTS];

/* What the wires ask of the preload library is plain here. */
int
sim_real_open(const char *path, int flags, unsigned int mode)
{
	return open(path, flags, mode);
}

int
sim_real_close(int fd)
{
	return close(fd);
}

void *
sim_real_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	return mmap(addr, len, prot, flags, fd, off);
}

static void
socket_name(const struct sim_state *st, unsigned int i, struct sockaddr_un *a)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	snprintf(a->sun_path, sizeof(a->sun_path), "%.100s.%u", st->conf.vfio_user, i);
}

static int
listen_at(const struct sim_state *st, unsigned int i, char *err, size_t errlen)
{
	struct sockaddr_un a;
	struct stat s;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	socket_name(st, i, &a);
	/* left by a run that was killed; anything but a socket is not ours */
	if (lstat(a.sun_path, &s) == 0 && S_ISSOCK(s.st_mode) &&
			connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 && errno == ECONNREFUSED)
		unlink(a.sun_path);
	if (fd >= 0) {
		/* the try to connect may have used it */
		close(fd);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	}
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 4) == 0)
		return fd;
	snprintf(err, errlen, "socket %s: %s", a.sun_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void
close_listeners(const struct sim_state *st)
{
	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		struct sockaddr_un a;

		if (listeners[i] < 0)
			continue;
		close(listeners[i]);
		listeners[i] = -1;
		socket_name(st, i, &a);
		unlink(a.sun_path);
	}
}

bool
vfu_listen(struct sim_state *st, char *err, size_t errlen)
{
	sim_model.state = st;
	sim_model.nb_ports = st->conf.nb_ports;
	sim_model.mode = st->conf.mode;
	if (st->conf.log[0] != '\0')
		sim_model.log_fd = open(st->conf.log, O_WRONLY | O_APPEND | O_CLOEXEC);
	for (unsigned int i = 0; i < SIM_MAX_PORTS; i++)
		listeners[i] = -1;
	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		sim_model_init_port(i);
		ports[i].port = &sim_model.port[i];
		ports[i].fd = -1;
	}
	if (!sim_model_make_wires()) {
		snprintf(err, errlen, "the wires cannot be made");
		return false;
	}
	vfu_dma_guard(ports, st->conf.nb_ports);
	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		listeners[i] = listen_at(st, i, err, errlen);
		if (listeners[i] < 0) {
			close_listeners(st);
			return false;
		}
	}
	return true;
}

/* One client a port; who comes while it is there is sent away. */
static void
accept_one(unsigned int i)
{
	int fd = accept4(listeners[i], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (ports[i].fd >= 0 || !vfu_attach(&ports[i], fd)) {
		sim_model_log("port %u: a client was sent away", i);
		close(fd);
	}
}

/* The carrier of all ports goes, or comes back. */
static void
plug(bool in)
{
	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		sim_model.port[i].wire.unplugged = !in;
		if (sim_model.port[i].dev_open)
			sim_dev_link_event(sim_model.port[i].dev, in);
	}
}

/* A signal: true if the run is over, with *status set. */
static bool
on_signal(int sfd, pid_t command, int *status)
{
	struct signalfd_siginfo si;
	int how;

	while (read(sfd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (command == 0 && (si.ssi_signo == SIGINT || si.ssi_signo == SIGTERM ||
				si.ssi_signo == SIGHUP)) {
			*status = 0;
			return true;
		}
		if (command == 0 && (si.ssi_signo == SIGUSR1 || si.ssi_signo == SIGUSR2))
			plug(si.ssi_signo == SIGUSR2);
		/* what the terminal sends it sends to the whole group, the command included */
		if (command != 0 && si.ssi_signo != SIGCHLD && si.ssi_code != SI_KERNEL)
			kill(command, (int)si.ssi_signo);
	}
	if (command != 0 && waitpid(command, &how, WNOHANG) == command) {
		*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
		return true;
	}
	return false;
}

/* Wait for something to do; @return number of clients, *busy if one of them said something. */
static unsigned int
serve_once(struct pollfd *pfd, unsigned int nb, const struct timespec *wait, bool *busy)
{
	unsigned int clients = 0;

	for (unsigned int i = 0; i < nb; i++)
		pfd[1 + nb + i].fd = ports[i].fd;
	*busy = false;
	if (ppoll(pfd, 1 + 2 * nb, wait, NULL) < 0)
		for (unsigned int i = 0; i < 1 + 2 * nb; i++)
			pfd[i].revents = 0;
	for (unsigned int i = 0; i < nb; i++) {
		if (pfd[1 + nb + i].revents != 0 && ports[i].fd >= 0) {
			*busy = true;
			if (!vfu_input(&ports[i]))
				vfu_detach(&ports[i]);
		}
		if (pfd[1 + i].revents != 0)
			accept_one(i);
		clients += ports[i].fd >= 0;
	}
	return clients;
}

static int
loop(unsigned int nb, int sfd, pid_t command)
{
	struct pollfd pfd[1 + 2 * SIM_MAX_PORTS];
	unsigned int idle = 0, clients = 0;
	int status = 0;

	memset(pfd, 0, sizeof(pfd));
	pfd[0].fd = sfd;
	for (unsigned int i = 0; i < nb; i++)
		pfd[1 + i].fd = listeners[i];
	for (unsigned int i = 0; i < 1 + 2 * nb; i++)
		pfd[i].events = POLLIN;
	for (;;) {
		struct timespec wait = { 0 };
		bool busy;

		if (clients == 0)
			wait.tv_nsec = ALONE_NS;
		else if (idle > SPIN_TURNS)
			wait.tv_nsec = REST_NS;
		clients = serve_once(pfd, nb, &wait, &busy);
		if (pfd[0].revents != 0 && on_signal(sfd, command, &status))
			return status;
		idle = sim_model_turn() != 0 || busy ? 0 : idle + 1;
	}
}

int
vfu_serve(struct sim_state *st, const sigset_t *set, pid_t command)
{
	int sfd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC), status;

	if (sfd < 0)
		return 2;
	status = loop(st->conf.nb_ports, sfd, command);
	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		vfu_detach(&ports[i]);
		sim_wire_flush(&ports[i].port->wire);
		sim_iommu_fini(&ports[i].space.iommu);
	}
	close_listeners(st);
	close(sfd);
	return status;
}
