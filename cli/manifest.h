/*
 * cli/manifest.h -- what a backup says about itself.
 *
 * A backup is an archive (cli/archive.h) of these members, in this order:
 *
 *   schema/0001_first.sql     the migrations that made the database
 *   data/000001_users.sql     its rows, as INSERT statements (base/db.h db_dump)
 *   manifest.json             {format, made_at, schema, epoch, data, rows}
 *   sha256
 *
 * so that `tar -xOf FILE schema data | mariadb DATABASE` would bring it back
 * without Natter.  data is the SHA-256 of the members
 * data/ one after another; rows counts them for each table.
 * Left out are the epoch's row, because a restored database gets a new one, and
 * push_state, which is about what was published from where it stood.
 */
#ifndef CLI_MANIFEST_H
#define CLI_MANIFEST_H

#include "base/digest.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MANIFEST_NAME "manifest.json"
#define MANIFEST_SCHEMA "schema/"
#define MANIFEST_DATA "data/"
#define MANIFEST_TABLES_MAX 60

struct arena;

struct manifest {
	int64_t made_at_ms;
	uint64_t schema;
	char epoch[65];
	char data[DIGEST_TEXT_SIZE];
	struct {
		char name[65];
		uint64_t rows;
	} tables[MANIFEST_TABLES_MAX];
	size_t count;
};

/** manifest_count(m, table, rows): so many more. */
void manifest_count(struct manifest *m, const char *table, uint64_t rows);

/** manifest_text(arena, m): as JSON and a line end. */
const char *manifest_text(struct arena *arena, const struct manifest *m);

/**
 * manifest_check(in, m): read a backup from its beginning to its end.
 * ERR_BAD_INPUT: not a whole one, or of another format; said.
 */
enum err manifest_check(FILE *in, struct manifest *m);

/** manifest_fits(m, schema): a program with this schema can restore it;
 * ERR_CONFLICT: it is newer; said. */
enum err manifest_fits(const struct manifest *m, uint64_t schema);

/** manifest_print(out, m): in one line for people. */
void manifest_print(FILE *out, const struct manifest *m);

#endif
