/*
 * cli/safety.h -- whether the database server keeps what it is given.
 *
 * An existing server is set up by somebody else, for something else.  What would
 * lose an answered message when the host crashes, and what Natter can't work
 * with, stops the start; `natter doctor` shows all of it.
 *
 * Source  https://mariadb.com/kb/en/innodb-system-variables/
 *         https://mariadb.com/kb/en/replication-and-binary-log-system-variables/
 *         https://dev.mysql.com/doc/refman/8.0/en/server-system-variables.html
 */
#ifndef CLI_SAFETY_H
#define CLI_SAFETY_H

#include "base/err.h"
#include "cli/instance.h"

enum finding { GOOD, WARN, BAD };

/** Called for each setting: what it is about, its value, and what to do. */
typedef void safety_row(enum finding finding, const char *what,
    const char *value, const char *advice);

/**
 * Both connect, and leave the connection closed.
 * safety_show(in, show): the server and its settings.
 * safety_check(in): say what is not GOOD.  ERR_CONFLICT: something is BAD.  What
 * only may lose messages is not when [database] may_lose_messages allows it.
 */
enum err safety_show(const struct instance *in, safety_row *show);
enum err safety_check(const struct instance *in);

#endif
