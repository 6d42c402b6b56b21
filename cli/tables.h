/*
 * cli/tables.h -- the rows of a backup, read from the database.
 *
 * Backup writes them into the archive, restore reads them once more to see that
 * they are the same.
 */
#ifndef CLI_TABLES_H
#define CLI_TABLES_H

#include "base/db.h"
#include "base/err.h"
#include "cli/migrations.h"

/**
 * tables_dump(files, take, argument): db_dump() of the tables that these make,
 * NULL: of all, but for what a backup leaves out (cli/manifest.h).  Within
 * schema_open().
 */
enum err tables_dump(const struct migrations *files, db_take *take,
    void *argument);

#endif
