#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/commands.h"
#include "model/invites.h"
#include "model/users.h"

#define ARENA_BYTES (1024u * 1024)

static int
add(struct arena *arena, const struct instance *in, const struct arguments *a)
{
	struct invite i = {.uses_left = 1};
	char code[TOKEN_SIZE];
	struct user u;
	struct text uses;
	enum err e;

	i.expires_at_ms = clock_now_ms() + INVITE_VALID_MS;
	if (a->expires != NULL && !expiry(a->expires, &i.expires_at_ms))
		return 1;
	if (a->uses != NULL) {
		uses.data = a->uses;
		uses.length = strlen(a->uses);
		if (!parse_u64(uses, INVITE_USES_MAX, &i.uses_left) ||
		    i.uses_left == 0) {
			complain("--uses is 1 to %d", INVITE_USES_MAX);
			return 1;
		}
	}
	e = instance_database(in);
	if (e != OK)
		return failed(e, "invite add");
	/* An invitation needs somebody who answers for it. */
	e = users_first_admin(arena, &u);
	if (e != OK)
		return failed(e, "an administrator");
	i.created_by = u.id;
	e = invite_create(&i, code);
	if (e != OK)
		return failed(e, "invitations");
	printf("%s\n%s\n", invite_url(arena, &in->config, code), code);
	return 0;
}

int
invite_add(struct instance *in, const struct arguments *a)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	int status;

	status = add(arena, in, a);
	arena_free(arena);
	return status;
}
