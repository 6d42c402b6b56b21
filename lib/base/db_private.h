/*
 * base/db_private.h -- what the files db*.c share; for nobody else.
 *
 * db.c has the connection, db_transaction.c transactions and their repetition,
 * db_stmt.c prepares statements and runs them, db_rows.c reads their rows,
 * db_script.c runs files of them, db_dump.c copies whole tables.
 *
 * The one place that includes <mysql.h>.  It may come from MariaDB Connector/C
 * or from libmysqlclient 8, and the former defines MYSQL_VERSION_ID as well,
 * so its own macro is asked first.
 * Source  https://mariadb.com/kb/en/mariadb-connector-c/
 *         https://dev.mysql.com/doc/c-api/8.0/en/
 */
#ifndef BASE_DB_PRIVATE_H
#define BASE_DB_PRIVATE_H

#if __has_include(<mysql.h>)
#include <mysql.h>
#elif __has_include(<mysql/mysql.h>)
#include <mysql/mysql.h>
#else
#include <mariadb/mysql.h>
#endif

/* Statements are prepared, and a connection is never replaced unseen. */
#pragma GCC poison mysql_real_escape_string mysql_escape_string
#pragma GCC poison MYSQL_OPT_RECONNECT

#include "base/db.h"

#if defined(MARIADB_PACKAGE_VERSION) || defined(MARIADB_BASE_VERSION)
#define DB_MARIADB_LIBRARY 1
typedef my_bool db_flag;
#elif MYSQL_VERSION_ID < 80001
#define DB_MARIADB_LIBRARY 0
typedef my_bool db_flag;
#else
#define DB_MARIADB_LIBRARY 0
typedef bool db_flag;
#endif

struct db {
	const struct config *config;
	struct stmt *const *const *lists;
	MYSQL *mysql;		/* NULL: there is no connection */
	int64_t asked_at_ms;	/* monotonic, as are the next three: when the
				 * server was asked last */
	int64_t used_at_ms;	/* when it answered */
	int64_t next_try_ms;	/* no new connection before */
	int64_t refused_at_ms;	/* when a refusal was in the log */
	bool down;		/* the outage is in the log */
	bool first;		/* nothing was asked since db_ready() */
	bool in_transaction;
	bool retry;		/* deadlock or lock time-out: begin anew */
	bool duplicate;
	uint64_t changed;
	uint64_t insert_id;
	struct stmt *call;	/* a CALL with result sets still to come */
};

struct param {
	uint64_t number;
	unsigned long length;
	db_flag is_null;
};

struct column {
	uint64_t number;
	char *text;		/* NULL: an integer */
	unsigned long length;
	unsigned long capacity;
	db_flag is_null;
	db_flag truncated;
};

struct stmt_state {
	MYSQL_STMT *handle;	/* NULL: not prepared on this connection */
	MYSQL_BIND *param_binds;
	struct param *params;
	size_t param_count;
	MYSQL_BIND *column_binds;
	struct column *columns;
	unsigned column_count;
	bool is_select;
	bool is_call;		/* its columns are known when it has run */
	bool open;
};

extern struct db db;

/** db_outcome_of(number): what a server's or library's error means. */
enum db_outcome { DB_DUPLICATE, DB_RETRY, DB_LOST, DB_REFUSED, DB_WRONG };
enum db_outcome db_outcome_of(unsigned number);

/** db_quotes_values(number): its message does, and values are never logged.  A
 * syntax error quotes the statement, in which values stand only in scripts. */
bool db_quotes_values(unsigned number);

/**
 * db_failed(number, message, what): what the error means for this connection;
 * logs it where that is due.  Closes the connection when it is lost.
 */
enum err db_failed(unsigned number, const char *message, const char *what);

/** db_connect(): a new connection in place of a lost one; ERR_UNAVAILABLE at
 * once when the last try, or what hung, is not long ago. */
enum err db_connect(void);

/** db_connection_open(answer_s, lock_s): one more connection with our settings;
 * answer_s 0: as long as it takes.  NULL: there is none; logged unless the
 * outage is in the log already.  The caller closes it. */
MYSQL *db_connection_open(unsigned answer_s, unsigned lock_s);

/* Whoever waits to change a table makes all wait who want to use it. */
#define DB_SCRIPT_LOCK_S 1

/** db_disconnect(): statements end with their connection. */
void db_disconnect(void);

/** db_settle(): read what an open CALL has still to say. */
enum err db_settle(void);

/** stmt_prepare(stmt): on the present connection; not open when it fails. */
enum err stmt_prepare(struct stmt *stmt);

/** stmt_failed(stmt): db_failed() with this statement's error. */
enum err stmt_failed(struct stmt *stmt);

/** stmt_close(stmt): before the connection goes; stmt_free(stmt): for good. */
void stmt_close(struct stmt *stmt);
void stmt_free(struct stmt *stmt);

#endif
