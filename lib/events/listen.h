/*
 * events/listen.h -- a listening unix socket, whatever a killed process left.
 *
 * Source  unix(7): a path has at most 107 bytes.
 */
#ifndef EVENTS_LISTEN_H
#define EVENTS_LISTEN_H

/**
 * listen_at(path, type): a listening, non-blocking socket of that type
 * (SOCK_STREAM, SOCK_SEQPACKET) for this user and group, or -1 (logged).  A
 * stale socket at that place is replaced without a moment in which there is
 * none; that no other process listens there is the caller's matter.
 */
int listen_at(const char *path, int type);

#endif
