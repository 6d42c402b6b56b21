/*
 * cli/processes.h -- who belongs to an instance, and how each is run.
 *
 * Memory  One set per process of ours, for as long as it lives.
 */
#ifndef CLI_PROCESSES_H
#define CLI_PROCESSES_H

#include "base/err.h"
#include "cli/instance.h"
#include "cli/supervise.h"

#include <stddef.h>

#define POOL_MAX 256

struct pool {
	struct child workers[POOL_MAX];
	size_t count;
};

struct processes {
	struct child nginx;	/* public */
	struct child push;	/* the nginx with Nchan */
	struct child pushd;
	struct child db;	/* role NULL: not ours */
	struct pool app;
	struct pool auth;
};

/* What is started together; `natter run` takes some of them. */
#define ROLE_WEB 1u	/* the public nginx */
#define ROLE_PUSH 2u
#define ROLE_APP 4u	/* both pools */
#define ROLE_PUSHD 8u
#define ROLES_ALL (ROLE_WEB | ROLE_PUSH | ROLE_APP | ROLE_PUSHD)

/**
 * processes_describe(in, roles, p): fill these in, and open the workers'
 * sockets: the supervisor listens and the workers inherit, so what comes in
 * while one is started anew waits.  Sockets of an earlier run are gone by now.
 */
enum err processes_describe(const struct instance *in, unsigned roles,
    struct processes *p);

/** processes_database(in, p): the private database. */
enum err processes_database(const struct instance *in, struct processes *p);

/** processes_front(p), processes_workers(p): start both nginx; pushd and the
 * pools.  What is not described is left out. */
enum err processes_front(struct processes *p);
enum err processes_workers(struct processes *p);

/** processes_stop(p): all that is described; returns when they are gone. */
void processes_stop(struct processes *p);

#endif
