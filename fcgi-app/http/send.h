/*
 * http/send.h -- put an answer on the wire.
 *
 * No byte of a user reaches a header: everything that goes there is made of
 * settings, numbers and fixed words, and is looked at once more here.
 *
 * Source  RFC 9110; RFC 3875, 6 (Status and header fields of a CGI answer).
 */
#ifndef HTTP_SEND_H
#define HTTP_SEND_H

#include "http/io.h"
#include "http/reply.h"
#include "http/request.h"

struct sending {
	struct io *io;
	const struct request *request;
	const struct reply *reply;
	unsigned allowed;	/* bits of enum method for Allow; 0: none */
	const char *epoch;	/* "": not known */
};

/** send_reply(s): head and body; the body stays away for HEAD and 204. */
void send_reply(const struct sending *s);

#endif
