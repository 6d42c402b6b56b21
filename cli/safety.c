#include "cli/safety.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"

#define VALUE_SIZE 256
/* A message of the longest text, with its HTML (model/render.h). */
#define PACKET_LEAST (1024u * 1024)
/* pushd, and one for the command line. */
#define CONNECTIONS_BESIDE 2u
#define STATEMENTS_EACH 200u

/* Our session's where there is one, so that whatever stands between us and the
 * server and keeps our settings from it is found out. */
static struct stmt variables = {.sql =
	"SHOW SESSION VARIABLES WHERE Variable_name IN ("
	"'innodb_flush_log_at_trx_commit', 'innodb_flush_method',"
	" 'innodb_doublewrite', 'log_bin', 'sync_binlog', 'binlog_format',"
	" 'read_only', 'sql_mode', 'tx_isolation', 'transaction_isolation',"
	" 'max_allowed_packet', 'max_connections', 'max_prepared_stmt_count',"
	" 'character_set_database', 'version')"};

static struct stmt *const safety_sql[] = {&variables, NULL};
static struct stmt *const *const lists[] = {safety_sql, NULL};

/* What else a setting's meaning depends on. */
struct server {
	uint64_t connections;		/* that we need */
	bool binlog;
};

static bool
is_any(const char *value, const struct server *s)
{
	(void)value;
	(void)s;
	return true;
}

static bool
is_flushed(const char *value, const struct server *s)
{
	(void)s;
	/* 3 is MariaDB's, and flushes even more often. */
	return strcmp(value, "1") == 0 || strcmp(value, "3") == 0;
}

static bool
is_synced(const char *value, const struct server *s)
{
	return !s->binlog || strcmp(value, "1") == 0;
}

static bool
is_not_nosync(const char *value, const struct server *s)
{
	(void)s;
	return strcmp(value, "nosync") != 0;
}

static bool
is_on(const char *value, const struct server *s)
{
	(void)s;
	return strcmp(value, "OFF") != 0 && strcmp(value, "0") != 0;
}

static bool
is_off(const char *value, const struct server *s)
{
	return !is_on(value, s);
}

static bool
takes_our_changes(const char *value, const struct server *s)
{
	return !s->binlog || strcmp(value, "STATEMENT") != 0;
}

static bool
is_strict(const char *value, const struct server *s)
{
	(void)s;
	return strstr(value, "STRICT_TRANS_TABLES") != NULL;
}

static bool
is_read_committed(const char *value, const struct server *s)
{
	(void)s;
	return strcmp(value, "READ-COMMITTED") == 0;
}

static bool
holds_a_message(const char *value, const struct server *s)
{
	(void)s;
	return strtoull(value, NULL, 10) >= PACKET_LEAST;
}

static bool
has_places(const char *value, const struct server *s)
{
	return strtoull(value, NULL, 10) >= s->connections;
}

static bool
holds_statements(const char *value, const struct server *s)
{
	return strtoull(value, NULL, 10) >= s->connections * STATEMENTS_EACH;
}

static bool
is_utf8mb4(const char *value, const struct server *s)
{
	(void)s;
	return strcmp(value, "utf8mb4") == 0;
}

enum weight { ADVICE, LOSES, BREAKS };

#define A_PROXY "a proxy before the server may not keep what each connection" \
	" sets; connect without it"

