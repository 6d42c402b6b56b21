/*
 * tests/bench/ledger.h -- what was sent, when it was answered, and when and
 * how often it was heard.
 *
 * A message is known by its index, which stands in its text as "n=0000000012";
 * so both ends are seen by one clock in one process.
 *
 * Only what is sent while the window is open counts, wherever it ends.
 */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#define LEDGER_MAX ((size_t)2 * 1024 * 1024)

/** ledger_start(copies): how many followers hear each message. */
void ledger_start(unsigned copies);

/** ledger_window(open): Open and close the window. */
void ledger_window(bool open);

/** ledger_send(now): A message goes out; its index. */
uint64_t ledger_send(int64_t now);

/** ledger_answered(index, now, good): Its answer is there. */
void ledger_answered(uint64_t index, int64_t now, bool good);

/** ledger_heard(index, now): A follower has it. */
void ledger_heard(uint64_t index, int64_t now);

/** ledger_sent(): how many there are; ledger_errors(): how many not 2xx. */
uint64_t ledger_sent(void);
uint64_t ledger_errors(void);

/** ledger_settled(): every answer and every copy is there. */
bool ledger_settled(void);

/** ledger_print(seconds): The figures, as members of a JSON object; how many
 * were answered within the window. */
uint64_t ledger_print(double seconds);

#endif
