/*
 * pushd/channel.h -- names of Nchan channels.
 *
 * u_<user> carries all of a user's events, c_<conversation>_<user> one
 * conversation's for that user, p_probe pushd's own round trips.
 */
#ifndef PUSHD_CHANNEL_H
#define PUSHD_CHANNEL_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_TEXT_SIZE 48

struct channel {
	uint64_t conversation_id;	/* 0: all of the user's */
	uint64_t user_id;		/* 0: the probe */
};

/** channel_format(c, text): length. */
size_t channel_format(struct channel c, char text[static CHANNEL_TEXT_SIZE]);

/** channel_parse(text, c): false: not the name of a user's channel. */
bool channel_parse(struct text text, struct channel *c);

#endif
