/*
 * cli/leftovers.h -- what a supervisor that was killed left behind.
 */
#ifndef CLI_LEFTOVERS_H
#define CLI_LEFTOVERS_H

#include "base/err.h"
#include "cli/instance.h"

/**
 * leftovers_end(in): end the processes of VAR/run/processes that are still
 * there, with their groups, and wait until they are gone; then remove stale
 * sockets and pid files.  Only processes that have a file of this VAR open are
 * touched: a number in the file may belong to somebody else by now.  The
 * caller holds the instance's lock.
 */
enum err leftovers_end(const struct instance *in);

/** leftovers_unlink(in): only the files; nobody is left. */
void leftovers_unlink(const struct instance *in);

#endif
