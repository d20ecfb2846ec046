/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* testpmd-ppool: forwards packets between ports with buffers of a page pool. */

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "testpmd_ppool.h"

/* How soon the main lcore sees that it is time to end, or to print. */
#define TICK_MS 20

volatile int quit_signal;

static struct app app;

void
app_err(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "testpmd-ppool: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
}

/* The first signal ends in order; the second does not wait. */
static void
on_signal(int sig)
{
	static const char text[] = "\nSignal received, ending; once more: at once\n";
	ssize_t n;

	if (quit_signal)
		_exit(128 + sig);
	quit_signal = sig;
	n = write(STDERR_FILENO, text, sizeof(text) - 1);
	RTE_SET_USED(n);
}

static void
catch_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static void
eal_usage_end(const char *prog)
{
	printf("\nThe program's own options follow \"--\": %s -- --help\n", prog);
}

static int
start_eal(int argc, char **argv)
{
	int ret;

	rte_set_application_usage_hook(eal_usage_end);
	ret = rte_eal_init(argc, argv);
	if (ret < 0) {
		devices_eal_failed(rte_errno);
		return -1;
	}
	if (ret + 1 < argc) {
		app_err("%s: surplus word among the EAL options; the program's own options follow "
			"\"--\"", argv[ret + 1]);
		rte_eal_cleanup();
		return -1;
	}
	return 0;
}

/* The main lcore, until a signal or the end of --duration. */
static void
watch(void)
{
	uint64_t hz = rte_get_tsc_hz(), begin = rte_rdtsc();
	uint64_t next = begin + app.opt.stats_period * hz;

	while (!quit_signal) {
		uint64_t tsc = rte_rdtsc();

		if (app.opt.stats_period != 0 && tsc >= next) {
			stats_rates(&app);
			next += app.opt.stats_period * hz;
		}
		if (app.opt.duration != 0 && tsc - begin >= app.opt.duration * hz)
			break;
		rte_delay_us_sleep(TICK_MS * 1000);
	}
}

static int
forward_packets(void)
{
	if (ports_select(&app) != 0 || streams_lcores(&app) != 0 || pools_create(&app) != 0 ||
			ports_start(&app) != 0)
		return -1;
	ports_wait_link(&app);
	if (quit_signal)
		return 0;
	if (streams_create(&app) != 0)
		return -1;
	streams_print(&app);
	if (streams_start(&app) != 0)
		return -1;
	watch();
	printf("Telling cores to stop...\nWaiting for lcores to finish...\n");
	streams_stop(&app);
	stats_final(&app);
	printf("\nDone.\n\n");
	return 0;
}

/* Ports first: they hold buffers, and the pools hold their memory. */
static int
close_all(void)
{
	int ret = ports_close(&app);

	/* Of a pool that was never used there is nothing to tell. */
	if (app.streams != NULL)
		pools_report(&app);
	streams_free(&app);
	if (pools_destroy(&app) != 0)
		ret = -1;
	if (rte_eal_cleanup() != 0)
		ret = -1;
	return ret;
}

int
main(int argc, char **argv)
{
	int ret, split;

	/* Lines are seen as they are printed, by programs too. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (split = 1; split < argc && strcmp(argv[split], "--") != 0; split++)
		;
	if (split < argc) {
		ret = options_parse(argc - split, argv + split, &app.opt);
	} else {
		char *none[] = { argv[0], NULL };

		ret = options_parse(1, none, &app.opt);
	}
	if (ret != 0)
		return ret > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	catch_signals();
	if (start_eal(split, argv) != 0)
		return EXIT_FAILURE;
	ret = forward_packets();
	if (close_all() != 0)
		ret = -1;
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
