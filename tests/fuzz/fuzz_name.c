/*
 * Names: what is cleaned or folded is clean the second time; a user name that
 * is valid is its own folded form, so that no two of them are the same to the
 * eye of a computer; an emoji is short.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "model/emoji.h"
#include "model/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_username(struct arena *arena, const char *s)
{
	const char *folded = username_fold(arena, s);

	must(strlen(folded) == strlen(s));
	must(strcmp(folded, username_fold(arena, folded)) == 0);
	if (!username_valid(folded))
		return;
	must(strlen(folded) >= 2 && strlen(folded) < USERNAME_SIZE);
	must(strcmp(folded, utf8_fold(arena, folded)) == 0);
	must(strcmp(folded, utf8_clean_name(arena, folded)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena;
	const char *s, *clean, *again;

	if (!utf8_valid((const char *)bytes, size))
		return 0;
	arena = arena_new((size_t)64 * 1024 * 1024);
	s = arena_copy(arena, (const char *)bytes, size);
	check_username(arena, s);
	clean = display_name_clean(arena, s);
	if (clean != NULL) {
		must(*clean != '\0' && utf8_valid(clean, strlen(clean)));
		must(utf8_count(clean) <= DISPLAY_NAME_CHARACTERS);
		again = display_name_clean(arena, clean);
		must(again != NULL && strcmp(clean, again) == 0);
	}
	clean = emoji_clean(arena, s);
	if (clean != NULL) {
		must(*clean != '\0' && strlen(clean) <= EMOJI_BYTES_MAX);
		again = emoji_clean(arena, clean);
		must(again != NULL && strcmp(clean, again) == 0);
	}
	arena_free(arena);
	return 0;
}
