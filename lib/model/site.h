/*
 * model/site.h -- facts about this database as a whole.
 *
 * Owns the table site; reads schema_versions.
 */
#ifndef MODEL_SITE_H
#define MODEL_SITE_H

#include "base/db.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define EPOCH_SIZE 65

extern struct stmt *const site_sql[];

/**
 * site_epoch(): the random id of this database's history, read once per
 * connection; "" while it has none: nothing of it may be served then.  A
 * restore gives a new one, and waits until nobody is connected; so whoever
 * connects anew may find another one.
 */
const char *site_epoch(void);

/** site_check(version, writable): the database answers; *version is its
 * schema's, *writable, unless NULL, whether it takes changes. */
enum err site_check(uint64_t *version, bool *writable);

#endif
