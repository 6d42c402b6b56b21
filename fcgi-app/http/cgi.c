#include "http/io.h"

static size_t
read_body(struct io *io, char *out, size_t size)
{
	(void)io;
	return fread(out, 1, size, stdin);
}

/* A client that went away costs nothing: the request was done anyway. */
static void
write_answer(struct io *io, const char *bytes, size_t length)
{
	size_t written = fwrite(bytes, 1, length, stdout);

	(void)io;
	(void)written;
}

void
cgi_open(struct io *io)
{
	*io = (struct io){.params = environ, .plain_cgi = true,
	    .read = read_body, .write = write_answer};
}

void
cgi_done(struct io *io)
{
	(void)io;
	fflush(stdout);
}
