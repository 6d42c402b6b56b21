#include "cli/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/token.h"
#include "cli/files.h"

#define LOCK_WAIT_MS 60000

/* Locks belong to the whole server, so the database's name is part of it.  It
 * waits for less time than an answer may take. */
static struct stmt lock = {.sql =
	"SELECT COALESCE(GET_LOCK(LEFT(CONCAT('natter.', DATABASE()), 64), 1),"
	" 0)"};

static struct stmt look = {.sql =
	"SELECT COUNT(*),"
	" COUNT(CASE WHEN table_name IN ('site', 'schema_versions') THEN 1 END),"
	" COUNT(CASE WHEN table_name = 'restore_unfinished' THEN 1 END)"
	" FROM information_schema.tables WHERE table_schema = DATABASE()"};

static struct stmt epochs = {.sql =
	"SELECT COUNT(*) FROM site WHERE name = 'epoch'"};

static struct stmt things = {.sql =
	"SELECT 'TABLE', table_name FROM information_schema.tables"
	" WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
	" AND table_name <> 'restore_unfinished'"
	" UNION ALL SELECT routine_type, routine_name"
	" FROM information_schema.routines WHERE routine_schema = DATABASE()"};

/* Before there are tables, only what needs none can be prepared. */
static struct stmt *const of_server[] = {&lock, &look, &things, NULL};
static struct stmt *const of_site[] = {&epochs, NULL};
static struct stmt *const *lists[8];

enum err
schema_prepare(struct stmt *const *list)
{
	size_t i = 0;

	while (lists[i] != NULL)
		i++;
	lists[i] = list;
	return db_check();
}

static enum err
take_lock(void)
{
	int64_t begun = clock_monotonic_ms();
	uint64_t got = 0;
	enum err e;

	do {
		e = db_query(&lock);
		if (e != OK)
			return e;
		if (db_next(&lock))
			got = db_u64(&lock, 0);
		db_done(&lock);
		if (got == 1)
			return OK;
	} while (clock_monotonic_ms() - begun < LOCK_WAIT_MS);
	complain("another migrate, backup or restore of this database does not"
	    " end");
	return ERR_CONFLICT;
}

static enum err
find_state(enum schema_state *state)
{
	uint64_t tables = 0, ours = 0, marks = 0, complete = 0;
	enum err e;

	e = db_query(&look);
	if (e != OK)
		return e;
	if (db_next(&look)) {
		tables = db_u64(&look, 0);
		ours = db_u64(&look, 1);
		marks = db_u64(&look, 2);
	}
	db_done(&look);
	if (marks > 0)
		*state = SCHEMA_RESTORING;
	else if (ours == 0)
		*state = tables == 0 ? SCHEMA_EMPTY : SCHEMA_FOREIGN;
	else
		*state = SCHEMA_TORN;
	if (marks > 0 || ours < 2)
		return OK;
	e = schema_prepare(of_site);
	if (e == OK)
		e = db_query(&epochs);
	if (e != OK)
		return e;
	if (db_next(&epochs))
		complete = db_u64(&epochs, 0);
	db_done(&epochs);
	if (complete > 0)
		*state = SCHEMA_COMPLETE;
	return OK;
}

enum err
schema_open(const struct instance *in, enum schema_state *state)
{
	enum err e;

	memset(lists, 0, sizeof(lists));
	lists[0] = of_server;
	e = db_open(&in->config, lists);
	if (e == OK)
		e = take_lock();
	return e == OK ? find_state(state) : e;
}

enum err
schema_refuse(const struct instance *in, enum schema_state state)
{
	const char *name = in->config.db_name;

	switch (state) {
	case SCHEMA_COMPLETE:
		return OK;
	case SCHEMA_EMPTY:
		complain("the database %s is empty", name);
		break;
	case SCHEMA_FOREIGN:
		complain("the database %s has tables, but not Natter's", name);
		break;
	case SCHEMA_TORN:
		complain("the database %s was cut short while it was loaded:"
		    " make it anew, empty", name);
		break;
	case SCHEMA_RESTORING:
		complain("the database %s holds a part of a backup: its restore"
		    " was cut short; say natter restore FILE again", name);
		break;
	}
	return ERR_CONFLICT;
}

static void
read_name(struct stmt *s, unsigned column, char *out, size_t size)
{
	out[db_bytes(s, column, out, size - 1)] = '\0';
}

enum err
schema_drop(void)
{
	char kind[16], name[65], *sql = NULL;
	size_t length = 0;
	enum err e;
	FILE *out;

	e = db_query(&things);
	if (e != OK)
		return e;
	out = open_memstream(&sql, &length);
	if (out == NULL)
		return ERR_INTERNAL;
	fputs("SET SESSION foreign_key_checks = 0;\n", out);
	while (db_next(&things)) {
		read_name(&things, 0, kind, sizeof(kind));
		read_name(&things, 1, name, sizeof(name));
		fprintf(out, "DROP %s `%s`;\n", kind, name);
	}
	db_done(&things);
	e = ERR_INTERNAL;
	if (fclose(out) == 0)
		e = db_script(sql, length);
	free(sql);
	return e;
}

void
schema_epoch(char text[static SCHEMA_EPOCH_SIZE])
{
	unsigned char bytes[(SCHEMA_EPOCH_SIZE - 1) / 2];

	token_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), text);
}
