/* A query: what comes out is valid text, and reading it has bounds. */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(64 * 1024 * 1024);
	struct request q = {.arena = arena};
	char *copy = arena_copy(arena, (const char *)bytes, size);
	enum err e;

	e = form_parse(arena, (struct text){copy, size}, &q.query,
	    &q.query_count);
	if (e == OK && q.query_count > REQUEST_QUERY_MAX)
		abort();
	for (size_t i = 0; e == OK && i < q.query_count; i++) {
		const char *name = q.query[i].name;
		const char *value = q.query[i].value;
		uint64_t n = query_u64(&q, name, 3, 9, 5);
		const char *text = query_text(&q, name, 10);

		if (!utf8_valid(name, strlen(name)) ||
		    !utf8_valid(value, strlen(value)) || n < 3 || n > 9 ||
		    (text != NULL && utf8_count(text) > 10) ||
		    !query_has(&q, name))
			abort();
	}
	arena_free(arena);
	return 0;
}
