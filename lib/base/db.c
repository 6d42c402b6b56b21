#include <openssl/crypto.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/db_private.h"
#include "base/log.h"

/*
 * A request is answered within 3 s, whatever the database does; nginx sees to
 * that, and these see to it that there is somebody to answer the next.  The
 * wait for a lock is shorter than that for an answer, so that it ends as
 * itself, and not as a lost connection.
 */
#define CONNECT_S 1
#define ANSWER_S 2
#define LOCK_S 1

#define IDLE_MS 30000		/* after that a connection is tried out first */
#define RECONNECT_MS 1000
#define HUNG_MS 500		/* no server that works takes so long to fail */
#define REFUSED_EVERY_MS 1000
#define PASSWORD_SIZE 256

struct db db;

/* Outlives what db_close() wipes, so that no number comes again. */
static uint64_t connections;

/* Numbers and not names: the two libraries do not have the same names. */
enum db_outcome
db_outcome_of(unsigned number)
{
	switch (number) {
	case 1062:	/* duplicate key */
		return DB_DUPLICATE;
	case 1205:	/* lock wait time-out: only the statement is undone */
	case 1213:	/* deadlock: the transaction is undone */
		return DB_RETRY;
	case 1040:	/* too many connections */
	case 1047:	/* a cluster's node that is not ready */
	case 1053:	/* shutdown in progress */
	case 1158:	/* the server could not read from us, */
	case 1159:	/* not in time, */
	case 1160:	/* or not write, */
	case 1161:	/* or not in time */
	case 1180:	/* error during COMMIT */
	case 1461:	/* too many prepared statements */
	case 1927:	/* connection was killed */
	case 2002:	/* cannot connect: socket */
	case 2003:	/* cannot connect: host */
	case 2006:	/* server has gone away */
	case 2013:	/* lost during a query, or a time-out of ours */
	case 2014:	/* answers out of step */
	case 2055:	/* lost, with the system's error */
	case 2057:	/* the table has other columns now: prepare anew */
	case 4031:	/* disconnected by the server for being idle */
		return DB_LOST;
	case 1021:	/* disk full */
	case 1026:	/* error writing a file */
	case 1030:	/* error of the storage engine */
	case 1037:	/* out of memory */
	case 1041:	/* out of memory, or of resources */
	case 1114:	/* table full */
	case 1226:	/* the account has used up what it may */
	case 1290:	/* the server is read-only */
	case 1317:	/* query interrupted */
	case 1792:	/* read-only transaction */
	case 1836:	/* read-only mode */
	case 1874:	/* InnoDB is read-only */
	case 1969:	/* took longer than the server allows, MariaDB */
	case 3024:	/* the same, MySQL */
		return DB_REFUSED;
	default:
		return DB_WRONG;
	}
}

bool
db_quotes_values(unsigned number)
{
	switch (number) {
	case 1062:	/* duplicate key */
	case 1291:	/* the same value twice in a set */
	case 1292:	/* cut short: no number, no time */
	case 1300:	/* not of its character set */
	case 1366:	/* wrong for its column */
	case 1367:	/* wrong where a statement is read */
	case 1411:	/* wrong for a function */
	case 1470:	/* too long for a name */
	case 1525:	/* wrong, of some kind */
	case 1526:	/* no partition for it */
	case 1569:	/* duplicate after counting anew */
	case 1586:	/* duplicate key, with its name */
	case 1690:	/* out of range, in this expression */
	case 1916:	/* too much for a conversion, */
	case 1917:	/* cut short by it, */
	case 1918:	/* or wrong for it */
	case 1977:	/* a character that can't be converted */
	case 3854:	/* the same of a text, MySQL */
		return true;
	default:
		return false;
	}
}

/* A server that hung is left alone for as long: trying takes time, too. */
static void
leave_alone(void)
{
	int64_t now = clock_monotonic_ms(), took = now - db.asked_at_ms;

	db.next_try_ms = now + (took > RECONNECT_MS ? took : RECONNECT_MS);
}

static void
leave_alone_if_hung(void)
{
	if (clock_monotonic_ms() - db.asked_at_ms >= HUNG_MS)
		leave_alone();
}

