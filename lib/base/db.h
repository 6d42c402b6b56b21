/*
 * base/db.h -- one connection, prepared statements, transactions.
 *
 * The files db*.c share db_private.h, the only one that includes <mysql.h>; it
 * compiles with MariaDB Connector/C and with libmysqlclient 8.
 *
 * Statements stand as `static struct stmt name = { .sql = "..." };` at the top
 * of the file that owns the table and are listed in that file's NULL-ended
 * array.  db_open() is told the lists and has the server check them all, so that
 * a wrong schema stops the start and names the statement.  What is in use is
 * prepared once per connection, when it is first wanted: each costs 10 KB here
 * and more in the server.
 *
 * Session utf8mb4, READ COMMITTED, strict sql_mode, UTC, lock waits of 1 s,
 *         connect/read/write time-outs of 1/2/2 s, no LOCAL INFILE.
 * Lost    A lost connection is ERR_UNAVAILABLE (logged once); db_ready()
 *         opens it anew at the start of the next request, never inside a
 *         transaction.  A server that can't be reached, or hung, is asked again
 *         a second or some later, and until then all is ERR_UNAVAILABLE at
 *         once.
 * Memory  Texts read from rows are in the caller's arena.  The config and the
 *         lists are borrowed until db_close().
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct config;
struct stmt_state;
struct text;

struct stmt {
	const char *sql;
	struct stmt_state *state;	/* db.c's own */
};

enum value_kind { VALUE_NULL, VALUE_U64, VALUE_I64, VALUE_TEXT, VALUE_BYTES };

struct value {
	enum value_kind kind;
	uint64_t u64;
	int64_t i64;
	const void *bytes;
	size_t length;
};

/* Arguments of a statement, in the order of its question marks. */
#define U64(v) ((struct value){.kind = VALUE_U64, .u64 = (v)})
#define I64(v) ((struct value){.kind = VALUE_I64, .i64 = (v)})
/* A C string; NULL is SQL's NULL. */
#define TEXT(s) db_value_text(s)
#define BYTES(p, n) \
	((struct value){.kind = VALUE_BYTES, .bytes = (p), .length = (n)})
#define NONE ((struct value){.kind = VALUE_NULL})

struct value db_value_text(const char *s);

/**
 * db_open(config, lists): connect and check all statements of the NULL-ended
 * array of lists.  ERR_UNAVAILABLE: no server; the first connection that comes
 * about later checks them.  ERR_INTERNAL: a statement does not fit the schema
 * (named in the log).
 */
enum err db_open(const struct config *config,
    struct stmt *const *const *lists);

/** db_check(): what was added to the lists since, on the same connection; for
 * tables that were not there when it was opened. */
enum err db_check(void);

/** db_ready(): the connection is usable; opens a lost one again. */
enum err db_ready(void);

/** db_answered_within(ms): the server was there so lately. */
bool db_answered_within(int64_t ms);

void db_close(void);

/** db_connection(): a number of the connection, another one for each: what was
 * read on an earlier one may be of another database. */
uint64_t db_connection(void);

/**
 * db_exec(stmt, arguments...): a statement without rows.
 * db_query(stmt, arguments...): a statement with rows (also CALL), then
 * db_next() until it is false, then nothing; or db_done() to leave early.
 * One query is open at a time per statement; rows are kept on the client side,
 * so other statements may run meanwhile.  Only the rows of a CALL have to be
 * read before: the next statement of any kind ends them.
 * A wrong number of arguments is ERR_INTERNAL, logged.
 */
#define db_exec(...) db_exec_values(DB_ARGUMENTS(__VA_ARGS__, NONE))
#define db_query(...) db_query_values(DB_ARGUMENTS(__VA_ARGS__, NONE))

/* The statement, then an array of a dummy and the arguments, and its length;
 * the NONE that the macros above append only makes an empty list legal. */
#define DB_ARGUMENTS(stmt, ...) \
	stmt, (const struct value[]){NONE, __VA_ARGS__}, \
	    sizeof((const struct value[]){NONE, __VA_ARGS__}) / \
	    sizeof(struct value) - 1

enum err db_exec_values(struct stmt *stmt, const struct value *values,
    size_t count);
enum err db_query_values(struct stmt *stmt, const struct value *values,
    size_t count);

/** db_next(stmt): step to the next row; false at the end. */
bool db_next(struct stmt *stmt);
void db_done(struct stmt *stmt);

bool db_is_null(struct stmt *stmt, unsigned column);
/** db_u64, db_i64: 0 for NULL. */
uint64_t db_u64(struct stmt *stmt, unsigned column);
int64_t db_i64(struct stmt *stmt, unsigned column);
/** db_text(stmt, column, arena): NUL-terminated; NULL for NULL. */
char *db_text(struct stmt *stmt, unsigned column, struct arena *arena);
/** db_bytes(stmt, column, out, size): bytes copied, 0 for NULL; never more. */
size_t db_bytes(struct stmt *stmt, unsigned column, void *out, size_t size);

/** Of the last db_exec(). */
uint64_t db_changed(void);	/* matched rows (CLIENT_FOUND_ROWS) */
uint64_t db_insert_id(void);
/** db_duplicate(): the last db_exec() or db_query() failed on a unique key;
 * it then returned ERR_CONFLICT and logged nothing. */
bool db_duplicate(void);

/**
 * db_transaction(body, argument): BEGIN, body, COMMIT when it returned OK, else
 * ROLLBACK.  A deadlock or lock time-out inside runs the whole body again, at
 * most 3 times with jitter, then ERR_UNAVAILABLE.  A COMMIT whose outcome is
 * unknown is ERR_UNAVAILABLE and never repeated: the client's idempotency key
 * decides.  Does not nest.  The body must be repeatable.
 */
enum err db_transaction(enum err (*body)(void *argument), void *argument);

/**
 * db_retrying(call, argument): the same repetition for one statement that is
 * its own transaction (a CALL).
 */
enum err db_retrying(enum err (*call)(void *argument), void *argument);

/**
 * db_script(sql, length): run a file of statements as the mysql client would,
 * with its DELIMITER lines; for schemas and backups.
 * db_run(statements, count): statements one by one; for migrations.  All of them
 * again, after a pause and for two minutes, when one can't have a lock.
 * On a connection of their own, without time-outs, but for locks: 1 s.  They
 * stop at the first error, which is logged with the statement's first line.
 * ERR_CONFLICT: what it makes is there, or what it drops is not, and no earlier
 * try of db_run() has seen to that.
 */
enum err db_script(const char *sql, size_t length);
enum err db_run(const struct text *statements, size_t count);

struct db_table {
	const char *name;
	const char *columns;	/* "`id`, `name`", in this order */
	const char *order;	/* "`id`": by what its rows are unique */
	const char *except;	/* SQL of the rows that are left out; NULL */
};

typedef enum err db_take(void *argument, const struct db_table *table,
    uint64_t rows, const char *sql, size_t length);

/**
 * db_dump(tables, count, take, argument): all rows of these tables as they are
 * at one moment, as scripts of one INSERT of some 512 KiB each, in order; take
 * gets each, and how many rows are in it.  The same rows are always the same
 * bytes.  Blocks nobody but who changes a table's columns, and waits for a slow
 * take.  What take returns but OK ends it and is returned.
 */
enum err db_dump(const struct db_table *tables, size_t count, db_take *take,
    void *argument);

#endif
