/*
 * base/config.h -- every setting, in one struct.
 *
 * Order   built-in default < natter.conf (INI) < environment
 *         NATTER_<SECTION>_<KEY>.  docs/configuration.md lists them; a test
 *         compares that page with the table in config_table.c.
 * Memory  Strings live as long as the struct; config_free() gives them back.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum registration { REGISTRATION_INVITE, REGISTRATION_OPEN, REGISTRATION_CLOSED };

struct config {
	/* [site] */
	char *url;		/* "http://127.0.0.1:8080/chat/", always ends in / */
	char *name;		/* "Natter" */
	enum registration registration;
	/* made from url */
	char *origin;		/* "http://127.0.0.1:8080" */
	char *path;		/* "/chat/": always begins and ends with / */
	bool secure;		/* https: the cookie gets __Host- and Secure */

	/* [instance] */
	char *var;		/* absolute; sockets, pid files, database, secrets */
	char *listen;		/* "127.0.0.1:8080": the public nginx */
	uint32_t workers;	/* 12 */
	uint32_t auth_workers;	/* = cores */
	uint32_t queue;		/* requests under way or waiting: 500 */

	/* [database]; private when neither socket nor host is set */
	bool db_private;
	char *db_socket;
	char *db_host;
	uint32_t db_port;	/* 3306 */
	char *db_user;
	char *db_password_file;
	char *db_name;
	uint32_t db_may_lose_messages;	/* 0; 1: its settings are accepted */

	/* [sessions] */
	uint32_t session_idle_days;	/* 30 */
	uint32_t session_days;		/* 180 */

	/* [events] */
	uint32_t events_keep_days;	/* 30 */

	/* [password] cost */
	uint32_t scrypt_log2_n, scrypt_r, scrypt_p;	/* 15, 8, 3 */

	/* [limits]: events per minute, with that many at once; 0 switches off */
	uint32_t limit_send;		/* messages per user: 120 */
	uint32_t limit_write;		/* other changes per user: 240 */
	uint32_t limit_read;		/* reads per user: 1200 */
	uint32_t limit_typing;		/* 60 */
	uint32_t limit_stream;		/* streams opened per user: 60 */
	uint32_t limit_sign_in_account;	/* tries per account: 10 */
	uint32_t limit_sign_in_address;	/* tries per address: 30 */
	uint32_t limit_sign_up_address;	/* 10 */
	uint32_t limit_address;		/* requests without sign-in: 300 */
	uint32_t limit_connections;	/* at once per address: 500 */
	uint32_t text_characters;	/* longest message: 16000 */
	uint32_t group_members;		/* 1000 */
};

/**
 * config_load(config, var): defaults, then VAR/natter.conf and ./natter.conf
 * (the first that exists; NATTER_CONF names another), then the environment.
 * var NULL: NATTER_VAR, else "var".  ERR_BAD_INPUT: an unknown key or a bad
 * value, logged with file and line.
 */
enum err config_load(struct config *config, const char *var);

/**
 * config_read(config, var, in, name): the same from one open file, called name
 * in the log, and without the environment; for tests.
 */
enum err config_read(struct config *config, const char *var, FILE *in,
    const char *name);

/** config_path(config, name, out, size): "<var>/<name>"; false: too long. */
bool config_path(const struct config *config, const char *name, char *out,
    size_t size);

/** config_dump(config, out): effective values as an INI file, no secrets. */
void config_dump(const struct config *config, FILE *out);

/** config_describe(out): the tables of docs/configuration.md. */
void config_describe(FILE *out);

/** config_free(config): also after a failed load; may be done twice. */
void config_free(struct config *config);

/**
 * config_secret(file, out, size): first line of a file into out.
 * ERR_NOT_FOUND: no such file; not logged.  ERR_INTERNAL: unreadable, empty or
 * too long; logged.
 */
enum err config_secret(const char *file, char *out, size_t size);

#endif
