/*
 * pushd/nginx.h -- the processes of the push nginx, and their end.
 */
#ifndef PUSHD_NGINX_H
#define PUSHD_NGINX_H

#include <stdbool.h>

/**
 * nginx_kill(var): SIGKILL the master named in VAR/run/push.pid and its
 * workers; SIGKILL, for one that hangs takes no other.  false: there is none,
 * or the process with that id is not the push nginx of this instance.
 */
bool nginx_kill(const char *var);

#endif
