/*
 * pushd/ask.h -- what the two nginx ask on wait.sock, strictly read.
 *
 *	GET /wait?stream=c:12&after=5&for=25	hold until there is more
 *	GET /wait?stream=u:42&after=5&for=25
 *	GET /wait?stream=s:42&sum=90&after=7&for=25
 *	GET /came?channel=u_42			Nchan's hooks
 *	GET /gone?channel=c_12_42
 *	GET /status				counters, for people
 *
 * Source  RFC 9112, of which only the request line matters here: header fields
 *         are skipped, a body is not read.
 */
#ifndef PUSHD_ASK_H
#define PUSHD_ASK_H

#include "pushd/channel.h"

#include <stddef.h>
#include <stdint.h>

#define ASK_SIZE_MAX 16384	/* request line and header fields */
#define ASK_FOR_MAX_S 60

enum ask_kind {
	ASK_MORE,	/* not all there yet */
	ASK_BAD,	/* not one of the above */
	ASK_WAIT,
	ASK_CAME,
	ASK_GONE,
	ASK_STATUS
};

struct ask {
	enum ask_kind kind;
	char stream;		/* 'c', 'u' or 's' */
	uint64_t stream_id;
	uint64_t after;
	uint64_t sum;		/* 's' */
	uint64_t for_s;
	struct channel channel;
};

/** ask_parse(bytes, length, a): a->kind says the rest. */
void ask_parse(const char *bytes, size_t length, struct ask *a);

#endif