/* A server that takes no changes says so to every request. */
static bool
refusal_is_news(void)
{
	int64_t now = clock_monotonic_ms();

	if (db.refused_at_ms != 0 &&
	    now - db.refused_at_ms < REFUSED_EVERY_MS)
		return false;
	db.refused_at_ms = now;
	return true;
}

void
db_disconnect(void)
{
	if (db.mysql == NULL)
		return;
	db.call = NULL;
	for (size_t i = 0; db.lists[i] != NULL; i++) {
		for (size_t j = 0; db.lists[i][j] != NULL; j++)
			stmt_close(db.lists[i][j]);
	}
	mysql_close(db.mysql);
	db.mysql = NULL;
}

enum err
db_failed(unsigned number, const char *message, const char *what)
{
	const char *text = db_quotes_values(number) ? "" : message;

	switch (db_outcome_of(number)) {
	case DB_DUPLICATE:
		db.duplicate = true;
		return ERR_CONFLICT;
	case DB_RETRY:
		db.retry = true;
		log_info("database: %u in: %.60s", number, what);
		return ERR_UNAVAILABLE;
	case DB_LOST:
		if (!db.down)
			log_error("database: lost, %u %s in: %.60s", number,
			    text, what);
		db.down = true;
		db.retry = false;
		leave_alone_if_hung();
		db_disconnect();
		return ERR_UNAVAILABLE;
	case DB_REFUSED:
		if (refusal_is_news())
			log_error("database: %u %s in: %.60s", number, text,
			    what);
		return ERR_UNAVAILABLE;
	case DB_WRONG:
		break;
	}
	log_error("database: %u %s in: %.200s", number, text, what);
	return ERR_INTERNAL;
}

static bool
set_options(MYSQL *mysql, unsigned answer_s)
{
	const unsigned connect_s = CONNECT_S, off = 0;

#if !DB_MARIADB_LIBRARY && MYSQL_VERSION_ID >= 80001
	/* caching_sha2_password without TLS wants the server's key. */
	const bool on = true;

	mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &on);
#endif
	if (answer_s > 0) {
		mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &answer_s);
		mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_s);
	}
	return mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT,
	    &connect_s) == 0 &&
	    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off) == 0 &&
	    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4") == 0;
}

/*
 * A server may have a limit for statements, and hang up on who stops reading for
 * a minute.  MariaDB executes the first of these comments, MySQL the second.
 */
static bool
set_patience(MYSQL *mysql)
{
	return mysql_query(mysql, "SET SESSION net_write_timeout = 86400"
	    " /*M!100101 , SESSION max_statement_time = 0 */"
	    " /*!50708 , SESSION max_execution_time = 0 */") == 0;
}

static bool
set_session(MYSQL *mysql, unsigned lock_s)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_520_ci,"
	    " SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,"
	    "NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,ONLY_FULL_GROUP_BY,"
	    "NO_ENGINE_SUBSTITUTION',"
	    " SESSION time_zone = '+00:00',"
	    " SESSION group_concat_max_len = 16777216,"
	    " SESSION innodb_lock_wait_timeout = %u,"
	    " SESSION lock_wait_timeout = %u", lock_s, lock_s);
	/* As a variable it has two names: tx_isolation is MariaDB's old one. */
	return mysql_query(mysql, sql) == 0 && mysql_query(mysql,
	    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED") == 0;
}

/* No password file means none is asked for: the server knows the user. */
static enum err
read_password(char password[static PASSWORD_SIZE])
{
	enum err e = config_secret(db.config->db_password_file, password,
	    PASSWORD_SIZE);

	if (e == ERR_NOT_FOUND) {
		password[0] = '\0';
		e = OK;
	}
	return e;
}

