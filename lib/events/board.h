/*
 * events/board.h -- what pushd shows to the workers without being asked.
 *
 * A small file VAR/run/board that pushd maps for writing and every worker maps
 * for reading: pushd's and the push nginx's health, and one byte of presence
 * per user.  It outlives pushd, so a new pushd knows at once who may be online.
 *
 * Units   Times are wall milliseconds.
 */
#ifndef EVENTS_BOARD_H
#define EVENTS_BOARD_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define BOARD_USERS_MAX (1u << 20)

enum board_presence {
	BOARD_OFFLINE = 0,
	BOARD_ONLINE = 1,
	BOARD_SINGLE = 2	/* bit: has streams of single conversations */
};

struct board;

/** board_open(path, writable): makes the file when there is none, readers too,
 * so that it doesn't matter who starts first.  NULL when it can't be (a reader
 * may go on). */
struct board *board_open(const char *path, bool writable);
void board_close(struct board *board);

/** Readers; a NULL board says offline and never. */
bool board_online(const struct board *board, uint64_t user_id);
int64_t board_alive_at_ms(const struct board *board);	/* pushd's last beat */
int64_t board_round_trip_at_ms(const struct board *board); /* push worked */

/** pushd only. */
unsigned board_get(const struct board *board, uint64_t user_id);
void board_set(struct board *board, uint64_t user_id, unsigned presence);
void board_alive(struct board *board, int64_t at_ms);
void board_round_trip(struct board *board, int64_t at_ms);
/** board_each(board, visit, argument): every user whose byte is not 0. */
void board_each(const struct board *board,
    void (*visit)(uint64_t user_id, unsigned presence, void *argument),
    void *argument);

#endif
