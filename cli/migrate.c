#include "cli/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/script.h"
#include "base/token.h"
#include "cli/files.h"
#include "cli/migrations.h"
#include "cli/schema.h"

#define PROGRESS_SIZE (MIGRATION_NAME_SIZE + 32)
#define REFUSED " refused"

static struct stmt checksum_of = {.sql =
	"SELECT checksum FROM schema_versions WHERE version = ?"};

static struct stmt newest = {.sql =
	"SELECT COALESCE(MAX(version), 0) FROM schema_versions"};

/* "0002_name 3": three statements of that file have run, and the fourth may
 * have; "0002_name 3 refused": it has not. */
static struct stmt progress_of = {.sql =
	"SELECT value FROM site WHERE name = 'migrating'"};

static struct stmt *const of_versions[] = {&checksum_of, &newest, &progress_of,
	NULL};

static const struct text begin = {"START TRANSACTION", 17};
static const struct text commit = {"COMMIT", 6};

static struct text
text_of(const char *s)
{
	return (struct text){.data = s, .length = strlen(s)};
}

/* What stands in it are numbers, hexadecimal digits, and names of our files. */
static char *
version_row(const struct migration *m)
{
	char checksum[HEX_SIZE(TOKEN_HASH_SIZE)], *sql;

	hex_encode(m->checksum, sizeof(m->checksum), checksum);
	if (asprintf(&sql, "INSERT INTO schema_versions (version, name,"
	    " checksum, applied_at_ms) VALUES (%llu, '%s', x'%s', %lld)",
	    (unsigned long long)m->version, m->name, checksum,
	    (long long)clock_now_ms()) < 0)
		abort();
	return sql;
}

static enum err
write_first_rows(const struct migrations *files)
{
	char epoch[SCHEMA_EPOCH_SIZE], sql[128], *row;
	struct text statement;
	enum err e = OK;
	size_t i;

	for (i = 0; i < files->count && e == OK; i++) {
		row = version_row(&files->items[i]);
		statement = text_of(row);
		e = db_run(&statement, 1);
		free(row);
	}
	if (e != OK)
		return e;
	schema_epoch(epoch);
	snprintf(sql, sizeof(sql),
	    "INSERT INTO site (name, value) VALUES ('epoch', '%s')", epoch);
	statement = text_of(sql);
	return db_run(&statement, 1);
}

static enum err
load_schema(const struct instance *in, const struct migrations *files)
{
	char path[PATH_SIZE], *sql;
	size_t length;
	enum err e;

	if (path_make(path, "%s/sql/schema.sql", in->share) != OK)
		return ERR_BAD_INPUT;
	sql = file_read(path, &length);
	if (sql == NULL) {
		complain("can't read %s", path);
		return ERR_NOT_FOUND;
	}
	e = db_script(sql, length);
	free(sql);
	return e == OK ? write_first_rows(files) : e;
}

/* Nobody has seen the inside of a half-loaded database, so it is no loss; but on
 * somebody else's server it may be something that only looks like one. */
static enum err
load_if_empty(const struct instance *in, const struct migrations *files,
    enum schema_state state, unsigned *applied)
{
	bool torn = state == SCHEMA_TORN && in->config.db_private;
	enum err e = OK;

	if (state != SCHEMA_EMPTY && !torn)
		return schema_refuse(in, state);
	if (torn)
		e = schema_drop();
	*applied = 1;
	return e == OK ? load_schema(in, files) : e;
}

struct progress {
	bool begun;
	bool refused;
	unsigned long done;	/* statements of the file */
};

static enum err
read_progress(const struct migration *m, struct progress *p)
{
	char value[PROGRESS_SIZE] = "", *end;
	size_t length = strlen(m->name);
	enum err e;

	*p = (struct progress){0};
	e = db_query(&progress_of);
	if (e != OK)
		return e;
	if (db_next(&progress_of))
		db_bytes(&progress_of, 0, value, sizeof(value) - 1);
	db_done(&progress_of);
	p->begun = strncmp(value, m->name, length) == 0 &&
	    value[length] == ' ';
	if (!p->begun)
		return OK;
	p->done = strtoul(value + length, &end, 10);
	p->refused = strcmp(end, REFUSED) == 0;
	return OK;
}

/* Borrowed from the buffer. */
static struct text
progress_row(char sql[PROGRESS_SIZE + 64], const struct migration *m,
    unsigned long done, const char *more)
{
	snprintf(sql, PROGRESS_SIZE + 64,
	    "REPLACE INTO site (name, value) VALUES ('migrating', '%s %lu%s')",
	    m->name, done, more);
	return text_of(sql);
}

static enum err
write_progress(const struct migration *m, unsigned long done, const char *more)
{
	char sql[PROGRESS_SIZE + 64];
	struct text row = progress_row(sql, m, done, more);

	return db_run(&row, 1);
}

/*
 * One statement, and that it has run.  doubtful: it may have been done before
 * its being done was written down; if not, what is in its way is not its own,
 * now and at the next try.
 */
static enum err
take_step(const struct migration *m, unsigned long number,
    struct text statement, bool doubtful)
{
	char sql[PROGRESS_SIZE + 64];
	struct text all[] = {begin, statement,
	    progress_row(sql, m, number, ""), commit};
	enum err e;

	e = db_run(all, sizeof(all) / sizeof(all[0]));
	if (e == ERR_CONFLICT && doubtful)
		return write_progress(m, number, "");
	if (e == ERR_CONFLICT) {
		complain("take away what is in the way, and migrate again");
		if (write_progress(m, number - 1, REFUSED) != OK)
			complain("do not migrate before that: it would be "
			    "taken for done");
	}
	return e;
}

