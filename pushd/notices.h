/*
 * pushd/notices.h -- pushd's ear for the workers.
 */
#ifndef PUSHD_NOTICES_H
#define PUSHD_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

/** notices_start(path): listen on the notices socket. */
bool notices_start(const char *path);
void notices_end(void);

/** notices_turn(): after each turn of the loop: answers workers that wait. */
void notices_turn(void);
uint64_t notices_count(void);

#endif
