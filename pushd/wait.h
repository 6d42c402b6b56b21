/*
 * pushd/wait.h -- the waiting room: long-polls that hold no worker.
 *
 * A small HTTP server on wait.sock (pushd/ask.h says what it takes).  Whoever
 * waits is let go with X-Accel-Redirect: /_waited when the stream has moved or
 * the time is up.  Being let go for nothing is harmless; not being let go is
 * not, so everything in doubt lets go.  Past WAIT_MAX the answer comes at once.
 */
#ifndef PUSHD_WAIT_H
#define PUSHD_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAIT_MAX 1000

/** wait_start(path, status): where to listen; what /status answers, written
 * into text, gives its length. */
bool wait_start(const char *path, size_t (*status)(char *text, size_t size));
void wait_end(void);

/** wait_moved: an event of this stream was relayed. */
void wait_moved(char stream, uint64_t stream_id, uint64_t seq);

/** wait_touched: something that this user sees has changed. */
void wait_touched(uint64_t user_id);

size_t wait_count(void);

#endif
