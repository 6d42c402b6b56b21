#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "model/tokens.h"
#include "model/users.h"

#define ARENA_BYTES (1024u * 1024)

static bool
read_scopes(struct arena *arena, const char *words, unsigned *scopes)
{
	struct text rest = {.data = words, .length = strlen(words)}, word;
	unsigned bit;

	*scopes = 0;
	while (text_split(&rest, ',', &word)) {
		bit = token_scope(arena_copy(arena, word.data, word.length));
		if (bit == 0) {
			complain("--scopes are read, write and admin, with"
			    " commas between");
			return false;
		}
		*scopes |= bit;
	}
	return true;
}

static bool
read_arguments(struct arena *arena, const struct arguments *a,
    struct token *t)
{
	size_t length = strlen(a->name);
	struct text id;

	if (a->user == NULL) {
		complain("--user says for whom the token speaks");
		return false;
	}
	t->name = utf8_valid(a->name, length) ?
	    utf8_clean_name(arena, a->name) : NULL;
	if (t->name == NULL || utf8_count(t->name) > TOKEN_NAME_CHARACTERS) {
		complain("a token's name has 1 to %d characters",
		    TOKEN_NAME_CHARACTERS);
		return false;
	}
	if (a->conversation != NULL) {
		id.data = a->conversation;
		id.length = strlen(a->conversation);
		if (!parse_id(id, &t->conversation_id)) {
			complain("--conversation wants its id");
			return false;
		}
	}
	if (a->expires != NULL && !expiry(a->expires, &t->expires_at_ms))
		return false;
	return read_scopes(arena, a->scopes == NULL ? "read,write" : a->scopes,
	    &t->scopes);
}

static int
add(struct arena *arena, const struct instance *in, const struct arguments *a)
{
	char secret[TOKEN_SECRET_SIZE];
	struct token t = {0};
	struct user u;
	enum err e;

	if (!read_arguments(arena, a, &t))
		return 1;
	e = instance_database(in);
	if (e == OK)
		e = user_by_name(arena, username_fold(arena, a->user), &u);
	if (e != OK)
		return failed(e, a->user);
	if ((t.scopes & TOKEN_ADMIN) != 0 && !u.is_admin) {
		complain("%s is no administrator: admin is not a scope for"
		    " this token", u.username);
		return 1;
	}
	t.user_id = u.id;
	e = token_create(arena, &t, secret);
	if (e != OK)
		return failed(e, a->conversation == NULL ? a->name :
		    "the conversation, for this user");
	printf("%s\n", secret);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

int
token_add(struct instance *in, const struct arguments *a)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	int status;

	status = add(arena, in, a);
	arena_free(arena);
	return status;
}
