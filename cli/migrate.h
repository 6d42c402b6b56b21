/*
 * cli/migrate.h -- bring the database to this program's schema.
 *
 * An empty database gets sql/schema.sql, which already contains every
 * migration; another one gets the files of sql/migrations/ that it has not
 * seen, in the order of their numbers.  Only forward, and one at a time
 * (cli/schema.h).
 *
 * May be killed at any moment and run again: after each statement the row
 * 'migrating' of the table site says how far its file has come.  A change of
 * rows commits together with that; a change of tables commits by itself, so the
 * statement after the last one that is remembered may find its work done.
 *
 * The programs of the version before go on serving meanwhile: who waits for a
 * table makes others wait for 1 s at most, then lets them pass and tries again.
 */
#ifndef CLI_MIGRATE_H
#define CLI_MIGRATE_H

#include "base/err.h"
#include "cli/instance.h"
#include "cli/migrations.h"

#include <stdint.h>

/**
 * migrate(in, applied, version): how many steps were taken, and where it stands
 * now.  Leaves the connection closed.  ERR_UNAVAILABLE: no database.
 * ERR_CONFLICT: it is newer than this program, was made by other files, is part
 * of a backup, or not Natter's; said.
 */
enum err migrate(const struct instance *in, unsigned *applied,
    uint64_t *version);

/** migrate_plan(in): print what migrate() would run; the same errors. */
enum err migrate_plan(const struct instance *in);

/**
 * migrate_seen(files, version): within schema_open(), when it is
 * SCHEMA_COMPLETE: forget those of the files that this database has not seen.
 * ERR_CONFLICT: it is newer, or was made by others, or a migration was cut
 * short; said.
 */
enum err migrate_seen(struct migrations *files, uint64_t *version);

#endif
