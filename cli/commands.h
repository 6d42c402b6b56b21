/*
 * cli/commands.h -- what `natter` can be told; main.c has the table.
 *
 * A command returns the exit status: 0, or 1 after having said why.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/instance.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct arguments {
	const char *name;		/* the word after the command; NULL */
	char *const *words;		/* it and those after it */
	size_t count;
	bool admin;
	bool bot;
	bool password_stdin;
	bool plan;
	bool replace;
	bool push;
	const char *display_name;
	const char *user;
	const char *scopes;
	const char *expires;
	const char *uses;
	const char *conversation;
};

typedef int command(struct instance *in, const struct arguments *a);

command up, run, reload, down, ps, migrate_now, doctor, config_check, config_print;
command user_add, user_show_all, user_reset, user_off, user_on;
command token_add, invite_add;
command backup, restore, verify;

/** expiry(text, at_ms): "30d", "12h", "never" (0) or RFC 3339; false and said
 * when it is none of them or over. */
bool expiry(const char *text, int64_t *at_ms);

/** failed(e, what): say it in words; 1. */
int failed(enum err e, const char *what);

#endif
