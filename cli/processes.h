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

/**
 * processes_describe(in, p): fill in everything but the database, and open the
 * workers' sockets: the supervisor listens and the workers inherit, so what
 * comes in while one is started anew waits.
 */
enum err processes_describe(const struct instance *in, struct processes *p);

/** processes_database(in, p): the private database. */
enum err processes_database(const struct instance *in, struct processes *p);

#endif
