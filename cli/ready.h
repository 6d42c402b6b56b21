/*
 * cli/ready.h -- whether what was started is there.
 */
#ifndef CLI_READY_H
#define CLI_READY_H

#include "cli/instance.h"

#include <stdbool.h>

/** port_taken(in): somebody else listens where the public nginx would. */
bool port_taken(const struct instance *in);

/** socket_answers(in, name, type): somebody listens at VAR/name; else errno. */
bool socket_answers(const struct instance *in, const char *name, int type);

/** ready_status(in): HTTP status of readyz; 0: no answer within 2 s. */
unsigned ready_status(const struct instance *in);

/**
 * ready_wait(in, ask, what): until the answer is yes; in between children are
 * looked after.  ERR_CONFLICT: told to stop.  ERR_INTERNAL: one keeps dying.
 * ERR_UNAVAILABLE: a minute in vain; said, with ${what}.
 */
enum err ready_wait(const struct instance *in,
    bool (*ask)(const struct instance *in), const char *what);

#endif
