#include "cli/migrate.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/token.h"
#include "cli/files.h"

#define NUMBER_DIGITS 4
#define EPOCH_BYTES 16
#define WORD "abcdefghijklmnopqrstuvwxyz0123456789_"

/* Locks belong to the whole server, so the database's name is part of it. */
static struct stmt lock = {.sql =
	"SELECT COALESCE(GET_LOCK(LEFT(CONCAT('natter.', DATABASE()), 64), 60),"
	" 0)"};

static struct stmt look = {.sql =
	"SELECT COUNT(*), COUNT(CASE WHEN table_name = 'site'"
	" OR table_name = 'schema_versions' THEN 1 END)"
	" FROM information_schema.tables WHERE table_schema = DATABASE()"};

static struct stmt epochs = {.sql =
	"SELECT COUNT(*) FROM site WHERE name = 'epoch'"};

static struct stmt version_seen = {.sql =
	"SELECT COUNT(*) FROM schema_versions WHERE version = ?"};

static struct stmt version_newest = {.sql =
	"SELECT COALESCE(MAX(version), 0) FROM schema_versions"};

static struct stmt version_add = {.sql =
	"INSERT INTO schema_versions (version, name, applied_at_ms)"
	" VALUES (?, ?, ?)"};

/* Before there are tables, only what needs none can be prepared. */
static struct stmt *const of_server[] = {&lock, &look, NULL};
static struct stmt *const of_schema[] = {&lock, &epochs, &version_seen,
	&version_newest, &version_add, NULL};
static struct stmt *const *const before[] = {of_server, NULL};
static struct stmt *const *const after[] = {of_schema, NULL};

static enum err
number(struct stmt *s, unsigned column, uint64_t *value)
{
	*value = 0;
	if (db_next(s))
		*value = db_u64(s, column);
	db_done(s);
	return OK;
}

static enum err
take_lock(void)
{
	uint64_t got;
	enum err e;

	e = db_query(&lock);
	if (e != OK)
		return e;
	number(&lock, 0, &got);
	if (got == 1)
		return OK;
	complain("another migration of this database does not end");
	return ERR_UNAVAILABLE;
}

static int
is_migration(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t digits = strspn(name, "0123456789");
	size_t word;

	if (digits != NUMBER_DIGITS || name[digits] != '_')
		return 0;
	word = strspn(name + digits, WORD);
	return word < 90 && strcmp(name + digits + word, ".sql") == 0;
}

/* Names of the files, in order; each and the array are freed by the caller. */
static int
list_files(const struct instance *in, struct dirent ***files)
{
	char folder[PATH_SIZE];
	int count;

	*files = NULL;
	if (path_make(folder, "%s/sql/migrations", in->share) != OK)
		return 0;
	count = scandir(folder, files, is_migration, alphasort);
	return count < 0 ? 0 : count;
}

static void
free_files(struct dirent **files, int count)
{
	int i;

	for (i = 0; i < count; i++)
		free(files[i]);
	free(files);
}

static uint64_t
version_of(const struct dirent *file)
{
	return strtoull(file->d_name, NULL, 10);
}

uint64_t
migrations_last(const struct instance *in)
{
	struct dirent **files;
	uint64_t last = 0;
	int count;

	count = list_files(in, &files);
	if (count > 0)
		last = version_of(files[count - 1]);
	free_files(files, count);
	return last;
}

static enum err
run_file(const char *path)
{
	size_t length = 0;
	char *sql;
	enum err e;

	sql = file_read(path, &length);
	if (sql == NULL) {
		complain("can't read %s", path);
		return ERR_NOT_FOUND;
	}
	e = db_script(sql, length);
	free(sql);
	if (e != OK)
		complain("%s stopped; the log line above names the statement",
		    path);
	return e;
}

/*
 * As one script, because its tables did not exist when this connection
 * prepared its statements, and another connection would not have the lock.
 * What stands in it are numbers, hexadecimal digits, and names of our files.
 */
static enum err
write_first_rows(const struct instance *in)
{
	char epoch[HEX_SIZE(EPOCH_BYTES)];
	unsigned char bytes[EPOCH_BYTES];
	struct dirent **files;
	char *sql = NULL;
	size_t size = 0;
	int i, count;
	enum err e;
	FILE *out;

	out = open_memstream(&sql, &size);
	if (out == NULL)
		return ERR_INTERNAL;
	count = list_files(in, &files);
	for (i = 0; i < count; i++)
		fprintf(out, "INSERT INTO schema_versions VALUES (%llu, '%.*s',"
		    " %lld);\n", (unsigned long long)version_of(files[i]),
		    (int)strcspn(files[i]->d_name, "."), files[i]->d_name,
		    (long long)clock_now_ms());
	free_files(files, count);
	token_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), epoch);
	fprintf(out, "INSERT INTO site VALUES ('epoch', '%s');\n", epoch);
	e = ERR_INTERNAL;
	if (fclose(out) == 0)
		e = db_script(sql, size);
	free(sql);
	return e;
}

