#include "api/known.h"

#include "base/clock.h"
#include "model/users.h"

#define SETS 64
#define PLACES 4		/* of a set */
#define DISPLAY_NAME_SIZE (4 * DISPLAY_NAME_CHARACTERS + 1)

static struct known {
	uint8_t hash[TOKEN_HASH_SIZE];
	int64_t until_ms;	/* 0: nobody */
	struct caller caller;
	char username[USERNAME_SIZE];
	char display_name[DISPLAY_NAME_SIZE];
} known[SETS][PLACES];

/* Its place; else that of whoever goes first. */
static struct known *
place_of(const uint8_t hash[static TOKEN_HASH_SIZE], bool *found)
{
	struct known *set = known[hash[0] % SETS];
	struct known *first = set;

	for (struct known *k = set; k < set + PLACES; k++) {
		*found = k->until_ms != 0 &&
		    memcmp(k->hash, hash, TOKEN_HASH_SIZE) == 0;
		if (*found)
			return k;
		if (k->until_ms < first->until_ms)
			first = k;
	}
	return first;
}

void
known_keep(const uint8_t hash[static TOKEN_HASH_SIZE],
    const struct caller *caller, int64_t until_ms)
{
	bool found;
	struct known *k = place_of(hash, &found);

	memcpy(k->hash, hash, TOKEN_HASH_SIZE);
	snprintf(k->username, sizeof(k->username), "%s", caller->username);
	snprintf(k->display_name, sizeof(k->display_name), "%s",
	    caller->display_name);
	k->until_ms = until_ms;
	k->caller = *caller;
	k->caller.username = k->username;
	k->caller.display_name = k->display_name;
	k->caller.secret_hash = k->hash;
}

void
known_forget(const uint8_t hash[static TOKEN_HASH_SIZE])
{
	bool found;
	struct known *k = place_of(hash, &found);

	if (found)
		*k = (struct known){0};
}

const struct caller *
known_find(const uint8_t hash[static TOKEN_HASH_SIZE])
{
	bool found;
	struct known *k = place_of(hash, &found);

	return found && clock_now_ms() < k->until_ms ? &k->caller : NULL;
}
