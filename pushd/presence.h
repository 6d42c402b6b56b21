/*
 * pushd/presence.h -- tells people when somebody came or went.
 *
 * Shapes  presence {user_id, state: "online" | "offline"}, to those who are
 *         online and share a conversation with the user.
 * Changes are gathered for a moment and spread over time, so that a thousand
 * people who come back at once don't flood everybody.
 */
#ifndef PUSHD_PRESENCE_H
#define PUSHD_PRESENCE_H

#include "base/db.h"

#include <stdint.h>

extern struct stmt *const presence_sql[];

/** presence_changed(user_id): what registry_present() says has changed. */
void presence_changed(uint64_t user_id);
void presence_end(void);

#endif
