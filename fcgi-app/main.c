#include <limits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "api/api.h"
#include "api/caller.h"
#include "base/arena.h"
#include "base/config.h"
#include "base/db.h"
#include "base/log.h"
#include "base/str.h"
#include "events/board.h"
#include "events/notice.h"
#include "http/counter.h"
#include "http/limit.h"
#include "http/server.h"
#include "model/accounts.h"
#include "model/conversations.h"
#include "model/credentials.h"
#include "model/events.h"
#include "model/invites.h"
#include "model/links.h"
#include "model/members.h"
#include "model/messages.h"
#include "model/reactions.h"
#include "model/sessions.h"
#include "model/site.h"
#include "model/tokens.h"
#include "model/users.h"

#define ARENA_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define AUTH_NICE 10		/* who hashes a password lets messages go first */
#define REQUESTS_MAX 100000	/* then another worker takes over, in case a
				 * library leaks */

static struct stmt *const *const lists[] = {accounts_sql,
    conversation_changes_sql, conversations_sql, credentials_sql, events_sql,
    invites_sql, links_sql, member_marks_sql, members_sql,
    message_changes_sql, messages_sql, reactions_sql, sessions_sql, site_sql,
    tokens_sql, users_sql, NULL};

static struct config config;
static struct board *board;

static int
usage(void)
{
	fputs("usage: natter-app [--var DIR] [--role NAME] [--ready FD]"
	    " | --routes\n", stderr);
	return 2;
}

static int
print_routes(void)
{
	for (const struct route *r = routes; r->call != NULL; r++)
		printf("%s %s\n", method_name(r->method), r->path);
	return 0;
}

/* Sanitizers look at their own process and need it to be open to that. */
static void
close_off(void)
{
	const struct rlimit none = {0, 0};

	umask(027);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static size_t
count_routes(void)
{
	size_t count = 0;

	while (routes[count].call != NULL)
		count++;
	return count;
}

/* Without a database there is no end: requests find it when it is back. */
static enum err
start(const char *var)
{
	static char path[512];
	enum err e;

	e = config_load(&config, var);
	if (e != OK)
		return e;
	limit_start(&config);
	counter_start(&config, count_routes());
	if (config_path(&config, "run/board", path, sizeof(path)))
		board = board_open(path, false);
	api_start(&config, board);
	if (config_path(&config, "run/notices.sock", path, sizeof(path)))
		notice_connect(path);
	e = db_open(&config, lists);
	return e == ERR_UNAVAILABLE ? OK : e;
}

/* Whoever started this one as another's successor waits for it. */
static void
tell_ready(int fd)
{
	ssize_t written;

	if (fd < 0)
		return;
	written = write(fd, "", 1);
	(void)written;
	close(fd);
}

static int
serve(struct server *server, int ready)
{
	struct io io;

	if (!fcgi_here()) {
		cgi_open(&io);
		server_answer(server, &io);
		cgi_done(&io);
		return 0;
	}
	if (!fcgi_start())
		return 1;
	tell_ready(ready);
	for (unsigned n = 0; n < REQUESTS_MAX && fcgi_next(&io); n++) {
		server_answer(server, &io);
		fcgi_done(&io);
	}
	fcgi_stop();
	return 0;
}

static void
stop(void)
{
	db_close();
	board_close(board);
	counter_stop();
	limit_stop();
	config_free(&config);
}

int
main(int argc, char **argv)
{
	struct server server = {.config = &config, .routes = routes,
	    .caller_find = caller_find, .caller_recall = caller_recall,
	    .find_epoch = site_epoch};
	const char *role = "app";
	const char *var = NULL;
	uint64_t ready = UINT64_MAX;
	int status = 1;
	enum err e;

	for (int i = 1; i < argc; i += 2) {
		if (strcmp(argv[i], "--routes") == 0)
			return print_routes();
		if (i + 1 == argc)
			return usage();
		if (strcmp(argv[i], "--var") == 0)
			var = argv[i + 1];
		else if (strcmp(argv[i], "--role") == 0)
			role = argv[i + 1];
		else if (strcmp(argv[i], "--ready") != 0 ||
		    !parse_u64((struct text){argv[i + 1],
		    strlen(argv[i + 1])}, INT_MAX, &ready))
			return usage();
	}
	log_start(role);
	close_off();
	if (strcmp(role, "auth") == 0)
		setpriority(PRIO_PROCESS, 0, AUTH_NICE);
	e = start(var);
	if (e == OK) {
		server.arena = arena_new(ARENA_MAX_BYTES);
		server.epoch = site_epoch();
		status = serve(&server, ready > INT_MAX ? -1 : (int)ready);
		arena_free(server.arena);
	}
	stop();
	return status;
}
