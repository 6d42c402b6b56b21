/*
 * cli/schema.h -- what a database holds, and who may copy or change it.
 *
 * One at a time: migrate, backup and restore hold a named lock of the server.
 * The epoch is written last and taken away first, so a database without one is
 * in the hands of somebody, or was dropped by him half done; nothing serves it
 * (model/site.h).  The table restore_unfinished stands from the first to the
 * last moment of a restore.
 */
#ifndef CLI_SCHEMA_H
#define CLI_SCHEMA_H

#include "base/db.h"
#include "base/err.h"
#include "cli/instance.h"

enum schema_state {
	SCHEMA_EMPTY,		/* no tables */
	SCHEMA_FOREIGN,		/* tables, but none of Natter's */
	SCHEMA_TORN,		/* its first load was cut short */
	SCHEMA_RESTORING,	/* a restore was cut short */
	SCHEMA_COMPLETE
};

/**
 * schema_open(in, state): connect, take the lock and look.  Both are given back
 * by db_close(), also after a failure.  ERR_UNAVAILABLE: no database.
 * ERR_CONFLICT: somebody else has the lock; said.
 */
enum err schema_open(const struct instance *in, enum schema_state *state);

/** schema_prepare(list): these statements too, once their tables are there. */
enum err schema_prepare(struct stmt *const *list);

/** schema_refuse(in, state): say what is in the way of using it; OK when it is
 * SCHEMA_COMPLETE, else ERR_CONFLICT. */
enum err schema_refuse(const struct instance *in, enum schema_state state);

/** schema_drop(): all tables and procedures, but for restore_unfinished. */
enum err schema_drop(void);

/** schema_epoch(text): a new random one. */
#define SCHEMA_EPOCH_SIZE 33
void schema_epoch(char text[static SCHEMA_EPOCH_SIZE]);

#endif
