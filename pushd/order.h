/*
 * pushd/order.h -- every event of a stream once, in the order of its seq.
 *
 * Two sources say what has happened: notices of workers, fast and perhaps lost
 * or out of order, and the tail of the event table, a little later and sure.
 * What is next in its stream is relayed at once.  What is ahead waits a moment
 * for the missing ones and is then filled up from SQL.  The rest is old.
 */
#ifndef PUSHD_ORDER_H
#define PUSHD_ORDER_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct notice;

/** order_start(floor): asks for the row id up to which every event has been
 * taken care of; a stream not met before begins after it. */
void order_start(uint64_t (*floor)(void));
void order_end(void);

/** order_notice(n): a NOTICE_EVENT. */
void order_notice(const struct notice *n);

/** order_reached(stream, id, seq): the table has this event, and it is settled
 * (database_settle()); relay up to it what was not.  ERR_UNAVAILABLE: not now,
 * ask again. */
enum err order_reached(char stream, uint64_t stream_id, uint64_t seq);

/** order_last(stream, id, seq): the last one relayed; false: not known. */
bool order_last(char stream, uint64_t stream_id, uint64_t *seq);

#endif
