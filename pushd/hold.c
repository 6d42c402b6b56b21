#include "pushd/hold.h"

#include "pushd/loop.h"
#include "pushd/outbox.h"

#include <uthash.h>

#define BYTES_MAX (256u * 1024)
#define HOLDS_MAX 1000

struct hold {
	struct channel channel;		/* the key */
	unsigned expected;
	struct timer patience;
	char *bytes;			/* events, each after its size_t length */
	size_t length, capacity;
	UT_hash_handle hh;
};

static struct hold *holds;

static struct hold *
find(struct channel c)
{
	struct hold *h;

	HASH_FIND(hh, holds, &c, sizeof(c), h);
	return h;
}

static void
drop(struct hold *h)
{
	HASH_DELETE(hh, holds, h);
	timer_stop(&h->patience);
	free(h->bytes);
	free(h);
}

/* Gone from the table first, or the events would be held again. */
static void
release(struct hold *h)
{
	struct channel c = h->channel;
	size_t length = h->length;
	char *bytes = h->bytes;

	h->bytes = NULL;
	drop(h);
	if (length > 0)
		outbox_barrier();
	for (size_t at = 0, size; at < length; at += size) {
		memcpy(&size, bytes + at, sizeof(size));
		at += sizeof(size);
		outbox_event(&c, 1, bytes + at, size, 0);
	}
	free(bytes);
}

static void
patience_ends(void *argument)
{
	release(argument);
}

void
hold_start(struct channel c)
{
	struct hold *h = find(c);

	if (h == NULL && HASH_COUNT(holds) >= HOLDS_MAX)
		return;
	if (h == NULL) {
		h = calloc(1, sizeof(*h));
		if (h == NULL)
			abort();
		h->channel = c;
		h->patience.call = patience_ends;
		h->patience.argument = h;
		HASH_ADD(hh, holds, channel, sizeof(c), h);
		timer_set(&h->patience, HOLD_MS);
	}
	h->expected++;
}

void
hold_came(struct channel c)
{
	struct hold *h = find(c);

	if (h != NULL && --h->expected == 0)
		release(h);
}

void
hold_release(struct channel c)
{
	struct hold *h = find(c);

	if (h != NULL)
		release(h);
}

bool
hold_any(void)
{
	return holds != NULL;
}

static void
keep(struct hold *h, const char *json, size_t length)
{
	size_t needed = h->length + sizeof(length) + length;

	if (needed > h->capacity) {
		h->capacity = 2 * needed;
		h->bytes = realloc(h->bytes, h->capacity);
		if (h->bytes == NULL)
			abort();
	}
	memcpy(h->bytes + h->length, &length, sizeof(length));
	memcpy(h->bytes + h->length + sizeof(length), json, length);
	h->length = needed;
}

size_t
hold_take(const struct channel *to, size_t count, const char *json,
    size_t length, struct channel *rest)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct hold *h = find(to[i]);

		if (h != NULL && h->length + length > BYTES_MAX) {
			release(h);
			h = NULL;
		}
		if (h != NULL)
			keep(h, json, length);
		else
			rest[kept++] = to[i];
	}
	return kept;
}

void
hold_end(void)
{
	struct hold *h, *next;

	HASH_ITER(hh, holds, h, next)
		drop(h);
}
