/*
 * cli/migrations.h -- the files of sql/migrations/.
 *
 * NNNN_name.sql, applied in the order of their numbers.  A file that has run
 * anywhere never changes: its SHA-256 stands in schema_versions.
 * Failures are said.
 */
#ifndef CLI_MIGRATIONS_H
#define CLI_MIGRATIONS_H

#include "base/err.h"
#include "base/token.h"
#include "cli/instance.h"

#include <stddef.h>
#include <stdint.h>

#define MIGRATION_NAME_SIZE 101

struct migration {
	uint64_t version;
	char name[MIGRATION_NAME_SIZE];	/* without ".sql" */
	char *sql;
	size_t length;
	uint8_t checksum[TOKEN_HASH_SIZE];
};

struct migrations {
	struct migration *items;
	size_t count;
};

/** migrations_read(in, m): all of them, in order; call migrations_free() also
 * when it fails. */
enum err migrations_read(const struct instance *in, struct migrations *m);
void migrations_free(struct migrations *m);

/** migrations_until(m, version): forget those after it. */
void migrations_until(struct migrations *m, uint64_t version);

/** migrations_last(in): the number of the last file; 0: there is none. */
uint64_t migrations_last(const struct instance *in);

/** migrations_make(m, kind, name): one of them says CREATE ${kind} ${name}. */
bool migrations_make(const struct migrations *m, const char *kind,
    const char *name);

#endif
