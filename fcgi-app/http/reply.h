/*
 * http/reply.h -- the answer, as a handler shapes it.
 *
 * A handler sets status and writes JSON; a handler that returns an error has
 * nothing to write: the server makes the problem body (RFC 9457) from the enum
 * and the request's field errors.  No byte of a user ever reaches a header.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct request;

#define REPLY_JSON_MAX (16u * 1024 * 1024)

struct reply {
	unsigned status;	/* 200 unless set; 204: no body */
	struct json json;	/* started by the server before the handler */

	/* nginx: serve this internal address instead ("/_push/u_42"); made of
	 * numbers and fixed words only. */
	const char *accel_redirect;
	const char *session_cookie;	/* set this secret; "" clears it */
	int64_t session_cookie_age_s;
	const char *location;		/* path below the site: "api/v1/messages/7" */
	unsigned retry_after_s;		/* 0: none */
	const char *content_type;	/* NULL: application/json */
	const char *raw;		/* body instead of json, with content_type */
	size_t raw_length;
	bool secret;			/* wipe the arena afterwards */
};

#endif
