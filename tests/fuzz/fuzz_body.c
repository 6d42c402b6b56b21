/* A JSON body, read by every reader as if it were a message. */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "http/route.h"
#include "tests/unit/memory_io.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
read_all(struct request *q)
{
	static const char *const kinds[] = {"direct", "group", NULL};
	const char *text = body_text(q, "text", 1, 16);
	const uint64_t *ids;
	uint64_t id = body_id(q, "id");
	size_t count = body_ids_optional(q, "user_ids", 10, &ids);
	int kind = body_choice(q, "kind", kinds);

	body_text_optional(q, "topic", 0, 5);
	body_bool_optional(q, "archived", false);
	body_time_optional(q, "expires_at");
	body_u64_optional(q, "uses", 1, 100, 1);
	if (text != NULL && (!utf8_valid(text, strlen(text)) ||
		utf8_count(text) > 16))
		abort();
	if (id > ID_MAX || count > 10 || kind > 1)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (ids[i] > ID_MAX)
			abort();
	}
	if (!request_bad(q) && (text == NULL || id == 0 || kind < 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct memory m = {.body = (const char *)bytes, .body_length = size};
	struct io io = memory_io(&m);
	struct request q = {.arena = arena_new(64 * 1024 * 1024),
	    .body_kind = BODY_JSON, .content_length = size};

	if (request_take_body(&q, &io) == OK)
		read_all(&q);
	arena_free(q.arena);
	return 0;
}
