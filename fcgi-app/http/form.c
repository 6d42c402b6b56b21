#include "base/arena.h"
#include "base/utf8.h"
#include "http/form.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err
form_decode(struct arena *arena, struct text in, bool plus, const char **out)
{
	char *text = arena_alloc(arena, in.length + 1);
	size_t length = 0;

	for (size_t i = 0; i < in.length; i++) {
		char c = in.data[i];

		if (c == '+' && plus)
			c = ' ';
		if (c == '%') {
			int high, low;

			if (in.length - i < 3)
				return ERR_BAD_INPUT;
			high = hex_value(in.data[i + 1]);
			low = hex_value(in.data[i + 2]);
			if (high < 0 || low < 0)
				return ERR_BAD_INPUT;
			c = (char)(high * 16 + low);
			i += 2;
		}
		text[length++] = c;
	}
	if (!utf8_valid(text, length))
		return ERR_BAD_INPUT;
	*out = text;
	return OK;
}

static enum err
parse_pair(struct arena *arena, struct text pair, struct parameter *item)
{
	struct text value = pair;
	struct text name;
	enum err e;

	text_split(&value, '=', &name);
	e = form_decode(arena, name, true, &item->name);
	if (e != OK)
		return e;
	return form_decode(arena, value, true, &item->value);
}

enum err
form_parse(struct arena *arena, struct text in,
    const struct parameter **items, size_t *count)
{
	struct parameter *list;
	struct text pair;
	size_t n = 0;
	enum err e;

	*items = NULL;
	*count = 0;
	if (in.length == 0)
		return OK;
	list = arena_alloc(arena, REQUEST_QUERY_MAX * sizeof(*list));
	while (text_split(&in, '&', &pair)) {
		if (pair.length == 0)
			continue;
		if (n == REQUEST_QUERY_MAX)
			return ERR_BAD_INPUT;
		e = parse_pair(arena, pair, &list[n++]);
		if (e != OK)
			return e;
	}
	*items = list;
	*count = n;
	return OK;
}

/* The one parameter of that name; one that stands twice is refused. */
static const struct parameter *
find(struct request *q, const char *name)
{
	const struct parameter *found = NULL;

	for (size_t i = 0; i < q->query_count; i++) {
		if (strcmp(q->query[i].name, name) != 0)
			continue;
		if (found != NULL) {
			request_fault(q, arena_printf(q->arena, "?%s", name),
			    "repeated", "This may stand once.");
			return NULL;
		}
		found = &q->query[i];
	}
	return found;
}

const char *
query_text(struct request *q, const char *name, size_t max)
{
	const struct parameter *p = find(q, name);

	if (p == NULL)
		return NULL;
	if (utf8_count(p->value) > max) {
		request_fault(q, arena_printf(q->arena, "?%s", name),
		    "too_long",
		    arena_printf(q->arena, "At most %zu characters.", max));
		return NULL;
	}
	return p->value;
}

bool
query_has(const struct request *q, const char *name)
{
	for (size_t i = 0; i < q->query_count; i++) {
		if (strcmp(q->query[i].name, name) == 0)
			return true;
	}
	return false;
}

uint64_t
query_u64(struct request *q, const char *name, uint64_t min, uint64_t max,
    uint64_t fallback)
{
	const struct parameter *p = find(q, name);
	struct text t;
	uint64_t value;

	if (p == NULL)
		return fallback;
	t = (struct text){p->value, strlen(p->value)};
	if (!parse_u64(t, max, &value) || value < min) {
		request_fault(q, arena_printf(q->arena, "?%s", name), "range",
		    arena_printf(q->arena, "A whole number from %llu to %llu.",
			(unsigned long long)min, (unsigned long long)max));
		return fallback;
	}
	return value;
}
