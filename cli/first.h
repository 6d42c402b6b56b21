/*
 * cli/first.h -- the first account, and how to get in.
 *
 * On an empty site `natter up` makes the account "admin" (an administrator
 * without a password) and a token "first steps" that speaks for it, kept as a
 * header line for curl in VAR/secrets/curl-header.
 */
#ifndef CLI_FIRST_H
#define CLI_FIRST_H

#include "base/err.h"
#include "cli/instance.h"

#include <stdint.h>

#define FIRST_LINK_SIZE 512

struct first {
	char link[FIRST_LINK_SIZE];	/* one-time sign-in; "": somebody can
					 * sign in already */
	uint64_t notes_id;		/* the conversation to post to; 0: the
					 * token is gone */
};

/** first_prepare(in, first): the database is open; make what is missing. */
enum err first_prepare(const struct instance *in, struct first *first);

/** first_print(in, first): what one has to know to begin. */
void first_print(const struct instance *in, const struct first *first);

#endif
