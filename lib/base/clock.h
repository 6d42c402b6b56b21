/*
 * base/clock.h -- the time, and how it is written.
 *
 * Units   Milliseconds.  Wall time is UTC since 1970 and may jump; anything
 *         that measures a span uses the monotonic clock.
 * Source  RFC 3339.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE 32

int64_t clock_now_ms(void);
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

/** clock_format(at_ms, text): "2026-11-22T10:00:00.000Z" into text. */
void clock_format(int64_t at_ms, char text[static CLOCK_TEXT_SIZE]);

/** clock_parse(text, at_ms): RFC 3339 with any offset; false when it is not. */
bool clock_parse(const char *text, int64_t *at_ms);

#endif
