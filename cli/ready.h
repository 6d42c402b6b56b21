/*
 * cli/ready.h -- asking the instance's own public address.
 */
#ifndef CLI_READY_H
#define CLI_READY_H

#include "cli/instance.h"

#include <stdbool.h>

/** port_taken(in): somebody else listens where the public nginx would. */
bool port_taken(const struct instance *in);

/** ready_status(in): HTTP status of readyz; 0: no answer within 2 s. */
unsigned ready_status(const struct instance *in);

#endif
