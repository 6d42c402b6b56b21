/*
 * natter run: some roles of an instance, in the foreground, where somebody else
 * sees to the others and to the database: containers, or units of an init.
 *
 * Several of these share one VAR/run, whose sockets are how roles meet.  Each
 * role has a lock of its own there, and a list of processes of its own.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/processes.h"
#include "cli/reload.h"
#include "cli/render.h"
#include "cli/supervise.h"

#define TURN_MS 60000

static const struct {
	const char *name;
	unsigned role;
	const char *sockets[2];		/* which nobody removes but we */
} roles[] = {
	{"web", ROLE_WEB, {NULL, NULL}},
	{"push", ROLE_PUSH, {NULL, NULL}},
	{"app", ROLE_APP, {"run/app.sock", "run/auth.sock"}},
	{"pushd", ROLE_PUSHD, {NULL, NULL}},
};

#define ROLE_COUNT (sizeof(roles) / sizeof(roles[0]))

/* Too big for a stack, and there is one. */
static struct processes some;

static enum err
named(const struct arguments *a, unsigned *wanted)
{
	size_t i, j;

	*wanted = 0;
	for (i = 0; i < a->count; i++) {
		for (j = 0; j < ROLE_COUNT; j++) {
			if (strcmp(a->words[i], roles[j].name) == 0)
				break;
		}
		if (j == ROLE_COUNT) {
			complain("%s is not a role: web, push, app or pushd",
			    a->words[i]);
			return ERR_BAD_INPUT;
		}
		*wanted |= roles[j].role;
	}
	return OK;
}

static enum err
claim(const struct instance *in, size_t role)
{
	char path[PATH_SIZE];
	enum err e;
	size_t i;

	e = instance_lock_role(in, roles[role].name);
	if (e == ERR_CONFLICT)
		complain("%s is already running in %s", roles[role].name,
		    in->config.var);
	for (i = 0; i < 2 && e == OK && roles[role].sockets[i] != NULL; i++)
		unlink(instance_file(in, roles[role].sockets[i], path));
	return e;
}

static enum err
begin(const struct instance *in, unsigned wanted)
{
	char path[PATH_SIZE];
	const char *first = NULL;
	enum err e;
	size_t i;

	umask(077);
	e = instance_folders(in);
	if (e == OK && instance_supervisor(in) != 0) {
		complain("%s is in use by process %d", in->config.var,
		    (int)instance_supervisor(in));
		e = ERR_CONFLICT;
	}
	for (i = 0; i < ROLE_COUNT && e == OK; i++) {
		if ((wanted & roles[i].role) == 0)
			continue;
		if (first == NULL)
			first = roles[i].name;
		e = claim(in, i);
	}
	if (e == OK)
		e = path_make(path, "%s/run/processes-%s", in->config.var,
		    first);
	return e == OK ? supervise_begin(path) : e;
}

/* Whatever dies is started again, however often: what it lacks may come. */
int
run(struct instance *in, const struct arguments *a)
{
	unsigned wanted;
	enum err e;

	e = named(a, &wanted);
	if (e == OK)
		e = begin(in, wanted);
	if (e == OK && (wanted & (ROLE_WEB | ROLE_PUSH)) != 0)
		e = render_conf(in, RENDER_FOLDER);
	if (e == OK)
		e = processes_describe(in, wanted, &some);
	if (e == OK)
		e = processes_front(&some);
	if (e == OK)
		e = processes_workers(&some);
	while (e == OK && supervise_told_to_stop() == 0) {
		if (supervise_told_to_reload())
			reload_take(in, &some);
		else
			supervise_turn(TURN_MS);
	}
	processes_stop(&some);
	return e == OK ? 0 : 1;
}
