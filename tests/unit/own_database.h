/*
 * tests/unit/own_database.h -- a MariaDB of its own for the tests of base/db.h,
 * in a folder of its own; as root too.  Linked into tests/unit/test_db_*.c,
 * where a test begins with the table notes empty.
 */
#ifndef TESTS_OWN_DATABASE_H
#define TESTS_OWN_DATABASE_H

#include "base/arena.h"
#include "base/config.h"
#include "base/db.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SKIPPED 77

extern struct config config;
extern struct arena *arena;

/* notes (name, body, code, height) */
extern struct stmt insert;
extern struct stmt by_name;	/* id, name, body, code, height */
extern struct stmt grow;
extern struct stmt clear;
extern struct stmt kill_self;

/** own_sql: each program's own statements besides these; lists: both. */
extern struct stmt *const own_sql[];
extern struct stmt *const *const lists[];

/** database_installed(): false and said: what it takes is not there. */
bool database_installed(void);

/* Of the group of tests, and of each. */
int start_all(void **state);
int stop_all(void **state);
int start(void **state);
int stop(void **state);

void start_server(void);
/** kill_server(): with -9, as a fault would. */
void kill_server(void);
/** restart_server(): our side of the connection does not notice. */
void restart_server(void);
/** open_patiently(lists): db_open() until the server is there. */
enum err open_patiently(struct stmt *const *const *what);
int finish(pid_t child);

void add(const char *name, int64_t height);
/** height_of(name): -1: no such note. */
int64_t height_of(const char *name);
/** add_two(second): "a" and it, for db_transaction(). */
enum err add_two(void *second);

/** listen_to_log(), stop_listening(): what standard error gets in between does
 * not go to the screen, and is returned. */
void listen_to_log(void);
const char *stop_listening(void);

#endif
