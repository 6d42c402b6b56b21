/*
 * On connections of their own: to change or to fill a large table takes longer
 * than any request may.
 */
#include "base/clock.h"
#include "base/db_private.h"
#include "base/log.h"
#include "base/script.h"

#define PATIENCE_MS 120000
#define PAUSE_MS 500	/* in which those who queued behind it are served */

/* What CREATE, ADD and DROP say when they have nothing left to do. */
static bool
is_done_already(unsigned number)
{
	return number == 1050 ||	/* table exists */
	    number == 1051 ||		/* unknown table */
	    number == 1060 ||		/* duplicate column */
	    number == 1061 ||		/* duplicate key name */
	    number == 1091 ||		/* can't drop: check that it exists */
	    number == 1304 ||		/* procedure exists */
	    number == 1305 ||		/* procedure does not exist */
	    number == 1826;		/* duplicate foreign key, MySQL */
}

static bool
is_quoting(unsigned number)
{
	return number == 1064 ||	/* syntax: near what stands there */
	    db_quotes_values(number);
}

static enum err
script_failed(MYSQL *mysql, struct text statement)
{
	unsigned number = mysql_errno(mysql);
	struct text line = statement;

	text_split(&statement, '\n', &line);
	log_error("script: %u %s in: %.*s", number,
	    is_quoting(number) ? "" : mysql_error(mysql),
	    line.length > 200 ? 200 : (int)line.length, line.data);
	if (is_done_already(number))
		return ERR_CONFLICT;
	return db_outcome_of(number) == DB_WRONG ? ERR_INTERNAL : ERR_UNAVAILABLE;
}

static enum err
run_statement(MYSQL *mysql, struct text statement)
{
	int rc = mysql_real_query(mysql, statement.data,
	    (unsigned long)statement.length);

	while (rc == 0) {
		MYSQL_RES *rows = mysql_store_result(mysql);

		if (rows != NULL)
			mysql_free_result(rows);
		rc = mysql_next_result(mysql);
	}
	return rc <= 0 ? OK : script_failed(mysql, statement);
}

enum err
db_script(const char *sql, size_t length)
{
	MYSQL *mysql = db_connection_open(0, DB_SCRIPT_LOCK_S);
	struct script script;
	struct text statement;
	enum err e = OK;

	if (mysql == NULL)
		return ERR_UNAVAILABLE;
	script_start(&script, sql, length);
	while (e == OK && script_next(&script, &statement))
		e = run_statement(mysql, statement);
	mysql_close(mysql);
	return e;
}

/* ${*reached}: the statements that ran at an earlier try.  Those that commit by
 * themselves have left what they made, and may say so. */
static enum err
run_all(MYSQL *mysql, const struct text *statements, size_t count,
    size_t *reached)
{
	enum err e = OK;
	size_t i;

	for (i = 0; i < count && e == OK; i++) {
		e = run_statement(mysql, statements[i]);
		if (e == ERR_CONFLICT && i < *reached)
			e = OK;
		if (e == OK && i >= *reached)
			*reached = i + 1;
	}
	return e;
}

enum err
db_run(const struct text *statements, size_t count)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int64_t began_at_ms = clock_monotonic_ms();
	MYSQL *mysql = db_connection_open(0, DB_SCRIPT_LOCK_S);
	size_t reached = 0;
	enum err e;

	if (mysql == NULL)
		return ERR_UNAVAILABLE;
	for (;;) {
		e = run_all(mysql, statements, count, &reached);
		if (e == OK || db_outcome_of(mysql_errno(mysql)) != DB_RETRY ||
		    clock_monotonic_ms() - began_at_ms > PATIENCE_MS ||
		    mysql_query(mysql, "ROLLBACK") != 0)
			break;
		nanosleep(&pause, NULL);
	}
	mysql_close(mysql);
	return e;
}
