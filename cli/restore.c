/*
 * natter restore: a backup becomes what the instance serves.
 *
 * Nothing serves a part of it: the epoch goes first and comes last, and without
 * one no worker answers (model/site.h).  The table restore_unfinished stands
 * from the first step to the last, so that `natter up` refuses, and says why,
 * after a restore that was killed; another restore begins anew.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "cli/alone.h"
#include "cli/archive.h"
#include "cli/commands.h"
#include "cli/manifest.h"
#include "cli/migrations.h"
#include "cli/schema.h"
#include "cli/tables.h"
#include "model/site.h"

#define GONE_MS 5000	/* what was just stopped may still be hanging up */
#define POLL_MS 50

/* Of the same account, as all programs of Natter are. */
static struct stmt others = {.sql =
	"SELECT COUNT(*) FROM information_schema.processlist"
	" WHERE db = DATABASE() AND id <> CONNECTION_ID()"};

static struct stmt accounts = {.sql = "SELECT COUNT(*) FROM users"};

static struct stmt *const of_server[] = {&others, NULL};
static struct stmt *const of_users[] = {&accounts, NULL};

static enum err
count(struct stmt *s, uint64_t *value)
{
	enum err e;

	*value = 0;
	e = db_query(s);
	if (e != OK)
		return e;
	if (db_next(s))
		*value = db_u64(s, 0);
	db_done(s);
	return OK;
}

static enum err
may_replace(const struct instance *in, enum schema_state state, bool replace)
{
	uint64_t users = 0;
	enum err e;

	if (state == SCHEMA_FOREIGN ||
	    (state == SCHEMA_TORN && !in->config.db_private))
		return schema_refuse(in, state);
	if (state != SCHEMA_COMPLETE)
		return OK;
	e = schema_prepare(of_users);
	if (e == OK)
		e = schema_prepare(site_sql);
	if (e == OK)
		e = count(&accounts, &users);
	if (e != OK || users == 0 || replace)
		return e;
	complain("the database %s has %llu accounts; --replace puts the backup"
	    " in the place of all it holds", in->config.db_name,
	    (unsigned long long)users);
	return ERR_CONFLICT;
}

static enum err
nobody_else(const struct instance *in)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	int64_t begun = clock_monotonic_ms();
	uint64_t connections;
	enum err e;

	for (;;) {
		e = count(&others, &connections);
		if (e == OK && connections > 0)
			e = alone_turn();
		if (e != OK || connections == 0)
			return e;
		if (clock_monotonic_ms() - begun > GONE_MS)
			break;
		nanosleep(&pause, NULL);
	}
	complain("the database %s is in use, by %llu connections: stop natter"
	    " wherever it uses it", in->config.db_name,
	    (unsigned long long)connections);
	return ERR_CONFLICT;
}

static enum err
run_text(const char *sql)
{
	return db_script(sql, strlen(sql));
}

/* As if nothing had been tried. */
static void
give_up(enum schema_state state, const char *epoch)
{
	char sql[256];

	if (state == SCHEMA_RESTORING)
		return;
	snprintf(sql, sizeof(sql), "%s%s%s"
	    "DROP TABLE restore_unfinished;\n",
	    state == SCHEMA_COMPLETE ?
	    "INSERT INTO site (name, value) VALUES ('epoch', '" : "",
	    state == SCHEMA_COMPLETE ? epoch : "",
	    state == SCHEMA_COMPLETE ? "');\n" : "");
	run_text(sql);
}

/*
 * Asked twice: who connects after the epoch has gone does not serve, and who
 * came before is seen the second time.
 */
static enum err
claim(const struct instance *in, enum schema_state state)
{
	char epoch[EPOCH_SIZE] = "";
	enum err e;

	e = schema_prepare(of_server);
	if (e == OK)
		e = nobody_else(in);
	if (e != OK)
		return e;
	if (state == SCHEMA_COMPLETE)
		snprintf(epoch, sizeof(epoch), "%s", site_epoch());
	e = run_text("CREATE TABLE IF NOT EXISTS restore_unfinished"
	    " (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB");
	if (e == OK && state == SCHEMA_COMPLETE)
		e = run_text("DELETE FROM site WHERE name = 'epoch'");
	if (e == OK)
		e = nobody_else(in);
	if (e == ERR_CONFLICT)
		give_up(state, epoch);
	return e;
}

