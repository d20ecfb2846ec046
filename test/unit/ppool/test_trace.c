/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Trace points: enabled as a user enables them, saved, and read back from the CTF files. */

#include <ftw.h>

#include <rte_trace.h>

#include "ppool_test.h"

#define MAX_EVENTS 4096
#define STREAM_HEADER 56 /* magic, uuid, cpu, thread name */

struct event {
	char name[64];
	uint32_t size;             /* of the fields */
	const uint8_t *fields;
};

static char dir[] = "/tmp/ppool-trace-XXXXXX";
static struct event kinds[1024]; /* by id; no name: none */
static struct event events[MAX_EVENTS];
static uint32_t nb_events;
static uint8_t *streams[64];
static uint32_t nb_streams;

/* ---- reading CTF */

static uint8_t *
load(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *buf;
	long n;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	rewind(f);
	buf = calloc(1, n + 1);
	assert_non_null(buf);
	assert_int_equal(fread(buf, 1, n, f), n);
	fclose(f);
	*size = n;
	return buf;
}

static uint32_t
field_size(const char *line)
{
	static const struct {
		const char *type;
		uint32_t size;
	} types[] = {
		{ "uint8_t", 1 }, { "int8_t", 1 }, { "uint16_t", 2 }, { "int16_t", 2 },
		{ "uint32_t", 4 }, { "int32_t", 4 }, { "uint64_t", 8 }, { "int64_t", 8 },
		{ "uintptr_t", 8 }, { "size_t", 8 }, { "long", 8 }, { "double", 8 }, { "float", 4 },
		{ "string_bounded_t", 32 },
	};
	char type[64];

	if (sscanf(line, " %63s", type) == 1)
		for (uint32_t i = 0; i < RTE_DIM(types); i++)
			if (strcmp(types[i].type, type) == 0)
				return types[i].size;
	return 0;
}

/* The kinds of events: id, name, and the sizes of the fields. */
static void
read_metadata(const char *path)
{
	size_t size;
	char *text = (char *)load(path, &size), *line, *rest = NULL;
	struct event *e = NULL;
	unsigned int id;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "event {", 7) == 0) {
			e = NULL;
		} else if (sscanf(line, " id = %u;", &id) == 1 && id < RTE_DIM(kinds)) {
			e = &kinds[id];
		} else if (e != NULL) {
			sscanf(line, " name = \"%63[^\"]\"", e->name);
			e->size += field_size(line);
		}
	}
	free(text);
}

static void
read_stream(const char *path)
{
	size_t size, at;
	uint8_t *buf = load(path, &size);
	uint64_t head;
	uint32_t id;

	assert_true(nb_streams < RTE_DIM(streams));
	streams[nb_streams++] = buf;

	for (at = STREAM_HEADER; at + 8 <= size; at = RTE_ALIGN_CEIL(at, 8)) {
		memcpy(&head, buf + at, 8);
		id = head >> 48;
		at += 8;
		if (id >= RTE_DIM(kinds) || kinds[id].name[0] == '\0' || head << 16 == 0)
			break;
		assert_true(nb_events < MAX_EVENTS);
		events[nb_events] = kinds[id];
		events[nb_events++].fields = buf + at;
		at += kinds[id].size;
		assert_true(at <= size);
	}
}

static int
read_metadata_file(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
	if (type == FTW_F && strcmp(path + ftw->base, "metadata") == 0)
		read_metadata(path);
	return 0;
}

static int
read_stream_file(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
	if (type == FTW_F && strncmp(path + ftw->base, "channel", 7) == 0)
		read_stream(path);
	return 0;
}

static void
forget_all(void)
{
	while (nb_streams > 0)
		free(streams[--nb_streams]);
	nb_events = 0;
	memset(kinds, 0, sizeof(kinds));
}

static void
read_all(void)
{
	forget_all();
	assert_int_equal(rte_trace_save(), 0);
	assert_int_equal(nftw(dir, read_metadata_file, 8, FTW_PHYS), 0);
	assert_int_equal(nftw(dir, read_stream_file, 8, FTW_PHYS), 0);
}

/* ---- what should be there */

static uint32_t
count(const char *name)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < nb_events; i++)
		n += strcmp(events[i].name, name) == 0;
	return n;
}

static const struct event *
first(const char *name)
{
	for (uint32_t i = 0; i < nb_events; i++)
		if (strcmp(events[i].name, name) == 0)
			return &events[i];
	fail_msg("no event %s", name);
	return NULL;
}

static uint64_t
get64(const struct event *e, uint32_t off)
{
	uint64_t v;

	assert_true(off + 8 <= e->size);
	memcpy(&v, e->fields + off, 8);
	return v;
}

static uint32_t
get32(const struct event *e, uint32_t off)
{
	uint32_t v;

	assert_true(off + 4 <= e->size);
	memcpy(&v, e->fields + off, 4);
	return v;
}

/* Addresses of what was traced. */
static const struct rte_ppool *pool;
static const struct rte_ppool_owner *owner;
static struct rte_mbuf on_stack, *foreign = &on_stack;

