/*
 * api/cgi_wait.h -- waiting for an event without nginx around.
 *
 * Under plain CGI nobody can hold a request for us, so the process itself
 * waits; at most CGI_WAITERS of them at a time, the others answer at once.
 */
#ifndef API_CGI_WAIT_H
#define API_CGI_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#define CGI_WAITERS 8

/** cgi_wait(seconds, moved, argument): until moved(argument) is true or the time is up;
 * false when all places were taken (nothing was waited for). */
bool cgi_wait(uint64_t seconds, bool (*moved)(void *argument),
    void *argument);

#endif
