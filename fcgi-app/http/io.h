/*
 * http/io.h -- where a request comes from and where its answer goes.
 *
 * FastCGI (fcgi.c) and plain CGI (cgi.c) fill the same small table; nothing
 * else knows which of the two it is.  Tests fill it from memory.
 *
 * Memory  params and what they hold are borrowed until the answer is done.
 * Source  FastCGI specification 1.0; RFC 3875 (CGI).
 */
#ifndef HTTP_IO_H
#define HTTP_IO_H

#include <stdbool.h>
#include <stddef.h>

struct io {
	char **params;		/* "NAME=value", ends with NULL; names may
				 * repeat */
	bool plain_cgi;
	/* As many bytes of the body as there are, up to size. */
	size_t (*read)(struct io *io, char *out, size_t size);
	void (*write)(struct io *io, const char *bytes, size_t length);
	void *source;		/* its own */
};

/** fcgi_here(): file descriptor 0 is a listening socket. */
bool fcgi_here(void);

/** fcgi_start(): take SIGTERM, SIGINT and SIGPIPE in hand; false: logged. */
bool fcgi_start(void);

/**
 * fcgi_next(io): wait for a request; fcgi_done(io) sends the answer's rest.
 * False: SIGTERM or SIGINT came (never in the middle of a request), or the
 * socket is gone (logged).
 */
bool fcgi_next(struct io *io);
void fcgi_done(struct io *io);

/** fcgi_stop(): give back what the library holds. */
void fcgi_stop(void);

/** cgi_open(io): the one request of this process. */
void cgi_open(struct io *io);
void cgi_done(struct io *io);

#endif