static enum err
load_schema(const struct instance *in)
{
	char path[PATH_SIZE];
	enum err e;

	if (path_make(path, "%s/sql/schema.sql", in->share) != OK)
		return ERR_BAD_INPUT;
	e = run_file(path);
	if (e != OK)
		return e;
	return write_first_rows(in);
}

/* Nobody has seen the inside of a half-loaded database, so it is no loss. */
static enum err
start_over(const struct instance *in)
{
	const char *name = in->config.db_name;
	char sql[512];
	int length;

	if (!in->config.db_private) {
		complain("the database %s was cut short while it was loaded:"
		    " make it anew, empty", name);
		return ERR_CONFLICT;
	}
	length = snprintf(sql, sizeof(sql), "DROP DATABASE `%s`;\n"
	    "CREATE DATABASE `%s` CHARACTER SET utf8mb4"
	    " COLLATE utf8mb4_unicode_520_ci;\nUSE `%s`;\n", name, name, name);
	if (length < 0 || (size_t)length >= sizeof(sql))
		return ERR_BAD_INPUT;
	return db_script(sql, (size_t)length);
}

static enum err
load_if_empty(const struct instance *in, unsigned *applied)
{
	uint64_t tables = 0, ours = 0;
	enum err e;

	e = db_open(&in->config, before);
	if (e == OK)
		e = take_lock();
	if (e == OK)
		e = db_query(&look);
	if (e != OK)
		return e;
	if (db_next(&look)) {
		tables = db_u64(&look, 0);
		ours = db_u64(&look, 1);
	}
	db_done(&look);
	if (ours == 2)
		return OK;
	if (tables > 0 && ours == 0) {
		complain("the database %s has tables, but not Natter's",
		    in->config.db_name);
		return ERR_CONFLICT;
	}
	*applied = 1;
	if (ours == 1) {
		e = start_over(in);
		if (e != OK)
			return e;
	}
	return load_schema(in);
}

static enum err
apply(const struct instance *in, const struct dirent *file)
{
	char path[PATH_SIZE], name[PATH_SIZE];
	enum err e;

	if (path_make(path, "%s/sql/migrations/%s", in->share, file->d_name)
	    != OK || path_make(name, "%.*s",
	    (int)strcspn(file->d_name, "."), file->d_name) != OK)
		return ERR_BAD_INPUT;
	e = run_file(path);
	if (e != OK)
		return e;
	return db_exec(&version_add, U64(version_of(file)), TEXT(name),
	    I64(clock_now_ms()));
}

static enum err
apply_missing(const struct instance *in, unsigned *applied)
{
	struct dirent **files;
	uint64_t seen;
	enum err e = OK;
	int i, count;

	count = list_files(in, &files);
	for (i = 0; i < count && e == OK; i++) {
		e = db_query(&version_seen, U64(version_of(files[i])));
		if (e != OK)
			break;
		number(&version_seen, 0, &seen);
		if (seen > 0)
			continue;
		e = apply(in, files[i]);
		(*applied)++;
	}
	free_files(files, count);
	return e;
}

static enum err
check_newest(const struct instance *in, uint64_t *version)
{
	enum err e;

	e = db_query(&version_newest);
	if (e != OK)
		return e;
	number(&version_newest, 0, version);
	if (*version <= migrations_last(in))
		return OK;
	complain("the database has schema %llu, newer than this program's %llu",
	    (unsigned long long)*version,
	    (unsigned long long)migrations_last(in));
	return ERR_CONFLICT;
}

enum err
migrate(const struct instance *in, unsigned *applied, uint64_t *version)
{
	uint64_t complete = 0;
	enum err e;

	*applied = 0;
	*version = 0;
	e = load_if_empty(in, applied);
	db_close();
	if (e == OK)
		e = db_open(&in->config, after);
	if (e == OK)
		e = take_lock();
	if (e == OK)
		e = db_query(&epochs);
	if (e != OK)
		goto out;
	number(&epochs, 0, &complete);
	if (complete == 0) {
		e = start_over(in);
		if (e == OK)
			e = load_schema(in);
		*applied = 1;
	}
	if (e == OK)
		e = check_newest(in, version);
	if (e == OK)
		e = apply_missing(in, applied);
	if (e == OK)
		e = check_newest(in, version);
out:
	db_close();
	return e;
}
