/* The list of a message's reactions, as the database puts it together. */
#include "model/messages.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new((size_t)64 * 1024 * 1024);
	struct message m = {0};

	read_reactions(arena, arena_copy(arena, (const char *)bytes, size), &m);
	if (m.reaction_count > REACTION_KINDS_MAX)
		abort();
	for (size_t i = 0; i < m.reaction_count; i++) {
		const struct reaction *r = &m.reactions[i];

		if (r->count == 0 || strlen(r->emoji) > size)
			abort();
		for (size_t k = 0; k < r->count; k++)
			if (r->user_ids[k] == 0 || r->user_ids[k] > ID_MAX)
				abort();
	}
	arena_free(arena);
	return 0;
}