/* clang-format off */
static const struct need {
	const char *name;
	const char *what;
	bool (*good)(const char *value, const struct server *s);
	enum weight weight;
	const char *advice;
} needs[] = {
	{"version", "database", is_any, ADVICE, ""},
	{"innodb_flush_log_at_trx_commit", "flush at commit", is_flushed, LOSES,
	    "set it to 1, or a crash of the host loses answered messages"},
	{"innodb_flush_method", "flush method", is_not_nosync, LOSES,
	    "set it to fsync, or a crash of the host loses answered messages"},
	{"sync_binlog", "sync of binary log", is_synced, LOSES,
	    "set it to 1, as there is a binary log: without, a crash of the"
	    " host loses answered messages"},
	{"innodb_doublewrite", "doublewrite", is_on, ADVICE,
	    "set it to ON, unless the file system writes whole pages"},
	{"binlog_format", "binary log format", takes_our_changes, BREAKS,
	    "set it to MIXED or ROW: with STATEMENT every change is refused"},
	{"read_only", "read-only", is_off, BREAKS,
	    "set it to 0, or name the server that takes changes"},
	{"sql_mode", "strict mode", is_strict, BREAKS, A_PROXY},
	{"tx_isolation", "isolation", is_read_committed, BREAKS, A_PROXY},
	{"transaction_isolation", "isolation", is_read_committed, BREAKS,
	    A_PROXY},
	{"max_allowed_packet", "longest packet", holds_a_message, BREAKS,
	    "set it to 16M: a long message would not fit"},
	{"max_connections", "connections", has_places, BREAKS,
	    "raise it: each worker holds a connection"},
	{"max_prepared_stmt_count", "prepared statements", holds_statements,
	    ADVICE, "raise it: each connection prepares some 120"},
	{"character_set_database", "character set", is_utf8mb4, ADVICE,
	    "ALTER DATABASE ... CHARACTER SET utf8mb4: Natter's tables say"
	    " theirs, others in it would not"},
};
/* clang-format on */

#define NEED_COUNT (sizeof(needs) / sizeof(needs[0]))

struct values {
	char of[NEED_COUNT][VALUE_SIZE];	/* "": there is none */
	struct server server;
};

static enum err
read_values(const struct instance *in, struct values *v)
{
	char name[64];
	enum err e;
	size_t i;

	memset(v, 0, sizeof(*v));
	v->server.connections = (uint64_t)in->config.workers +
	    in->config.auth_workers + CONNECTIONS_BESIDE;
	e = db_open(&in->config, lists);
	if (e == OK)
		e = db_query(&variables);
	if (e != OK)
		goto out;
	while (db_next(&variables)) {
		name[db_bytes(&variables, 0, name, sizeof(name) - 1)] = '\0';
		for (i = 0; i < NEED_COUNT; i++) {
			if (strcmp(needs[i].name, name) == 0)
				db_bytes(&variables, 1, v->of[i],
				    VALUE_SIZE - 1);
		}
		if (strcmp(name, "log_bin") == 0) {
			db_bytes(&variables, 1, name, sizeof(name) - 1);
			v->server.binlog = strncmp(name, "ON", 2) == 0;
		}
	}
	db_done(&variables);
out:
	db_close();
	return e;
}

static enum finding
judge(const struct instance *in, const struct values *v, size_t i)
{
	if (needs[i].good(v->of[i], &v->server))
		return GOOD;
	if (needs[i].weight == BREAKS || (needs[i].weight == LOSES &&
	    in->config.db_may_lose_messages == 0))
		return BAD;
	return WARN;
}

enum err
safety_show(const struct instance *in, safety_row *show)
{
	struct values v;
	enum err e;
	size_t i;

	e = read_values(in, &v);
	for (i = 0; i < NEED_COUNT && e == OK; i++) {
		if (v.of[i][0] != '\0')
			show(judge(in, &v, i), needs[i].what, v.of[i],
			    needs[i].advice);
	}
	return e;
}

static enum err
say(const struct instance *in, const struct values *v)
{
	enum finding finding;
	enum err e = OK;
	size_t i;

	for (i = 0; i < NEED_COUNT; i++) {
		finding = v->of[i][0] != '\0' ? judge(in, v, i) : GOOD;
		if (finding == GOOD)
			continue;
		complain("the database server has %s = %s: %s", needs[i].name,
		    v->of[i], needs[i].advice);
		if (finding != BAD)
			continue;
		e = ERR_CONFLICT;
		if (needs[i].weight == LOSES)
			complain("to start all the same: [database]"
			    " may_lose_messages = 1");
	}
	return e;
}

enum err
safety_check(const struct instance *in)
{
	struct values v;
	enum err e;

	e = read_values(in, &v);
	return e == OK ? say(in, &v) : e;
}
