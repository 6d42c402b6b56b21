/*
 * natter doctor: a table of what was looked at.  Each line says in its last
 * column what to do, where something is to be done.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/db.h"
#include "cli/commands.h"
#include "cli/migrate.h"
#include "cli/ready.h"
#include "events/board.h"
#include "model/site.h"

#define DISK_LOW_MB 500u
#define DISK_FULL_MB 50u
#define BEAT_MS 60000
#define ARENA_BYTES (1024u * 1024)

static struct stmt server = {.sql =
	"SELECT VERSION(), @@innodb_flush_log_at_trx_commit, @@log_bin,"
	" @@sync_binlog, @@max_connections, @@max_prepared_stmt_count,"
	" (SELECT default_character_set_name FROM information_schema.schemata"
	" WHERE schema_name = DATABASE())"};

static struct stmt *const doctor_sql[] = {&server, NULL};
static struct stmt *const *const lists[] = {doctor_sql, site_sql, NULL};

enum finding { GOOD, WARN, BAD };

static unsigned bad_count;

static void row(enum finding finding, const char *what, const char *advice,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

static void
row(enum finding finding, const char *what, const char *advice,
    const char *format, ...)
{
	static const char *const words[] = {"ok", "warn", "BAD"};
	char found[160];
	va_list list;

	va_start(list, format);
	vsnprintf(found, sizeof(found), format, list);
	va_end(list);
	if (finding == BAD)
		bad_count++;
	printf("%-5s %-22s %-34s %s\n", words[finding], what, found,
	    finding == GOOD ? "" : advice);
}

static void
look_at_disk(const struct instance *in)
{
	struct statvfs disk;
	uint64_t free_mb;

	if (statvfs(in->config.var, &disk) != 0) {
		row(BAD, "disk", "natter up makes the folder", "%s: %s",
		    in->config.var, strerror(errno));
		return;
	}
	free_mb = (uint64_t)disk.f_bavail * disk.f_frsize / (1024 * 1024);
	row(free_mb < DISK_FULL_MB ? BAD : free_mb < DISK_LOW_MB ? WARN : GOOD,
	    "disk", "make room", "%llu MB free in %s",
	    (unsigned long long)free_mb, in->config.var);
}

static void
look_at_durability(struct stmt *s)
{
	uint64_t flush = db_u64(s, 1), binlog = db_u64(s, 2);
	uint64_t sync = db_u64(s, 3);

	row(flush == 1 ? GOOD : BAD, "flush at commit",
	    "set innodb_flush_log_at_trx_commit=1, or a crash of the host"
	    " loses answered messages", "%llu", (unsigned long long)flush);
	if (binlog == 0)
		row(GOOD, "binary log", "", "off");
	else
		row(sync == 1 ? GOOD : WARN, "binary log",
		    "set sync_binlog=1, or replicas may miss messages after a"
		    " crash", "on, sync_binlog %llu", (unsigned long long)sync);
}

static void
look_at_room(const struct instance *in, struct stmt *s)
{
	uint64_t need = in->config.workers + in->config.auth_workers + 2u;

	row(db_u64(s, 4) >= need ? GOOD : BAD, "connections",
	    "raise max_connections", "%llu allowed, %llu needed",
	    (unsigned long long)db_u64(s, 4), (unsigned long long)need);
	row(db_u64(s, 5) >= need * 200 ? GOOD : WARN, "prepared statements",
	    "raise max_prepared_stmt_count", "%llu allowed",
	    (unsigned long long)db_u64(s, 5));
}

static void
look_at_schema(const struct instance *in)
{
	uint64_t version = 0, known = migrations_last(in);
	bool writable;

	if (site_check(&version, &writable) != OK) {
		row(BAD, "schema", "natter migrate", "not readable");
		return;
	}
	row(writable ? GOOD : BAD, "changes", "SET GLOBAL read_only = 0",
	    writable ? "taken" : "the server is read-only");
	row(version == known ? GOOD : BAD, "schema", version < known ?
	    "natter migrate" : "a newer natter wrote it: use that one",
	    "%llu, this program has %llu", (unsigned long long)version,
	    (unsigned long long)known);
	row(site_epoch()[0] != '\0' ? GOOD : BAD, "epoch", "natter migrate",
	    "%s", site_epoch());
}

static void
look_at_database(const struct instance *in, struct arena *arena)
{
	const char *charset;
	enum err e;

	e = db_open(&in->config, lists);
	if (e == OK)
		e = db_query(&server);
	if (e != OK) {
		row(BAD, "database", e == ERR_UNAVAILABLE ?
		    "is it running? (natter up)" : "natter migrate",
		    e == ERR_UNAVAILABLE ? "no answer" : "not Natter's tables");
		return;
	}
	if (db_next(&server)) {
		row(GOOD, "database", "", "%s", db_text(&server, 0, arena));
		look_at_durability(&server);
		look_at_room(in, &server);
		charset = db_text(&server, 6, arena);
		row(charset != NULL && strcmp(charset, "utf8mb4") == 0 ? GOOD :
		    WARN, "character set", "the tables have their own; new"
		    " ones by hand would not", "%s",
		    charset == NULL ? "unknown" : charset);
	}
	db_done(&server);
	look_at_schema(in);
}

static void
look_at_socket(const struct instance *in, const char *name, int type)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	char path[PATH_SIZE];
	bool answers;
	int fd;

	instance_file(in, name, path);
	snprintf(where.sun_path, sizeof(where.sun_path), "%.107s", path);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	answers = fd >= 0 &&
	    connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0;
	row(answers ? GOOD : BAD, "socket", "natter up, or its log in VAR/log",
	    "%s%s%s", name, answers ? "" : ": ",
	    answers ? "" : strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void
look_at_push(const struct instance *in)
{
	int64_t alive, round_trip, now = clock_now_ms();
	struct board *board;
	char path[PATH_SIZE];

	board = board_open(instance_file(in, "run/board", path), false);
	alive = now - board_alive_at_ms(board);
	round_trip = now - board_round_trip_at_ms(board);
	board_close(board);
	row(alive < BEAT_MS ? GOOD : BAD, "pushd", "see VAR/log/pushd.log",
	    alive < BEAT_MS ? "beat %lld ms ago" : "no beat",
	    (long long)alive);
	row(round_trip < BEAT_MS ? GOOD : BAD, "push round trip",
	    "see VAR/log/push.log and pushd.log", round_trip < BEAT_MS ?
	    "%lld ms ago" : "none", (long long)round_trip);
}

static void
look_at_processes(const struct instance *in)
{
	unsigned status;

	look_at_socket(in, "run/app.sock", SOCK_STREAM);
	look_at_socket(in, "run/auth.sock", SOCK_STREAM);
	look_at_socket(in, "run/push-sub.sock", SOCK_STREAM);
	look_at_socket(in, "run/push-pub/pub.sock", SOCK_STREAM);
	look_at_socket(in, "run/wait.sock", SOCK_STREAM);
	look_at_socket(in, "run/notices.sock", SOCK_SEQPACKET);
	look_at_push(in);
	status = ready_status(in);
	row(status == 200 ? GOOD : BAD, "readyz", "it lists its parts",
	    "%u on %s%s", status, in->config.listen, in->config.path);
}

int
doctor(struct instance *in, const struct arguments *a)
{
	struct arena *arena = arena_new(ARENA_BYTES);

	(void)a;
	row(GOOD, "settings", "", "%s", in->config.url);
	look_at_disk(in);
	look_at_database(in, arena);
	if (instance_supervisor(in) == 0)
		row(BAD, "processes", "natter up", "not running");
	else
		look_at_processes(in);
	arena_free(arena);
	return bad_count == 0 ? 0 : 1;
}
