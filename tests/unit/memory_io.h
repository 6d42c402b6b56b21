/*
 * tests/unit/memory_io.h -- a request from memory, its answer into memory.
 */
#ifndef TESTS_MEMORY_IO_H
#define TESTS_MEMORY_IO_H

#include "base/config.h"
#include "http/io.h"
#include "http/request.h"

struct memory {
	char *params[40];
	size_t count;
	const char *body;
	size_t body_length;
	size_t taken;
	char answer[65536];
	size_t answer_length;
};

static size_t
memory_read(struct io *io, char *out, size_t size)
{
	struct memory *m = io->source;
	size_t left = m->body_length - m->taken;

	if (size > left)
		size = left;
	if (size > 0)
		memcpy(out, m->body + m->taken, size);
	m->taken += size;
	return size;
}

static void
memory_write(struct io *io, const char *bytes, size_t length)
{
	struct memory *m = io->source;

	if (length > sizeof(m->answer) - 1 - m->answer_length)
		length = sizeof(m->answer) - 1 - m->answer_length;
	memcpy(m->answer + m->answer_length, bytes, length);
	m->answer_length += length;
	m->answer[m->answer_length] = '\0';
}

static inline void
memory_param(struct memory *m, const char *param)
{
	union {
		const char *in;
		char *out;
	} same = {.in = param};

	m->params[m->count++] = same.out;
}

static inline struct io
memory_io(struct memory *m)
{
	return (struct io){.params = m->params, .read = memory_read,
	    .write = memory_write, .source = m};
}

/* A site at a path, with text in config->origin and so on borrowed. */
static inline struct config
memory_site(const char *path)
{
	static char url[200], origin[] = "http://127.0.0.1:8080", below[100];
	static char var[] = "/nonexistent";

	snprintf(url, sizeof(url), "%s%s", origin, path);
	snprintf(below, sizeof(below), "%s", path);
	return (struct config){.url = url, .origin = origin, .path = below,
	    .var = var};
}

#endif
