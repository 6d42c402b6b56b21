/*
 * pushd/database.h -- the one connection, which may be away for a while.
 *
 * pushd goes on without the database: what it knows in memory is relayed, what
 * it does not know waits until the tail finds it.  When it comes back with
 * another epoch, all that is known is about a past that never was: the streams
 * are ended and this process too; the next one begins with nothing.
 */
#ifndef PUSHD_DATABASE_H
#define PUSHD_DATABASE_H

#include "base/err.h"

#include <stdbool.h>

struct config;

/** database_start(config): ERR_UNAVAILABLE: away, go on without.
 * ERR_INTERNAL: the schema does not fit, give up. */
enum err database_start(const struct config *config);

/** database_ready(): ask before every use; connects again as db_ready() does. */
bool database_ready(void);

/** database_epoch(): that of the database, as long as this process lives; "":
 * it was never reached. */
const char *database_epoch(void);

/**
 * database_settle(): what was read until now is on the database's disk.  A row
 * can be seen a moment before that, and a crash in that moment takes it back; a
 * commit of our own that is on disk has all earlier ones before it.
 * ERR_UNAVAILABLE: not known.
 */
enum err database_settle(void);

#endif
