/*
 * cli/migrate.h -- bring the database to this program's schema.
 *
 * An empty database gets sql/schema.sql, which already contains every
 * migration; another one gets the files of sql/migrations/ that it has not
 * seen, in the order of their numbers.  Only forward.  One at a time: a named
 * lock of the server keeps others out.  The epoch is written last, so a
 * database without one was cut short while it was first loaded.
 */
#ifndef CLI_MIGRATE_H
#define CLI_MIGRATE_H

#include "base/err.h"
#include "cli/instance.h"

#include <stdint.h>

/**
 * migrate(in, applied, version): how many steps were taken, and where it stands
 * now.  Leaves the connection closed.  ERR_UNAVAILABLE: no database.
 * ERR_CONFLICT: it is newer than this program, or not Natter's; said.
 */
enum err migrate(const struct instance *in, unsigned *applied,
    uint64_t *version);

/** migrations_last(in): the number of the last file; 0: there is none. */
uint64_t migrations_last(const struct instance *in);

#endif
