#include "base/clock.h"
#include "base/db_private.h"
#include "base/log.h"
#include "base/token.h"

#define RETRIES 3
#define RETRY_WITHIN_MS 1500	/* one more wait for a lock fits in then */
#define PAUSE_MS 20

/* A sentence without parameters. */
static enum err
say(const char *sql)
{
	enum err e = db_settle();

	if (e != OK)
		return e;
	if (db.mysql == NULL)
		return ERR_UNAVAILABLE;
	db.asked_at_ms = clock_monotonic_ms();
	if (mysql_query(db.mysql, sql) != 0)
		return db_failed(mysql_errno(db.mysql),
		    mysql_error(db.mysql), sql);
	db.used_at_ms = clock_monotonic_ms();
	return OK;
}

/* Nothing has happened yet, so a lost connection may be replaced here. */
static enum err
begin(void)
{
	bool first = db.first;
	enum err e = say("START TRANSACTION");

	db.first = false;
	if (e != OK && db.mysql == NULL && first) {
		e = db_connect();
		if (e == OK)
			e = say("START TRANSACTION");
	}
	return e;
}

/*
 * Whatever COMMIT answers but OK: after a deadlock it has not happened (a
 * cluster says so at this point); else nobody knows, and the connection is
 * given up.
 */
static enum err
commit(void)
{
	enum err e = say("COMMIT");

	if (e == OK || db.retry)
		return e;
	db_disconnect();
	return ERR_UNAVAILABLE;
}

static void
undo(void)
{
	if (db.mysql != NULL && say("ROLLBACK") != OK)
		db_disconnect();
}

static enum err
once(enum err (*body)(void *argument), void *argument)
{
	enum err e = begin();

	if (e != OK)
		return e;
	db.in_transaction = true;
	e = body(argument);
	if (e == OK && (db.retry || db.mysql == NULL))
		e = ERR_UNAVAILABLE;
	if (e == OK)
		e = commit();
	if (e != OK)
		undo();
	db.in_transaction = false;
	return e;
}

/* A CALL that was interrupted may leave its transaction open, which the next
 * START TRANSACTION would commit. */
static enum err
call_once(enum err (*call)(void *argument), void *argument)
{
	enum err e = call(argument);

	if (e != OK)
		undo();
	return e;
}

static void
pause_before(int next_try)
{
	unsigned char random[2];
	long most_ms = PAUSE_MS * next_try;
	struct timespec pause = {0};

	token_bytes(random, sizeof(random));
	pause.tv_nsec = (1 + (random[0] * 256L + random[1]) % most_ms) *
	    1000000;
	nanosleep(&pause, NULL);
}

static enum err
repeat(bool transaction, enum err (*body)(void *argument), void *argument)
{
	int64_t began_at_ms = clock_monotonic_ms();
	enum err e;

	if (db.in_transaction) {
		log_error("database: a transaction inside a transaction");
		return ERR_INTERNAL;
	}
	for (int next_try = 1; ; next_try++) {
		db.retry = false;
		e = transaction ? once(body, argument) :
		    call_once(body, argument);
		if (e == OK || !db.retry || db.mysql == NULL)
			break;
		if (next_try > RETRIES ||
		    clock_monotonic_ms() - began_at_ms > RETRY_WITHIN_MS) {
			log_warn("database: gave up after %d tries", next_try);
			e = ERR_UNAVAILABLE;
			break;
		}
		pause_before(next_try);
	}
	db.retry = false;
	return e;
}

enum err
db_transaction(enum err (*body)(void *argument), void *argument)
{
	return repeat(true, body, argument);
}

enum err
db_retrying(enum err (*call)(void *argument), void *argument)
{
	return repeat(false, call, argument);
}
