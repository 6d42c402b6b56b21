#include "cli/first.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/files.h"
#include "model/accounts.h"
#include "model/conversations.h"
#include "model/credentials.h"
#include "model/links.h"
#include "model/tokens.h"
#include "model/users.h"

#define ARENA_BYTES (16u * 1024 * 1024)
#define NAME "admin"
#define HEADER "secrets/curl-header"
#define FIRST_LINK_VALID_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

static enum err
make_account(struct arena *arena, const struct instance *in, struct user *u)
{
	const struct user_new n = {.username = NAME, .is_admin = true};
	struct user *all;
	size_t count;
	enum err e;

	e = user_by_name(arena, NAME, u);
	if (e != ERR_NOT_FOUND)
		return e;
	e = users_list(arena, &all, &count);
	if (e != OK)
		return e;
	if (count > 0)
		return ERR_NOT_FOUND;
	return user_create(arena, &in->config, &n, u);
}

static enum err
make_token(struct arena *arena, const struct instance *in, uint64_t user_id)
{
	struct token t = {.user_id = user_id, .name = "first steps",
	    .scopes = TOKEN_READ | TOKEN_WRITE};
	char secret[TOKEN_SECRET_SIZE], path[PATH_SIZE], line[128];
	enum err e;
	int length;

	e = token_create(arena, &t, secret);
	if (e != OK)
		return e;
	length = snprintf(line, sizeof(line), "Authorization: Bearer %s\n",
	    secret);
	e = file_write(instance_file(in, HEADER, path), line, (size_t)length);
	explicit_bzero(line, sizeof(line));
	explicit_bzero(secret, sizeof(secret));
	return e;
}

static enum err
make_link(struct arena *arena, const struct instance *in, uint64_t user_id,
    struct first *first)
{
	char code[TOKEN_SIZE];
	enum err e;

	e = link_create(user_id, FIRST_LINK_VALID_MS, code);
	if (e != OK)
		return e;
	snprintf(first->link, sizeof(first->link), "%s",
	    link_url(arena, &in->config, code));
	return OK;
}

/*
 * Each step is made when it is missing, so that a first start which was cut
 * short is completed by the next.  Once somebody has a password, nothing is
 * made any more: a token that was deleted then stays deleted.
 */
static enum err
prepare(struct arena *arena, const struct instance *in, struct first *first)
{
	char path[PATH_SIZE];
	struct user u = {0};
	bool any, created;
	enum err e;

	e = users_any_password(&any);
	if (e != OK)
		return e;
	e = any ? user_by_name(arena, NAME, &u) : make_account(arena, in, &u);
	if (e == ERR_NOT_FOUND || (e == OK && u.disabled))
		return OK;
	if (e != OK)
		return e;
	instance_file(in, HEADER, path);
	if (!any && !file_exists(path))
		e = make_token(arena, in, u.id);
	if (e == OK && !any)
		e = make_link(arena, in, u.id, first);
	if (e == OK && file_exists(path))
		e = conversation_open_direct(arena, u.id, u.id,
		    &first->notes_id, &created);
	return e;
}

enum err
first_prepare(const struct instance *in, struct first *first)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	enum err e;

	memset(first, 0, sizeof(*first));
	e = prepare(arena, in, first);
	arena_free(arena);
	return e;
}

void
first_print(const struct instance *in, const struct first *first)
{
	const struct config *c = &in->config;

	printf("\n%s is ready: %s\n", c->name, c->url);
	if (first->link[0] != '\0')
		printf("\nSign in as %s, once and within 7 days, and choose a"
		    " password:\n  %s\n", NAME, first->link);
	if (first->notes_id != 0)
		printf("\nSay something from a shell:\n  curl -H @%s/%s"
		    " -H 'Content-Type: text/plain' --data-binary 'Hello'"
		    " %sapi/v1/conversations/%llu/messages\n", c->var, HEADER,
		    c->url, (unsigned long long)first->notes_id);
	printf("\nCtrl-C stops everything.\n");
	fflush(stdout);
}
