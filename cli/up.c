/*
 * natter up: start everything, in the order in which one thing needs another,
 * and keep it running.
 *
 * What can fail without a database is done before there is one.  While MariaDB
 * starts, both nginx do; the workers' sockets exist before the workers, so the
 * public nginx needs nobody.
 * Nothing sleeps for a fixed time: every wait is a question asked again.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/db.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/first.h"
#include "cli/leftovers.h"
#include "cli/migrate.h"
#include "cli/processes.h"
#include "cli/ready.h"
#include "cli/reload.h"
#include "cli/render.h"
#include "cli/safety.h"
#include "cli/supervise.h"

/* Too big for a stack, and there is one. */
static struct processes all;

/* From now on what is logged goes to VAR/log, and people see what is said. */
static enum err
redirect_log(const struct instance *in)
{
	char path[PATH_SIZE];
	enum err e = ERR_INTERNAL;
	int fd, screen;

	instance_file(in, INSTANCE_LOG, path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	screen = fcntl(2, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0 && screen >= 0 && dup2(fd, 2) == 2)
		e = complain_to(screen);
	if (e == OK)
		log_in_lines();
	if (e != OK)
		complain("can't write %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return e;
}

static void
explain(const struct instance *in)
{
	const struct child *c = supervise_failing();
	char path[PATH_SIZE];

	if (c != NULL)
		complain("%s keeps dying", c->role);
	complain_end_of(c != NULL ? c->log : instance_file(in, INSTANCE_LOG, path));
}

static bool
is_ready(const struct instance *in)
{
	return ready_status(in) == 200;
}

static enum err
start_database(const struct instance *in)
{
	enum err e;

	if (!in->config.db_private)
		return OK;
	e = database_install(in);
	if (e == OK)
		e = processes_database(in, &all);
	if (e == OK)
		e = child_start(&all.db);
	return e;
}

static enum err
describe(const struct instance *in)
{
	enum err e;

	e = render_conf(in, RENDER_FOLDER);
	if (e == OK)
		e = processes_describe(in, ROLES_ALL, &all);
	return e;
}

static enum err
prepare_database(struct instance *in, struct first *first)
{
	unsigned applied;
	uint64_t version;
	enum err e;

	e = ready_wait(in, database_answers, "the database");
	if (e == OK)
		e = safety_check(in);
	if (e == OK)
		e = migrate(in, &applied, &version);
	if (e == OK)
		e = instance_database(in);
	if (e == OK)
		e = first_prepare(in, first);
	/* The supervisor holds no connection while it only watches. */
	db_close();
	return e;
}

/* Who has the lock can be asked for a reload, which otherwise would end it. */
static void
let_reload_wait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static enum err
begin(struct instance *in)
{
	char path[PATH_SIZE];
	enum err e;

	umask(077);
	let_reload_wait();
	e = instance_folders(in);
	if (e == OK)
		e = instance_lock(in);
	if (e == ERR_CONFLICT)
		complain("already running in %s, process %d", in->config.var,
		    (int)instance_supervisor(in));
	if (e == OK)
		e = leftovers_end(in);
	if (e == OK && port_taken(in)) {
		complain("%s is taken by another program; choose another port:"
		    " PORT=8081", in->config.listen);
		e = ERR_CONFLICT;
	}
	if (e == OK)
		e = instance_keep_environment(in);
	if (e == OK)
		e = supervise_begin(instance_file(in, "run/processes", path));
	return e;
}

int
up(struct instance *in, const struct arguments *a)
{
	struct first first;
	enum err e;

	(void)a;
	e = begin(in);
	if (e == OK)
		e = redirect_log(in);
	if (e != OK)
		return 1;
	e = describe(in);
	if (e == OK)
		e = start_database(in);
	if (e == OK)
		e = processes_front(&all);
	if (e == OK)
		e = prepare_database(in, &first);
	if (e == OK)
		e = processes_workers(&all);
	if (e == OK)
		e = ready_wait(in, is_ready, "readyz");
	if (e == OK)
		first_print(in, &first);
	malloc_trim(0);		/* what only a start takes */
	while (e == OK && supervise_told_to_stop() == 0) {
		if (supervise_told_to_reload())
			reload_take(in, &all);
		else
			supervise_turn(60000);
	}
	if (e != OK && supervise_told_to_stop() == 0)
		explain(in);
	processes_stop(&all);
	leftovers_unlink(in);
	return e == OK || supervise_told_to_stop() > 0 ? 0 : 1;
}
