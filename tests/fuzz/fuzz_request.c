/*
 * Parameters as a web server hands them over, split by NUL; what follows the
 * last one is the body.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "http/route.h"
#include "tests/unit/memory_io.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static enum err
nothing(struct request *q, struct reply *p)
{
	(void)q;
	(void)p;
	return OK;
}

static const struct route table[] = {
    {GET, "/a/{id}/b/{word}", USER, 0, LIMIT_READ, 0, nothing},
    {POST, "/a/{id}", USER, 0, LIMIT_READ, ROUTE_PLAIN, nothing},
    {.call = NULL}};

static void
check(const struct request *q)
{
	const char *const texts[] = {q->path, q->accept, q->upgrade, q->origin,
	    q->fetch_site, q->host, q->user_agent, q->idempotency_key,
	    q->bearer, q->session_cookie, q->address, q->content_type,
	    q->request_id, q->method_text};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i] == NULL)
			abort();
	}
	if (!utf8_valid(q->path, strlen(q->path)) || q->path[0] != '/' ||
	    strlen(q->request_id) < 8 || strlen(q->request_id) > 64)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(64 * 1024 * 1024);
	struct config site = memory_site("/chat/");
	struct request q = {.arena = arena, .config = &site};
	struct memory m = {.count = 0};
	struct io io = memory_io(&m);
	char *copy = arena_copy(arena, (const char *)bytes, size);
	char *end = copy + size;
	const struct route *route;
	unsigned allowed;
	enum err e;

	while (copy < end && m.count < 38) {
		m.params[m.count++] = copy;
		copy += strlen(copy) + 1;
	}
	if (m.count > 0 && copy >= end) {
		m.body = m.params[--m.count];
		m.params[m.count] = NULL;
		m.body_length = strlen(m.body);
	}
	e = request_open(&q, &io);
	check(&q);
	if (e == OK)
		e = route_find(table, &q, &route, &allowed);
	if (e == OK && (q.ids[0] == 0 || q.ids[0] > ID_MAX))
		abort();
	if (e == OK)
		e = request_media(&q, route);
	if (e == OK)
		request_take_body(&q, &io);
	arena_free(arena);
	return 0;
}
