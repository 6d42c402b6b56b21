#include "cli/reload.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/ready.h"
#include "cli/render.h"
#include "cli/safety.h"
#include "cli/supervise.h"

#define REQUEST "run/reload"
#define ANSWER "run/reloaded"
#define DRAFT "tmp/etc"
#define TEST_LOG "log/nginx-test.log"
#define PUSH "push"
#define DONE "done\n"
#define REFUSED "refused\n"
#define READY_MS 15000
#define POLL_MS 10
#define PATIENCE_MS 600000

static enum err
test(const struct instance *in, const char *name)
{
	char program[PATH_SIZE], conf[PATH_SIZE], log[PATH_SIZE];
	const char *const argv[] = {program, "-t", "-q", "-e", log, "-p",
	    in->config.var, "-c", conf, NULL};
	enum err e;

	unlink(instance_file(in, TEST_LOG, log));
	e = path_make(conf, "%s/" DRAFT "/%s", in->config.var, name);
	if (e == OK)
		e = program_find("nginx", program);
	if (e != OK)
		return e;
	e = child_run("nginx -t", argv, log);
	if (e != OK)
		complain_end_of(log);
	return e;
}

/* The database may be away just now: that is no reason to refuse. */
static enum err
check(const struct instance *next, const struct processes *p)
{
	enum err e = OK;

	if (p->app.count > 0)
		e = safety_check(next);
	if (e != OK && e != ERR_UNAVAILABLE)
		return e;
	if (p->nginx.role == NULL && p->push.role == NULL)
		return OK;
	e = render_conf(next, DRAFT);
	if (e == OK)
		e = test(next, "nginx.conf");
	if (e == OK)
		e = test(next, "push.conf");
	return e;
}

static bool
is_same(const struct instance *in, const char *name)
{
	char one[PATH_SIZE], other[PATH_SIZE], *now = NULL, *next = NULL;
	bool same = false;

	if (path_make(one, "%s/" RENDER_FOLDER "/%s", in->config.var, name)
	    == OK && path_make(other, "%s/" DRAFT "/%s", in->config.var, name)
	    == OK) {
		now = file_read(one, NULL);
		next = file_read(other, NULL);
		same = now != NULL && next != NULL && strcmp(now, next) == 0;
	}
	free(now);
	free(next);
	return same;
}

static enum err
replace(struct pool *pool, size_t *renewed)
{
	enum err e = OK;
	size_t i;

	for (i = 0; i < pool->count && e == OK; i++) {
		e = child_replace(&pool->workers[i]);
		if (e == OK)
			++*renewed;
	}
	return e;
}

static void
renew(struct child *c)
{
	if (c->role != NULL)
		child_renew(c);
}

static bool
is_ready(const struct instance *in, const struct processes *p)
{
	return (p->push.role == NULL ||
	    socket_answers(in, "run/push-sub.sock", SOCK_STREAM)) &&
	    (p->pushd.role == NULL ||
	    socket_answers(in, "run/wait.sock", SOCK_STREAM)) &&
	    (p->nginx.role == NULL || ready_status(in) == 200);
}

static enum err
wait_until_ready(const struct instance *in, const struct processes *p)
{
	int64_t begun = clock_monotonic_ms();

	while (!is_ready(in, p)) {
		if (supervise_told_to_stop() > 0 ||
		    clock_monotonic_ms() - begun > READY_MS) {
			complain("all is renewed, but not ready; natter doctor"
			    " says what is wrong");
			return ERR_UNAVAILABLE;
		}
		supervise_turn(POLL_MS);
	}
	return OK;
}

static enum err
take(struct instance *in, struct processes *p, bool push)
{
	struct instance next = *in;
	size_t renewed = 0;
	enum err e;

	memset(&next.config, 0, sizeof(next.config));
	e = config_load(&next.config, in->config.var);
	if (e != OK)
		complain("the settings are not right");
	if (e == OK)
		e = check(&next, p);
	if (e == OK)
		e = replace(&p->app, &renewed);
	if (e == OK)
		e = replace(&p->auth, &renewed);
	if (e != OK && renewed > 0)
		complain("%zu workers are new already, and stay; all else is as"
		    " it was. Mend it and reload again", renewed);
	if (e != OK) {
		config_free(&next.config);
		return e;
	}
	config_free(&in->config);
	in->config = next.config;
	push = p->push.role != NULL && (push || !is_same(in, "push.conf"));
	if (p->nginx.role != NULL || p->push.role != NULL)
		e = render_conf(in, RENDER_FOLDER);
	if (e == OK && p->nginx.role != NULL && p->nginx.pid != 0)
		kill(p->nginx.pid, SIGHUP);
	if (e == OK && push)
		renew(&p->push);
	else if (e == OK && p->push.role != NULL && p->push.pid != 0)
		kill(p->push.pid, SIGUSR1);	/* it opens its log anew */
	if (e == OK)
		renew(&p->pushd);
	if (e == OK)
		e = wait_until_ready(in, p);
	return e;
}

void
reload_take(struct instance *in, struct processes *p)
{
	char request[PATH_SIZE], answer[PATH_SIZE], *asked, *said = NULL;
	const char *word;
	size_t size = 0;
	enum err e;
	FILE *copy;

	instance_file(in, ANSWER, answer);
	asked = file_read(instance_file(in, REQUEST, request), NULL);
	unlink(request);
	copy = open_memstream(&said, &size);
	complain_also_to(copy);
	e = take(in, p, asked != NULL && strcmp(asked, PUSH) == 0);
	complain_also_to(NULL);
	word = e == OK ? DONE : REFUSED;
	if (copy != NULL && fclose(copy) == 0 && asked != NULL) {
		char *text = NULL;
		int length = asprintf(&text, "%s%s", word, said);

		if (length > 0)
			file_write(answer, text, (size_t)length);
		free(text);
	}
	free(said);
	free(asked);
}

static int
wait_for_answer(const struct instance *in, pid_t supervisor)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
	int64_t begun = clock_monotonic_ms();
	char path[PATH_SIZE], *text = NULL;
	int status;

	instance_file(in, ANSWER, path);
	while (text == NULL) {
		if (instance_supervisor(in) != supervisor ||
		    clock_monotonic_ms() - begun > PATIENCE_MS) {
			complain("process %d does not answer",
			    (int)supervisor);
			unlink(instance_file(in, REQUEST, path));
			return 1;
		}
		nanosleep(&pause, NULL);
		text = file_read(path, NULL);
	}
	status = strncmp(text, DONE, strlen(DONE)) == 0 ? 0 : 1;
	fputs(strchrnul(text, '\n') + 1, stderr);
	free(text);
	unlink(path);
	return status;
}

int
reload(struct instance *in, const struct arguments *a)
{
	char path[PATH_SIZE];
	const char *asked = a->push ? PUSH : "";
	pid_t supervisor = instance_supervisor(in);
	enum err e;

	if (supervisor == 0) {
		complain("not running in %s", in->config.var);
		return 1;
	}
	e = instance_lock_role(in, "reload");
	if (e == ERR_CONFLICT)
		complain("another natter reload is under way");
	if (e != OK)
		return 1;
	unlink(instance_file(in, ANSWER, path));
	e = file_write(instance_file(in, REQUEST, path), asked, strlen(asked));
	if (e != OK)
		return 1;
	if (kill(supervisor, SIGHUP) != 0) {
		complain("can't signal process %d: not ours", (int)supervisor);
		return 1;
	}
	return wait_for_answer(in, supervisor);
}
