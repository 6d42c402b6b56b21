/*
 * cli/reload.h -- new settings, certificates and programs, without a stop.
 *
 * Both halves: `natter reload` asks, by VAR/run/reload and SIGHUP, and the
 * supervisor takes it and answers in VAR/run/reloaded.  SIGHUP alone asks for
 * the same, and nobody hears the answer but the log.
 *
 * Refused, and all goes on as it was: settings that are wrong, a database server
 * that is not safe, a configuration that nginx does not take, a new worker that
 * does not come up; if it is not the first, those before it stay new.
 *
 * Order   Workers one by one, each when its successor is ready; the sockets stay
 *         open all the time.  The public nginx by SIGHUP: its old processes
 *         finish what they answer, and close their streams after 30 s.  pushd,
 *         which loses nothing.  The push nginx only when its configuration is
 *         another one, or `--push`: all its streams end and come back.
 * Stays   Until the next start: the number of workers, the private database's
 *         settings, and the supervisor itself.
 */
#ifndef CLI_RELOAD_H
#define CLI_RELOAD_H

#include "cli/instance.h"
#include "cli/processes.h"

/** reload_take(in, p): the supervisor's half. */
void reload_take(struct instance *in, struct processes *p);

#endif
