/*
 * model/users.h -- accounts.
 *
 * Owns the table users.  Sign-in and passwords are here; sessions, tokens and
 * invitations have files of their own.
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
#include <stdint.h>

struct arena;
struct board;
struct config;
struct password_cost;

struct user {
	uint64_t id;
	const char *username;
	const char *display_name;
	bool is_bot;
	bool is_admin;
	bool disabled;
	uint64_t last_seq;	/* of the user's own stream; when read for /me */
	const char *settings;	/* JSON source; when read for /me */
};

extern struct stmt *const users_sql[];

/** users_start(board): where presence is read from; NULL: everybody offline. */
void users_start(const struct board *board);

/** shape_user(j, key, u): the public shape.  shape_user_self adds is_admin. */
void shape_user(struct json *j, const char *key, const struct user *u);
void shape_user_self(struct json *j, const char *key, const struct user *u);

/** username_valid(s): the rule above; username_reserved(s): "admin", "all",
 * "everyone", "here", "me", "root", "system", "natter"... */
bool username_valid(const char *s);
bool username_reserved(const char *s);

/** user_by_id(arena, id, u): ERR_NOT_FOUND. Disabled ones are found. */
enum err user_by_id(struct arena *arena, uint64_t id, struct user *u);
enum err user_by_name(struct arena *arena, const char *username,
    struct user *u);

#endif
