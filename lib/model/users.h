/*
 * model/users.h -- accounts.
 *
 * Owns the table users, but for the column password (model/credentials.h) and
 * last_seq (model/events.h).  model/accounts.h makes and shuts accounts.
 *
 * Shapes  user: {id, username, display_name, kind, presence}; never an address
 *         or anything of the password.
 * Units   Names: UTF-8.  username [a-z0-9][a-z0-9._-]{1,31}, lower case;
 *         display_name 1 to 64 characters, cleaned by utf8_clean_name().
 * Memory  Rows are in the caller's arena.
 */
#ifndef MODEL_USERS_H
#define MODEL_USERS_H

#include "base/db.h"
#include "base/err.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct board;

#define USERNAME_SIZE 33	/* 32 characters and a NUL */
#define DISPLAY_NAME_CHARACTERS 64
#define SETTINGS_BYTES_MAX (16 * 1024)

struct user {
	uint64_t id;
	const char *username;
	const char *display_name;
	bool is_bot;
	bool is_admin;
	bool disabled;
	uint64_t last_seq;	/* of the own stream; in user_self() */
	const char *settings;	/* JSON source; in user_self() */
	const char *password;	/* as stored; only after a sign-in, a sign-up or
				 * a redeemed link: model/sessions.h wants it */
	int64_t created_at_ms;	/* in users_list() */
	bool has_password;	/* in users_list() */
};

extern struct stmt *const users_sql[];

/* For statements that join users as u: user_row() reads these columns from the
 * one with index ${first} on. */
#define USER_COLUMNS "u.id, u.username, u.display_name, u.kind = 'bot'," \
	" u.is_admin, u.disabled_at_ms IS NOT NULL"
#define USER_COLUMNS_COUNT 6
void user_row(struct stmt *s, unsigned first, struct arena *arena,
    struct user *u);

/** users_start(board): where presence is read from; NULL: everybody offline. */
void users_start(const struct board *board);

/**
 * shape_user(j, key, u): the public shape.  shape_user_self adds is_admin.
 * shape_author leaves presence out: what messages and events say has to be the
 * same whenever it is read.
 */
void shape_author(struct json *j, const char *key, const struct user *u);
void shape_user(struct json *j, const char *key, const struct user *u);
void shape_user_self(struct json *j, const char *key, const struct user *u);

/** username_fold(arena, s): with ASCII letters in lower case. */
char *username_fold(struct arena *arena, const char *s);

/** username_valid(s): the rule above; username_reserved(s): "admin", "all",
 * "everyone", "here", "me", "root", "system", "natter"... */
bool username_valid(const char *s);
bool username_reserved(const char *s);

/** display_name_clean(arena, s): as it is stored; NULL when nothing visible is
 * left or it is too long. */
char *display_name_clean(struct arena *arena, const char *s);

/** user_by_id(arena, id, u): ERR_NOT_FOUND. Disabled ones are found. */
enum err user_by_id(struct arena *arena, uint64_t id, struct user *u);
enum err user_by_name(struct arena *arena, const char *username,
    struct user *u);

/** user_self(arena, id, u): with last_seq and settings. */
enum err user_self(struct arena *arena, uint64_t id, struct user *u);

/**
 * users_search(arena, q, limit, items, count): accounts that are not disabled
 * and have ${q} in a name ("": all); those that begin with it first.
 */
enum err users_search(struct arena *arena, const char *q, size_t limit,
    struct user **items, size_t *count);

/** users_list(arena, items, count): all, by username. */
enum err users_list(struct arena *arena, struct user **items, size_t *count);

/** users_first_admin(arena, u): the oldest administrator who is not disabled;
 * ERR_NOT_FOUND: there is none. */
enum err users_first_admin(struct arena *arena, struct user *u);

/**
 * user_change(arena, id, display_name, settings): what is not NULL.  Settings
 * are merged at the top level and null takes a key away.  Event "user.updated"
 * in the user's stream, and of a name also in each conversation.
 * ERR_TOO_LARGE: over SETTINGS_BYTES_MAX, or more than the JSON reader takes.
 */
enum err user_change(struct arena *arena, uint64_t id,
    const char *display_name, const struct json_value *settings);

/** display_name_store(id, display_name): the bare column, inside a
 * transaction. */
enum err display_name_store(uint64_t id, const char *display_name);

#endif