/* Something of each kind happens, a known number of times. */
static void
happen(void)
{
	struct rte_ppool_params params = { .min_pages = 2, .max_pages = 4,
		.socket_id = SOCKET_ID_ANY, .layout = RTE_PPOOL_LAYOUT_COMPACT };
	struct rte_ppool *p = rte_ppool_create("traced", &params);
	struct rte_ppool_owner *o;
	struct rte_mbuf *m[129];

	assert_non_null(p);
	o = rte_ppool_owner_open(p, "tracer");
	/* Three pages, the third from new memory, and then more than there is. */
	for (int i = 0; i < 72; i++)
		assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, &m[i], 1), 0);
	assert_int_equal(rte_ppool_mbuf_alloc_bulk(o, m + 72, 57), -ENOENT);
	assert_int_equal(rte_ppool_put_bulk(p, m, 64), 64);
	assert_int_equal(rte_ppool_put_bulk(p, m, 1), 0);
	assert_int_equal(rte_ppool_put_bulk(p, &foreign, 1), 0);
	rte_ppool_owner_close(o);
	assert_int_equal(rte_ppool_destroy(p), -EINPROGRESS);
	assert_int_equal(rte_ppool_put_bulk(p, m + 64, 8), 8);
	pool = p;
	owner = o;
}

static void
events_are_there(void **state)
{
	const struct event *e;

	happen();
	read_all();

	e = first("lib.ppool.create");
	assert_int_equal(count("lib.ppool.create"), 1);
	assert_true(get64(e, 0) == (uintptr_t)pool);
	assert_string_equal((const char *)e->fields + 8, "traced");
	assert_int_equal(get32(e, 44), 65536);
	assert_int_equal(get32(e, 48), 2048);
	assert_int_equal(get32(e, 52), 2);
	assert_int_equal(get32(e, 56), 4);

	e = first("lib.ppool.owner.open");
	assert_true(get64(e, 0) == (uintptr_t)pool);
	assert_true(get64(e, 8) == (uintptr_t)owner);
	assert_string_equal((const char *)e->fields + 16, "tracer");
	assert_int_equal(get64(first("lib.ppool.owner.close"), 16), 1);

	assert_true(count("lib.ppool.grow") >= 2);
	assert_int_equal(get32(first("lib.ppool.grow"), 8), 2);
	assert_int_equal(count("lib.ppool.page.open"), 3);
	e = first("lib.ppool.page.open");
	assert_true(get64(e, 0) == (uintptr_t)owner);
	assert_int_equal(get32(e, 12), 32);
	assert_int_equal(count("lib.ppool.page.retire"), 3);
	assert_int_equal(count("lib.ppool.page.home"), 3);
	assert_true(get64(first("lib.ppool.page.home"), 0) == (uintptr_t)owner);

	e = first("lib.ppool.alloc.fail");
	assert_true(get64(e, 0) == (uintptr_t)owner);
	assert_int_equal(get32(e, 8), 57);
	e = first("lib.ppool.put.twice");
	assert_int_equal(count("lib.ppool.put.twice"), 1);
	assert_true(get64(e, 0) == (uintptr_t)pool);
	assert_int_equal(get32(e, 12), 0);
	e = first("lib.ppool.put.foreign");
	assert_true(get64(e, 8) == (uintptr_t)foreign);

	e = first("lib.ppool.destroy");
	assert_string_equal((const char *)e->fields + 8, "traced");
	assert_int_equal(get64(e, 40), 8);
	assert_int_equal(count("lib.ppool.free"), 1);
}

/* Off is off: a point that is disabled records nothing. */
static void
disabled_is_silent(void **state)
{
	uint32_t before = nb_events;

	assert_int_equal(rte_trace_pattern("lib.ppool.*", false), 1);
	happen();
	read_all();
	assert_int_equal(nb_events, before);
}

static int
setup(void **state)
{
	char dir_arg[64], *argv[] = { (char[]) { "test" }, (char[]) { "--no-huge" },
		(char[]) { "--no-shconf" }, (char[]) { "--no-telemetry" }, (char[]) { "--no-pci" },
		(char[]) { "-m" }, (char[]) { "128" }, (char[]) { "--lcores=0@0" },
		(char[]) { "--trace=lib.ppool.*" }, dir_arg };

	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(dir_arg, sizeof(dir_arg), "--trace-dir=%s", dir);
	return rte_eal_init(RTE_DIM(argv), argv) < 0 ? -1 : 0;
}

static int
remove_file(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
	return remove(path);
}

static int
teardown(void **state)
{
	int ret = rte_eal_cleanup();

	/* The EAL saves once more at its end. */
	nftw(dir, remove_file, 8, FTW_PHYS | FTW_DEPTH);
	forget_all();
	return ret;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_there),
		cmocka_unit_test(disabled_is_silent),
	};

#if defined(__SANITIZE_THREAD__)
	/* The EAL saves and frees the traces of other threads under locks that it cannot see. */
	printf("ThreadSanitizer does not see the locks of the EAL's traces\n");
	return TEST_SKIP;
#endif
	return cmocka_run_group_tests(tests, setup, teardown);
}
