/*
 * http/counter.h -- how many answers of which kind, over all workers.
 *
 * One row per route of the table and one for what matched none; one column
 * per class of status.  Stands in VAR/run/counters; starts from 0 when the
 * table has another number of rows or the machine was started again.
 */
#ifndef HTTP_COUNTER_H
#define HTTP_COUNTER_H

#include <stddef.h>
#include <stdint.h>

struct config;

/** counter_start(config, rows): rows of the route table. */
void counter_start(const struct config *config, size_t rows);
void counter_stop(void);

/** counter_add(row, status): row == rows: no route. */
void counter_add(size_t row, unsigned status);

/** counter_rows(): rows of the table; counter_value(row, class): class 2 is
 * 2xx, and so on up to 5. */
size_t counter_rows(void);
uint64_t counter_value(size_t row, unsigned class);

#endif