MYSQL *
db_connection_open(unsigned answer_s, unsigned lock_s)
{
	const struct config *config = db.config;
	const char *socket = config->db_socket;
	char private_socket[108];
	char password[PASSWORD_SIZE];
	MYSQL *mysql;
	bool fits = true, with_password, connected;

	if (config->db_private) {
		fits = config_path(config, "run/db.sock", private_socket,
		    sizeof(private_socket));
		socket = private_socket;
	}
	if (!fits || read_password(password) != OK) {
		log_error("database: no usable socket or password file");
		return NULL;
	}
	with_password = password[0] != '\0';
	mysql = mysql_init(NULL);
	connected = mysql != NULL && set_options(mysql, answer_s) &&
	    mysql_real_connect(mysql, socket != NULL ? NULL : config->db_host,
	    config->db_user, password, config->db_name,
	    socket != NULL ? 0 : config->db_port, socket,
	    CLIENT_FOUND_ROWS | CLIENT_MULTI_RESULTS) != NULL &&
	    set_session(mysql, lock_s) &&
	    (answer_s > 0 || set_patience(mysql));
	explicit_bzero(password, sizeof(password));
	if (connected)
		return mysql;
	if (mysql != NULL && !db.down)
		log_error("database: cannot connect%s: %u %s",
		    with_password ? "" : " without a password file",
		    mysql_errno(mysql), mysql_error(mysql));
	if (mysql != NULL)
		mysql_close(mysql);
	return NULL;
}

/* MariaDB also prepares the CALL of a procedure that is not there. */
static enum err
check_procedure(const struct stmt *stmt)
{
	const char *name = stmt->sql + strlen("CALL ");
	char sql[128];

	snprintf(sql, sizeof(sql), "SHOW CREATE PROCEDURE %.*s",
	    (int)strcspn(name, "("), name);
	if (mysql_query(db.mysql, sql) != 0)
		return db_failed(mysql_errno(db.mysql),
		    mysql_error(db.mysql), stmt->sql);
	mysql_free_result(mysql_store_result(db.mysql));
	return OK;
}

/* A statement with a state was found to fit the schema. */
static enum err
check_once(struct stmt *stmt)
{
	enum err e;

	if (stmt->state != NULL)
		return OK;
	e = stmt_prepare(stmt);
	if (e == OK && stmt->state->is_call)
		e = check_procedure(stmt);
	if (e == OK)
		stmt_close(stmt);
	else
		stmt_free(stmt);
	return e;
}

enum err
db_check(void)
{
	if (db.mysql == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; db.lists[i] != NULL; i++) {
		for (size_t j = 0; db.lists[i][j] != NULL; j++) {
			enum err e = check_once(db.lists[i][j]);

			if (e != OK)
				return e;
		}
	}
	return OK;
}

enum err
db_connect(void)
{
	enum err e;

	if (db.config == NULL || clock_monotonic_ms() < db.next_try_ms)
		return ERR_UNAVAILABLE;
	db.asked_at_ms = clock_monotonic_ms();
	db.mysql = db_connection_open(ANSWER_S, LOCK_S);
	if (db.mysql == NULL) {
		db.down = true;
		leave_alone();
		return ERR_UNAVAILABLE;
	}
	connections++;
	e = db_check();
	if (e != OK) {
		db_disconnect();
		leave_alone();
		return e;
	}
	if (db.down)
		log_info("database: connected again");
	db.down = false;
	db.used_at_ms = clock_monotonic_ms();
	return OK;
}

enum err
db_open(const struct config *config, struct stmt *const *const *lists)
{
	db = (struct db){.config = config, .lists = lists, .first = true};
	/* Else libmariadb has the texts of errors loaded that nobody reads. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL);
	return db_connect();
}

enum err
db_ready(void)
{
	if (db.in_transaction) {
		log_error("database: db_ready() inside a transaction");
		return ERR_INTERNAL;
	}
	db.first = true;
	db.retry = false;
	if (db.mysql == NULL)
		return db_connect();
	if (clock_monotonic_ms() - db.used_at_ms <= IDLE_MS)
		return OK;
	db.asked_at_ms = clock_monotonic_ms();
	if (db_settle() == OK && mysql_ping(db.mysql) == 0) {
		db.used_at_ms = clock_monotonic_ms();
		return OK;
	}
	leave_alone_if_hung();
	db_disconnect();
	return db_connect();
}

bool
db_answered_within(int64_t ms)
{
	return db.mysql != NULL &&
	    clock_monotonic_ms() - db.used_at_ms < ms;
}

void
db_close(void)
{
	db_disconnect();
	for (size_t i = 0; db.lists != NULL && db.lists[i] != NULL; i++) {
		for (size_t j = 0; db.lists[i][j] != NULL; j++)
			stmt_free(db.lists[i][j]);
	}
	db = (struct db){0};
}

uint64_t
db_connection(void)
{
	return connections;
}
