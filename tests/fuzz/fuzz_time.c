/* A time: what is taken is written as a time that means the same. */
#include "base/arena.h"
#include "base/clock.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(1024 * 1024);
	const char *text = arena_copy(arena, (const char *)bytes, size);
	char again[CLOCK_TEXT_SIZE];
	int64_t at_ms, same_ms;

	if (clock_parse(text, &at_ms)) {
		clock_format(at_ms, again);
		if (!clock_parse(again, &same_ms))
			abort();
		if (at_ms >= FIRST_MS && at_ms <= LAST_MS && same_ms != at_ms)
			abort();
	}
	arena_free(arena);
	return 0;
}