static enum err
load_member(void *argument, const struct member *m)
{
	enum err e;

	(void)argument;
	e = alone_turn();
	if (e != OK || (strncmp(m->name, MANIFEST_SCHEMA,
	    strlen(MANIFEST_SCHEMA)) != 0 && strncmp(m->name, MANIFEST_DATA,
	    strlen(MANIFEST_DATA)) != 0))
		return e;
	return db_script(m->bytes, m->length);
}

static enum err
sum_rows(void *argument, const struct db_table *table, uint64_t rows,
    const char *sql, size_t length)
{
	(void)table;
	(void)rows;
	digest_add(argument, sql, length);
	return alone_turn();
}

/* What was loaded is what was saved, to the byte. */
static enum err
compare(const struct manifest *m)
{
	struct digest *sum = digest_start();
	char data[DIGEST_TEXT_SIZE];
	enum err e;

	e = tables_dump(NULL, sum_rows, sum);
	digest_end(sum, data);
	if (e != OK || strcmp(data, m->data) == 0)
		return e;
	complain("what the database has is not what was loaded");
	return ERR_INTERNAL;
}

/* A link that was used since the backup would work a second time. */
static enum err
finish(char epoch[static SCHEMA_EPOCH_SIZE])
{
	char sql[256];

	schema_epoch(epoch);
	snprintf(sql, sizeof(sql), "START TRANSACTION;\n"
	    "DELETE FROM links;\n"
	    "INSERT INTO site (name, value) VALUES ('epoch', '%s');\n"
	    "COMMIT;\n"
	    "DROP TABLE restore_unfinished;\n", epoch);
	return run_text(sql);
}

static enum err
load(FILE *f, const struct manifest *m, char epoch[static SCHEMA_EPOCH_SIZE])
{
	enum err e;

	rewind(f);
	e = schema_drop();
	if (e == OK)
		e = archive_read(f, load_member, NULL);
	if (e == OK)
		e = compare(m);
	if (e == OK)
		e = finish(epoch);
	if (e != OK)
		complain("it is not restored, and nothing serves what there is"
		    " of it; say natter restore again");
	return e;
}

static enum err
put_back(const struct instance *in, FILE *f, const struct manifest *m,
    bool replace)
{
	int64_t begun = clock_monotonic_ms();
	char epoch[SCHEMA_EPOCH_SIZE];
	enum schema_state state;
	enum err e;

	e = schema_open(in, &state);
	if (e == OK)
		e = may_replace(in, state, replace);
	if (e == OK)
		e = claim(in, state);
	if (e == OK)
		e = load(f, m, epoch);
	if (e == OK)
		printf("restored in %.1f s, with the new epoch %s; natter up"
		    " serves it\n",
		    (double)(clock_monotonic_ms() - begun) / 1000, epoch);
	return e;
}

/* It is read twice: before anything is touched, all of it has been seen. */
static FILE *
open_backup(const struct instance *in, const char *path, struct manifest *m)
{
	FILE *f = fopen(path, "re");

	if (f == NULL || fseeko(f, 0, SEEK_END) != 0) {
		complain("can't read %s twice: %s", path, strerror(errno));
	} else {
		rewind(f);
		if (manifest_check(f, m) == OK &&
		    manifest_fits(m, migrations_last(in)) == OK)
			return f;
	}
	if (f != NULL)
		fclose(f);
	return NULL;
}

int
restore(struct instance *in, const struct arguments *a)
{
	struct manifest m;
	enum err e;
	FILE *f;

	f = open_backup(in, a->name, &m);
	if (f == NULL)
		return 1;
	manifest_print(stdout, &m);
	e = alone_begin(in);
	if (e == OK)
		e = put_back(in, f, &m, a->replace);
	db_close();
	alone_end(in);
	fclose(f);
	if (e == ERR_UNAVAILABLE)
		return failed(e, "restore");
	return e == OK ? 0 : 1;
}
