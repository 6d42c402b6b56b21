/*
 * http/problem.h -- how an error looks to a client.
 *
 * The one table from enum err to status, code word and English.
 *
 * Shapes  problem: {type, title, status, code, detail, instance, errors?}, where
 *         code is what programs look at, instance is the request's id (as in
 *         X-Request-Id and the logs) and errors is [{pointer, code, detail}].
 *         It depends on nothing else of the request, so that what one may not
 *         see and what does not exist are the same bytes.
 * Source  RFC 9457.
 */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "base/err.h"
#include "http/reply.h"
#include "http/request.h"

struct problem {
	unsigned status;
	const char *code;
	const char *title;
	const char *detail;
};

/** problem_of(e): never NULL; what is no error is ERR_INTERNAL. */
const struct problem *problem_of(enum err e);

/** problem_shape(p, q, e): make p that answer, whatever it was before. */
void problem_shape(struct reply *p, const struct request *q, enum err e);

#endif