static enum err
finish(const struct migration *m)
{
	char *row = version_row(m);
	const struct text all[] = {begin, text_of(row),
	    text_of("DELETE FROM site WHERE name = 'migrating'"), commit};
	enum err e;

	e = db_run(all, sizeof(all) / sizeof(all[0]));
	free(row);
	return e;
}

static enum err
apply(const struct migration *m)
{
	struct progress progress;
	struct text statement;
	struct script script;
	unsigned long number = 0;
	enum err e;

	e = read_progress(m, &progress);
	if (e == OK && !progress.begun)
		e = write_progress(m, 0, "");
	script_start(&script, m->sql, m->length);
	while (e == OK && script_next(&script, &statement)) {
		if (++number > progress.done)
			e = take_step(m, number, statement, progress.begun &&
			    !progress.refused && number == progress.done + 1);
	}
	if (e == OK)
		e = finish(m);
	if (e == OK)
		return OK;
	complain("%s stopped; the line above names the statement",
	    m->name);
	return e == ERR_CONFLICT ? ERR_INTERNAL : e;
}

static enum err
is_applied(const struct migration *m, bool *applied)
{
	uint8_t checksum[TOKEN_HASH_SIZE] = {0};
	enum err e;

	e = db_query(&checksum_of, U64(m->version));
	if (e != OK)
		return e;
	*applied = db_next(&checksum_of);
	if (*applied)
		db_bytes(&checksum_of, 0, checksum, sizeof(checksum));
	db_done(&checksum_of);
	if (!*applied || memcmp(checksum, m->checksum, sizeof(checksum)) == 0)
		return OK;
	complain("the database was made with another %s.sql than this program"
	    " has", m->name);
	return ERR_CONFLICT;
}

static enum err
apply_missing(const struct migrations *files, unsigned *applied)
{
	bool done;
	enum err e = OK;
	size_t i;

	for (i = 0; i < files->count && e == OK; i++) {
		e = is_applied(&files->items[i], &done);
		if (e != OK || done)
			continue;
		e = apply(&files->items[i]);
		(*applied)++;
	}
	return e;
}

static enum err
check_newest(const struct migrations *files, uint64_t *version)
{
	unsigned long long last = 0;
	enum err e;

	if (files->count > 0)
		last = files->items[files->count - 1].version;
	*version = 0;
	e = db_query(&newest);
	if (e != OK)
		return e;
	if (db_next(&newest))
		*version = db_u64(&newest, 0);
	db_done(&newest);
	if (*version <= last)
		return OK;
	complain("the database has schema %llu, newer than this program's %llu",
	    (unsigned long long)*version, last);
	return ERR_CONFLICT;
}

enum err
migrate(const struct instance *in, unsigned *applied, uint64_t *version)
{
	enum schema_state state;
	struct migrations files;
	enum err e;

	*applied = 0;
	*version = 0;
	e = migrations_read(in, &files);
	if (e == OK)
		e = schema_open(in, &state);
	if (e == OK && state != SCHEMA_COMPLETE)
		e = load_if_empty(in, &files, state, applied);
	if (e == OK)
		e = schema_prepare(of_versions);
	if (e == OK)
		e = check_newest(&files, version);
	if (e == OK)
		e = apply_missing(&files, applied);
	if (e == OK)
		e = check_newest(&files, version);
	db_close();
	migrations_free(&files);
	return e;
}

static enum err
print_missing(const struct migrations *files)
{
	uint64_t version;
	unsigned count = 0;
	bool applied;
	enum err e;
	size_t i;

	e = schema_prepare(of_versions);
	if (e == OK)
		e = check_newest(files, &version);
	for (i = 0; i < files->count && e == OK; i++) {
		e = is_applied(&files->items[i], &applied);
		if (e != OK || applied)
			continue;
		puts(files->items[i].name);
		count++;
	}
	if (e == OK && count == 0)
		puts("nothing to do");
	return e;
}

enum err
migrate_plan(const struct instance *in)
{
	enum schema_state state;
	struct migrations files;
	enum err e;

	e = migrations_read(in, &files);
	if (e == OK)
		e = schema_open(in, &state);
	if (e == OK && state == SCHEMA_EMPTY)
		puts("schema");
	else if (e == OK && state == SCHEMA_COMPLETE)
		e = print_missing(&files);
	else if (e == OK)
		e = schema_refuse(in, state);
	db_close();
	migrations_free(&files);
	return e;
}

static enum err
is_unfinished(bool *unfinished)
{
	enum err e;

	e = db_query(&progress_of);
	if (e != OK)
		return e;
	*unfinished = db_next(&progress_of);
	db_done(&progress_of);
	return OK;
}

enum err
migrate_seen(struct migrations *files, uint64_t *version)
{
	bool unfinished, applied = true;
	enum err e;
	size_t i;

	e = schema_prepare(of_versions);
	if (e == OK)
		e = check_newest(files, version);
	if (e == OK)
		e = is_unfinished(&unfinished);
	if (e != OK)
		return e;
	migrations_until(files, *version);
	for (i = 0; i < files->count && e == OK && applied; i++)
		e = is_applied(&files->items[i], &applied);
	if (e != OK || (applied && !unfinished))
		return e;
	complain("a migration was cut short; natter migrate ends it");
	return ERR_CONFLICT;
}
