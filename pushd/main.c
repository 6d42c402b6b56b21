/*
 * natter-pushd -- relays committed events to the push nginx.
 *
 * May die at any moment and nothing is lost: what is true is in SQL, what was
 * published is remembered by the watermark, who is online by the board.
 */
#include "base/clock.h"
#include "base/config.h"
#include "base/db.h"
#include "base/log.h"
#include "events/board.h"
#include "pushd/database.h"
#include "pushd/expire.h"
#include "pushd/hold.h"
#include "pushd/loop.h"
#include "pushd/notices.h"
#include "pushd/order.h"
#include "pushd/outbox.h"
#include "pushd/picture.h"
#include "pushd/presence.h"
#include "pushd/recipients.h"
#include "pushd/registry.h"
#include "pushd/revoke.h"
#include "pushd/tail.h"
#include "pushd/wait.h"
#include "pushd/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#define ALIVE_MS 1000

static struct {
	struct config config;
	struct board *board;
	struct watch signals;
	struct timer alive;
	int64_t started_ms;
} pushd;

static size_t
write_status(char *text, size_t size)
{
	struct outbox_counts counts;
	int length;

	outbox_read_counts(&counts);
	length = snprintf(text, size, "{\"up_s\":%" PRId64
	    ",\"notices\":%" PRIu64 ",\"events\":%" PRIu64
	    ",\"published\":%" PRIu64 ",\"retries\":%" PRIu64
	    ",\"dropped\":%" PRIu64 ",\"queued_frames\":%zu"
	    ",\"queued_bytes\":%zu,\"channels\":%zu,\"waiting\":%zu"
	    ",\"floor\":%" PRIu64 ",\"watermark\":%" PRIu64
	    ",\"gaps\":%zu,\"push\":%s,\"database\":%s}\n",
	    (loop_now() - pushd.started_ms) / 1000, notices_count(),
	    counts.events, counts.published, counts.retries, counts.dropped,
	    counts.frames, counts.bytes, registry_count(), wait_count(),
	    tail_floor(), tail_watermark(), tail_gaps(),
	    watchdog_good() ? "true" : "false",
	    database_ready() ? "true" : "false");
	return length < 0 ? 0 : (size_t)length;
}

static void
show_life(void *unused)
{
	(void)unused;
	board_alive(pushd.board, clock_now_ms());
	timer_set(&pushd.alive, ALIVE_MS);
}

static void
signal_event(void *unused, uint32_t events)
{
	struct signalfd_siginfo info;
	ssize_t got = read(pushd.signals.fd, &info, sizeof(info));

	(void)unused;
	(void)events;
	if (got == (ssize_t)sizeof(info))
		loop_stop();
}

static bool
watch_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pushd.signals = (struct watch){.call = signal_event};
	pushd.signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return pushd.signals.fd >= 0 && loop_watch(&pushd.signals, EPOLLIN);
}

/* One pushd per instance; the lock goes with the process, however it ends. */
static bool
lock_instance(void)
{
	char path[PATH_MAX];
	int fd, done;

	if (!config_path(&pushd.config, "run/pushd.lock", path, sizeof(path)))
		return false;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	done = fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);
	if (done != 0)
		log_error("lock %s: %s", path, strerror(errno));
	return done == 0;
}

/* Every waiting client is a descriptor. */
static void
raise_limits(void)
{
	struct rlimit limit;
	int done = getrlimit(RLIMIT_NOFILE, &limit);

	if (done != 0)
		return;
	limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
start(void)
{
	char board[PATH_MAX], publisher[PATH_MAX], notices[PATH_MAX],
	    wait[PATH_MAX];
	const struct config *config = &pushd.config;
	enum err e;

	if (!config_path(config, "run/board", board, sizeof(board)) ||
	    !config_path(config, "run/push-pub/pub.sock", publisher,
	    sizeof(publisher)) ||
	    !config_path(config, "run/notices.sock", notices,
	    sizeof(notices)) ||
	    !config_path(config, "run/wait.sock", wait, sizeof(wait)))
		return false;
	if (!loop_start() || !watch_signals() || !outbox_start(publisher))
		return false;
	pushd.started_ms = loop_now();
	pushd.board = board_open(board, true);
	if (pushd.board == NULL)
		return false;
	e = database_start(config);
	if (e == ERR_INTERNAL)
		return false;
	order_start(tail_floor);
	registry_start(pushd.board);
	tail_start();
	expire_start(config);
	if (!watchdog_start(pushd.board, config->var))
		return false;
	pushd.alive.call = show_life;
	show_life(NULL);
	/* Last, so that whoever finds the sockets finds everything. */
	return notices_start(notices) && wait_start(wait, write_status);
}

static void
stop(void)
{
	notices_end();
	wait_end();
	tail_end();
	expire_end();
	watchdog_end();
	revoke_end();
	presence_end();
	registry_end();
	hold_end();
	order_end();
	picture_end();
	recipients_end();
	outbox_end();
	timer_stop(&pushd.alive);
	if (pushd.signals.fd > 0)
		close(pushd.signals.fd);
	loop_end();
	board_close(pushd.board);
	db_close();
	config_free(&pushd.config);
}

static void
turn(void)
{
	outbox_turn();
	registry_turn();
	notices_turn();
}

int
main(int argc, char **argv)
{
	const char *var = NULL;
	bool started;
	enum err e;

	log_start("pushd");
	if (argc == 3 && strcmp(argv[1], "--var") == 0) {
		var = argv[2];
	} else if (argc != 1) {
		fprintf(stderr, "usage: natter-pushd [--var DIR]\n");
		return 2;
	}
#ifndef __SANITIZE_ADDRESS__
	/* No core and no tracer: memory holds messages.  LeakSanitizer is a
	 * tracer. */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	raise_limits();
	e = config_load(&pushd.config, var);
	if (e != OK || !lock_instance())
		return 1;
	started = start();
	if (started) {
		log_info("pushd: ready");
		loop_run(turn);
		log_info("pushd: stopped");
	}
	stop();
	return started ? 0 : 1;
}
