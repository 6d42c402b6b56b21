/*
 * cli/supervise.h -- children that live as long as they are wanted.
 *
 * One process supervises: it starts children, starts again what died, and
 * hears signals only inside supervise_turn().  Every child leads a process
 * group of its own, so that Ctrl-C in a terminal reaches the supervisor alone,
 * and so that what a dead master left behind is ended before it is started
 * again.  When the supervisor is killed, the kernel sends the children SIGTERM.
 *
 * A child that dies is started again at once; one that keeps dying within a
 * second waits longer and longer, up to 5 s.
 *
 * VAR/run/processes always has one line "role pid" per child.
 */
#ifndef CLI_SUPERVISE_H
#define CLI_SUPERVISE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHILD_ARGUMENTS_MAX 40
#define CHILD_SOCKETS_MAX 2
#define CHILD_READY 3
#define CHILD_READY_TEXT "3"

struct child {
	const char *role;		/* "nginx push app auth pushd db" */
	const char *argv[CHILD_ARGUMENTS_MAX + 1];
	int input;			/* descriptor 0; -1: /dev/null */
	size_t memory_max;		/* bytes of its own; 0: no bound */
	const char *log;		/* file for descriptors 1 and 2 */
	const char *sockets[CHILD_SOCKETS_MAX];
					/* removed before it starts: left behind
					 * by one that was killed */
	bool tells;			/* writes to CHILD_READY when it is
					 * ready */
	int stop_signal;
	int64_t stop_ms;		/* then SIGKILL */
	bool patient;			/* a second Ctrl-C doesn't hurry it */
	bool (*hears)(const struct child *c);
					/* whether stop_signal reaches it yet;
					 * NULL: always */

	/* supervise.c's own; all zero at first */
	pid_t pid;			/* 0: not running */
	pid_t leaving;			/* the one before, that finishes */
	pid_t old_group;		/* of the one before, while it lives */
	int ear;			/* where it tells; 0, which main.c
					 * keeps open: it has */
	int64_t started_at_ms;		/* monotonic */
	int64_t due_at_ms;		/* when to start it again */
	unsigned quick_deaths;		/* in a row */
	bool stopping;
	bool told;			/* to end */
};

/** supervise_begin(processes): the calling process becomes a supervisor that
 * keeps the file ${processes}. */
enum err supervise_begin(const char *processes);

/** child_start(c): from now on, until child_stop().  c stays the caller's. */
enum err child_start(struct child *c);

/** supervise_turn(wait_ms): hear signals for so long, start again what died. */
void supervise_turn(int64_t wait_ms);

/** child_stop(children, count): all at once, each once it hears; returns when
 * they are gone.  What takes long is said. */
void child_stop(struct child *children, size_t count);

/** child_renew(c): end it and wait until the next one runs. */
void child_renew(struct child *c);

/**
 * child_replace(c): start another one, and end this one when that is ready; c
 * tells.  ERR_UNAVAILABLE: it does not become ready, and this one goes on; said.
 * ERR_CONFLICT: told to stop.
 */
enum err child_replace(struct child *c);

/** child_run(role, argv, log): a helper that is waited for; ERR_INTERNAL: it
 * failed, and the log says why.  ERR_CONFLICT: it was told to stop. */
enum err child_run(const char *role, const char *const *argv,
    const char *log);

/** supervise_told_to_stop(): how often SIGINT or SIGTERM came. */
unsigned supervise_told_to_stop(void);

/** supervise_told_to_reload(): SIGHUP came since the last call. */
bool supervise_told_to_reload(void);

/** supervise_failing(): a child that died three times in a row, or NULL. */
const struct child *supervise_failing(void);

#endif
