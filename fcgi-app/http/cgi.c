#include "base/arena.h"
#include "http/io.h"
#include "http/request.h"

#include <poll.h>

#define DRAIN_MS 1000

/* What a client sent in chunks, whose length nobody knew before. */
static struct {
	char *bytes;
	size_t length;
	size_t taken;
	bool held;
} chunked;

static size_t
read_input(char *out, size_t size)
{
	return fread(out, 1, size, stdin);
}

static size_t
read_body(struct io *io, char *out, size_t size)
{
	size_t left = chunked.length - chunked.taken;

	(void)io;
	if (!chunked.held)
		return read_input(out, size);
	if (size > left)
		size = left;
	memcpy(out, chunked.bytes + chunked.taken, size);
	chunked.taken += size;
	return size;
}

/* A client that went away costs nothing: the request was done anyway. */
static void
write_answer(struct io *io, const char *bytes, size_t length)
{
	size_t written = fwrite(bytes, 1, length, stdout);

	(void)io;
	(void)written;
}

/*
 * Apache passes a body of unknown length on as it comes, without a length and
 * with an end of file.  One byte more than may be is enough to refuse it.
 */
static void
hold_chunked(void)
{
	const char *length = getenv("CONTENT_LENGTH");
	char text[24];

	if (getenv("HTTP_TRANSFER_ENCODING") == NULL ||
	    (length != NULL && length[0] != '\0'))
		return;
	chunked.bytes = malloc(BODY_BYTES_MAX + 1);
	if (chunked.bytes == NULL)
		return;
	chunked.held = true;
	chunked.length = read_input(chunked.bytes, BODY_BYTES_MAX + 1);
	snprintf(text, sizeof(text), "%zu", chunked.length);
	setenv("CONTENT_LENGTH", text, 1);
}

void
cgi_open(struct io *io)
{
	hold_chunked();
	*io = (struct io){.params = environ, .plain_cgi = true,
	    .read = read_body, .write = write_answer};
}

/*
 * mod_cgid has one socket for both ways.  When a program ends with a part of
 * the body unread, the kernel resets it and the answer is lost.
 */
void
cgi_done(struct io *io)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	char bytes[4096];
	ssize_t got;

	(void)io;
	fflush(stdout);
	for (;;) {
		if (poll(&input, 1, DRAIN_MS) <= 0)
			break;
		got = read(0, bytes, sizeof(bytes));
		if (got <= 0)
			break;
	}
	if (chunked.held)
		explicit_bzero(chunked.bytes, BODY_BYTES_MAX + 1);
	free(chunked.bytes);
}
