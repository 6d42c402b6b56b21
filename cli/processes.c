#include "cli/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/database.h"
#include "cli/files.h"
#include "cli/render.h"

/* Twice what all of its connections need.  An nginx that wants more is made to
 * by somebody who sends without reading; it begins anew, rid of him. */
#define NGINX_MEMORY_MAX ((size_t)256 * 1024 * 1024)
#define BACKLOG 1024		/* nginx counts, and sends fewer */
#define WORKER_STOP_MS 10000
#define STOP_MS 5000
#define GRACE_MS 1000
#define NGINX_CONF RENDER_FOLDER "/nginx.conf"
#define PUSH_CONF RENDER_FOLDER "/push.conf"

/* What the table of children points to outlives a reload of the settings. */
static char *
keep(const struct instance *in, const char *name)
{
	char path[PATH_SIZE];
	char *text;

	text = strdup(*name == '\0' ? in->config.var :
	    instance_file(in, name, path));
	if (text == NULL)
		abort();
	return text;
}

static int
listen_on(const struct instance *in, const char *name)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	char path[PATH_SIZE];
	int fd;

	instance_file(in, name, path);
	memcpy(where.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&where, sizeof(where)) == 0 &&
	    chmod(path, 0660) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	complain("can't listen on %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void
describe(struct child *c, const char *role, char *log, int64_t stop_ms)
{
	memset(c, 0, sizeof(*c));
	c->role = role;
	c->input = -1;
	c->log = log;
	c->stop_signal = SIGTERM;
	c->stop_ms = stop_ms;
}

static enum err
describe_nginx(const struct instance *in, struct child *c, const char *role,
    const char *conf, const char *log)
{
	char program[PATH_SIZE];
	enum err e;

	e = program_find("nginx", program);
	if (e != OK)
		return e;
	describe(c, role, keep(in, log), STOP_MS);
	c->memory_max = NGINX_MEMORY_MAX;
	c->argv[0] = strdup(program);
	c->argv[1] = "-e";
	c->argv[2] = c->log;
	c->argv[3] = "-p";
	c->argv[4] = keep(in, "");
	c->argv[5] = "-c";
	c->argv[6] = keep(in, conf);
	return OK;
}

static const char *
our_program(const struct instance *in, const char *name)
{
	char path[PATH_SIZE];

	if (path_make(path, "%s/%s", in->programs, name) != OK)
		return NULL;
	if (access(path, X_OK) != 0) {
		complain("%s is missing; run make", path);
		return NULL;
	}
	return strdup(path);
}

static enum err
describe_pool(const struct instance *in, struct pool *pool, const char *role,
    const char *log, int input, size_t count)
{
	const char *program = our_program(in, "natter-app");
	char *file = keep(in, log), *var = keep(in, "");
	struct child *c;
	size_t i;

	if (program == NULL)
		return ERR_NOT_FOUND;
	if (count > POOL_MAX) {
		complain("at most %d workers in a pool", POOL_MAX);
		return ERR_BAD_INPUT;
	}
	pool->count = count;
	for (i = 0; i < count; i++) {
		c = &pool->workers[i];
		describe(c, role, file, WORKER_STOP_MS);
		c->input = input;
		c->argv[0] = program;
		c->argv[1] = "--var";
		c->argv[2] = var;
		c->argv[3] = "--role";
		c->argv[4] = role;
		c->argv[5] = "--ready";
		c->argv[6] = CHILD_READY_TEXT;
		c->tells = true;
	}
	return OK;
}

static enum err
describe_pushd(const struct instance *in, struct child *c)
{
	/* For all children, but only pushd has it: the TLS of libcurl, which
	 * it never speaks, would begin with tests of itself. */
	setenv("GNUTLS_NO_IMPLICIT_INIT", "1", 0);
	describe(c, "pushd", keep(in, "log/pushd.log"), STOP_MS);
	c->argv[0] = our_program(in, "natter-pushd");
	c->argv[1] = "--var";
	c->argv[2] = keep(in, "");
	c->sockets[0] = keep(in, "run/notices.sock");
	c->sockets[1] = keep(in, "run/wait.sock");
	return c->argv[0] == NULL ? ERR_NOT_FOUND : OK;
}

static enum err
describe_push(const struct instance *in, struct child *c)
{
	enum err e;

	e = describe_nginx(in, c, "push", PUSH_CONF, "log/push.log");
	if (e != OK)
		return e;
	c->sockets[0] = keep(in, "run/push-sub.sock");
	c->sockets[1] = keep(in, "run/push-pub/pub.sock");
	return OK;
}

static enum err
describe_pools(const struct instance *in, struct processes *p)
{
	int app, auth;
	enum err e;

	app = listen_on(in, "run/app.sock");
	auth = listen_on(in, "run/auth.sock");
	if (app < 0 || auth < 0)
		return ERR_INTERNAL;
	e = describe_pool(in, &p->app, "app", "log/app.log", app,
	    in->config.workers);
	if (e != OK)
		return e;
	return describe_pool(in, &p->auth, "auth", "log/auth.log", auth,
	    in->config.auth_workers);
}

enum err
processes_describe(const struct instance *in, unsigned roles,
    struct processes *p)
{
	enum err e = OK;

	if (roles & ROLE_PUSH)
		e = describe_push(in, &p->push);
	if (e == OK && (roles & ROLE_WEB))
		e = describe_nginx(in, &p->nginx, "nginx", NGINX_CONF,
		    "log/nginx.log");
	if (e == OK && (roles & ROLE_PUSHD))
		e = describe_pushd(in, &p->pushd);
	if (e == OK && (roles & ROLE_APP))
		e = describe_pools(in, p);
	return e;
}

enum err
processes_database(const struct instance *in, struct processes *p)
{
	enum err e;

	e = database_child(in, &p->db);
	if (e != OK)
		return e;
	p->db.log = keep(in, "log/db.log");
	p->db.sockets[0] = keep(in, "run/db.sock");
	return OK;
}

static enum err
start(struct child *children, size_t count)
{
	enum err e = OK;
	size_t i;

	for (i = 0; i < count && e == OK; i++) {
		if (children[i].role != NULL)
			e = child_start(&children[i]);
	}
	return e;
}

enum err
processes_front(struct processes *p)
{
	enum err e;

	e = start(&p->push, 1);
	if (e == OK)
		e = start(&p->nginx, 1);
	return e;
}

enum err
processes_workers(struct processes *p)
{
	enum err e;

	e = start(&p->pushd, 1);
	if (e == OK)
		e = start(p->app.workers, p->app.count);
	if (e == OK)
		e = start(p->auth.workers, p->auth.count);
	return e;
}

/* Nginx first finishes what it is answering, but open streams would hold it. */
void
processes_stop(struct processes *p)
{
	p->nginx.stop_ms = GRACE_MS;
	p->nginx.stop_signal = SIGQUIT;
	child_stop(&p->nginx, 1);
	child_stop(p->app.workers, p->app.count);
	child_stop(p->auth.workers, p->auth.count);
	child_stop(&p->pushd, 1);
	child_stop(&p->push, 1);
	if (p->db.role != NULL)
		child_stop(&p->db, 1);
}
