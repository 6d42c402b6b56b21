/*
 * A stored password and, after a NUL, a typed one with a user name.  What is
 * taken as stored is within bounds and written again as the same text.
 */
#include "base/arena.h"
#include "base/password.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_stored(const char *text)
{
	char salt[SALT_LETTERS + 1], hash[HASH_LETTERS + 1];
	char again[PASSWORD_STORED_SIZE];
	struct stored s;

	if (!parse_stored(text, &s))
		return;
	if (s.cost.log2_n < LOG2_N_MIN || s.cost.log2_n > LOG2_N_MAX ||
	    s.cost.r != R || s.cost.p < 1 || s.cost.p > P_MAX)
		abort();
	base64_encode(s.salt, SALT_SIZE, salt);
	base64_encode(s.hash, HASH_SIZE, hash);
	snprintf(again, sizeof(again), "$scrypt$ln=%u,r=%u,p=%u$%s$%s",
	    s.cost.log2_n, s.cost.r, s.cost.p, salt, hash);
	if (strcmp(text, again) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(16 * 1024 * 1024);
	const char *stored = arena_copy(arena, (const char *)bytes, size);
	const char *end = stored + size;
	const char *typed = stored, *username = "";

	if (stored + strlen(stored) < end)
		typed += strlen(stored) + 1;
	if (typed + strlen(typed) < end)
		username = typed + strlen(typed) + 1;
	check_stored(stored);
	/* As long as a body may make it; the name is a valid one. */
	if (strlen(username) < 32)
		password_weak(typed, username);
	arena_free(arena);
	return 0;
}
