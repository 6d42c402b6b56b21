/*
 * pushd/expire.h -- drops what has had its time.
 *
 * Events older than [events] keep_days go in small batches, never past the
 * watermark; so do sessions that are over or idle too long, and old links.
 * Streams of somebody whose session or token has expired are closed: what is
 * still good comes back.
 */
#ifndef PUSHD_EXPIRE_H
#define PUSHD_EXPIRE_H

struct config;

void expire_start(const struct config *config);
void expire_end(void);

#endif
