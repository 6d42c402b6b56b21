/*
 * events/notice.h -- what workers tell pushd, and how it travels.
 *
 * One module with both halves: the workers' half (notice_send) and pushd's
 * half (notice_listen, notice_receive).  A notice is one packet of a
 * SOCK_SEQPACKET unix socket VAR/run/notices.sock; each worker holds one
 * connection.  Sending never blocks and never fails a request: what is lost
 * here, pushd finds in the event table within a second.
 *
 * Wire    Text: kind, fields by single spaces, then a space and the JSON of the
 *         event up to the end of the packet:
 *
 *         E c 12 345 678 message.posted 0 {...}   event of a stream:
 *             stream kind, stream id, seq, event row id (0: not known),
 *             type, subject user id (membership changes; else 0), JSON
 *             (absent when it is over NOTICE_JSON_MAX: then pushd sends a hint)
 *         T 12 42 678            typing: conversation, user, and the seq that
 *             the conversation had then: while pushd has not got that far, it
 *             does not know who is out, and drops the notice; it also does
 *             when somebody came since, who was not there
 *         R 12 42 678 345        read mark moved: the same, and the number
 *         O 42 0                 a stream is about to open: user, conversation
 *                                (0: all of the user's); the only one that
 *                                pushd answers, with one byte
 *         K 42                   revoked: close all streams of this user (the
 *                                event that says why came as E u before)
 */
#ifndef EVENTS_NOTICE_H
#define EVENTS_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTICE_JSON_MAX 2048
#define NOTICE_PACKET_MAX 4096
#define NOTICE_TYPE_SIZE 32
#define NOTICE_ANSWER_MS 250
#define NOTICE_ACCEPTED 'A'
#define NOTICE_REFUSED 'N'

enum notice_kind {
	NOTICE_EVENT = 'E',
	NOTICE_TYPING = 'T',
	NOTICE_READ = 'R',
	NOTICE_OPENING = 'O',
	NOTICE_REVOKED = 'K'
};

struct notice {
	enum notice_kind kind;
	char stream;			/* 'c' or 'u'; NOTICE_EVENT only */
	uint64_t stream_id;
	uint64_t seq;			/* NOTICE_EVENT, _TYPING and _READ */
	uint64_t event_id;
	char type[NOTICE_TYPE_SIZE];
	uint64_t conversation_id;	/* all kinds but NOTICE_EVENT */
	uint64_t user_id;		/* the user meant */
	uint64_t number;		/* NOTICE_READ */
	const char *json;		/* borrowed; NULL: too big, or none */
	size_t json_length;
};

/** notice_format(n, packet): length of the packet, 0 when it can't be put. */
size_t notice_format(const struct notice *n, char packet[static NOTICE_PACKET_MAX]);

/** notice_parse(packet, length, n): false when it is not a notice. n->json
 * points into packet. */
bool notice_parse(const char *packet, size_t length, struct notice *n);

/** notice_connect(path): remember where pushd listens; connects when first
 * needed and again after a loss. */
void notice_connect(const char *path);

/** notice_send(n): hand over, or drop; never waits.  false: dropped. */
bool notice_send(const struct notice *n);

/**
 * notice_open(user_id, conversation_id): tell of a stream that is about to open
 * and wait for pushd's word, at most NOTICE_ANSWER_MS: from then on it publishes
 * to that channel, and nothing before hello.  false: pushd is away, too busy or
 * full.
 */
bool notice_open(uint64_t user_id, uint64_t conversation_id);

/** notice_listen(path): a listening, non-blocking socket, or -1 (logged). */
int notice_listen(const char *path);

#endif
