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

#include "base/clock.h"
#include "base/db.h"
#include "cli/commands.h"
#include "cli/migrate.h"
#include "cli/ready.h"
#include "cli/safety.h"
#include "events/board.h"
#include "model/site.h"

#define DISK_LOW_MB 500u
#define DISK_FULL_MB 50u
#define BEAT_MS 60000

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
show_setting(enum finding finding, const char *what, const char *value,
    const char *advice)
{
	row(finding, what, advice, "%.34s", value);
}

static void
look_at_schema(const struct instance *in)
{
	static struct stmt *const *const lists[] = {site_sql, NULL};
	uint64_t version = 0, known = migrations_last(in);
	enum err e;

	e = db_open(&in->config, lists);
	if (e == OK)
		e = site_check(&version, NULL);
	if (e != OK) {
		row(BAD, "schema", "natter migrate", "not readable");
		return;
	}
	row(version == known ? GOOD : BAD, "schema", version < known ?
	    "natter migrate" : "a newer natter wrote it: use that one",
	    "%llu, this program has %llu", (unsigned long long)version,
	    (unsigned long long)known);
	row(site_epoch()[0] != '\0' ? GOOD : BAD, "epoch", "natter migrate",
	    "%s", site_epoch());
}

static void
look_at_database(const struct instance *in)
{
	enum err e;

	e = safety_show(in, show_setting);
	if (e == OK)
		look_at_schema(in);
	else
		row(BAD, "database", "is it running? (natter up)", "no answer");
	db_close();
}

static void
look_at_socket(const struct instance *in, const char *name, int type)
{
	bool answers = socket_answers(in, name, type);

	row(answers ? GOOD : BAD, "socket", "natter up, or its log in VAR/log",
	    "%s%s%s", name, answers ? "" : ": ",
	    answers ? "" : strerror(errno));
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
	(void)a;
	row(GOOD, "settings", "", "%s", in->config.url);
	look_at_disk(in);
	look_at_database(in);
	if (instance_supervisor(in) == 0)
		row(BAD, "processes", "natter up", "not running");
	else
		look_at_processes(in);
	return bad_count == 0 ? 0 : 1;
}
