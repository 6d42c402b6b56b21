/*
 * pushd/publish.h -- one HTTP request at a time to the push nginx.
 *
 * The only file pair that includes <curl/curl.h>.  One kept-alive connection
 * over a unix socket, driven by the loop.  What is asked next, and whether a
 * failure is tried again, is the outbox's matter.
 */
#ifndef PUSHD_PUBLISH_H
#define PUSHD_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

enum publish_verb { PUBLISH_POST, PUBLISH_DELETE, PUBLISH_GET };

/** Called once per request; status 0: no answer.  answer is NUL-terminated. */
typedef void publish_done(long status, const char *answer);

/** publish_start(path, done): path of the socket. */
bool publish_start(const char *path, publish_done *done);
void publish_end(void);

/** publish_send(verb, target, body, length): target like "/pub?id=u_1"; body
 * is borrowed until done is called, which may be at once. */
void publish_send(enum publish_verb verb, const char *target,
    const char *body, size_t length);

#endif
