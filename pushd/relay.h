/*
 * pushd/relay.h -- from one event to the channels of those who may see it.
 *
 * Recipients of an event are the members after all earlier events of its
 * conversation; of member.removed also the removed one, of member.added also
 * the new one.  So nothing with a later seq than a removal is ever published
 * to who was removed.  Why a session ended is told on every channel of the user,
 * before they are closed.
 */
#ifndef PUSHD_RELAY_H
#define PUSHD_RELAY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct notice;

/** An event whose turn has come. */
struct relayed {
	char stream;
	uint64_t stream_id;
	uint64_t seq;
	const char *type;
	uint64_t user_id;	/* subject of a membership event */
	const char *json;	/* NULL: a hint goes out */
	size_t json_length;
};

/**
 * relay_event(r, ticket): *ticket is that of the stream's last frame, before
 * and after.  ERR_UNAVAILABLE: its recipients can't be known now; nothing was
 * done.
 */
enum err relay_event(const struct relayed *r, uint64_t *ticket);

/** relay_notice(n): typing and read marks, to the other members. */
void relay_notice(const struct notice *n);

#endif
