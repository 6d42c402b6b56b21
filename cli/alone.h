/*
 * cli/alone.h -- the database for one command, while the instance is stopped.
 *
 * The private database is started for it and stopped after it.  Meanwhile the
 * instance is locked: `natter up` and `natter run` say that it is in use.
 */
#ifndef CLI_ALONE_H
#define CLI_ALONE_H

#include "base/err.h"
#include "cli/instance.h"

/** alone_begin(in): ERR_CONFLICT: something of this instance runs.
 * ERR_FORBIDDEN: it is another user's.  Both are said. */
enum err alone_begin(const struct instance *in);

/** alone_if_needed(in): only when there is a private database and it is not
 * running.  ERR_NOT_FOUND: there has never been one; said. */
enum err alone_if_needed(const struct instance *in);

/** alone_turn(): look after the database; ERR_CONFLICT: told to stop; said. */
enum err alone_turn(void);

/** alone_end(in): also when it was not begun, or failed to. */
void alone_end(const struct instance *in);

#endif
