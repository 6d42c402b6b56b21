#include <stdbool.h>

#include "base/arena.h"
#include "http/route.h"

#define ROUTES_MAX 256

/* How many parts each path of the table has, so that most rows are passed by
 * without a look at it. */
static struct {
	const struct route *table;
	unsigned char parts[ROUTES_MAX];
} counted;

static unsigned char
parts_of(const char *path)
{
	unsigned char count = 0;

	for (; *path != '\0'; path++) {
		if (*path == '/' && count < 255)
			count++;
	}
	return count;
}

static void
count_parts(const struct route *table)
{
	for (size_t i = 0; i < ROUTES_MAX && table[i].call != NULL; i++)
		counted.parts[i] = parts_of(table[i].path);
	counted.table = table;
}

struct match {
	uint64_t ids[REQUEST_IDS_MAX];
	size_t count;
	struct text word;
};

static bool
match_part(const char *pattern, struct text part, struct match *m)
{
	if (strncmp(pattern, "{word}", 6) == 0) {
		m->word = part;
		return part.length > 0;
	}
	return m->count < REQUEST_IDS_MAX && parse_id(part, &m->ids[m->count++]);
}

static bool
match(const char *pattern, const char *path, struct match *m)
{
	*m = (struct match){.count = 0};
	while (*pattern != '\0') {
		if (*pattern == '{') {
			size_t length = strcspn(path, "/");

			if (!match_part(pattern, (struct text){path, length},
				m))
				return false;
			path += length;
			pattern += strcspn(pattern, "/");
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

/* The next row from i on that has the path, and one of the methods. */
static size_t
next(const struct route *table, size_t i, const struct request *q,
    unsigned methods, struct match *m)
{
	unsigned char parts = parts_of(q->path);

	for (; i < ROUTES_MAX && table[i].call != NULL; i++) {
		if (counted.parts[i] == parts &&
		    ((unsigned)table[i].method & methods) != 0 &&
		    match(table[i].path, q->path, m))
			return i;
	}
	return ROUTES_MAX;
}

enum err
route_find(const struct route *table, struct request *q,
    const struct route **route, unsigned *allowed)
{
	struct match m;
	size_t i;

	*route = NULL;
	*allowed = 0;
	if (counted.table != table)
		count_parts(table);
	i = next(table, 0, q, (unsigned)q->method, &m);
	if (i < ROUTES_MAX) {
		*route = &table[i];
		memcpy(q->ids, m.ids, m.count * sizeof(m.ids[0]));
		if (m.word.length > 0)
			q->word = arena_copy(q->arena, m.word.data,
			    m.word.length);
		return OK;
	}
	i = next(table, 0, q, ~0u, &m);
	for (; i < ROUTES_MAX; i = next(table, i + 1, q, ~0u, &m))
		*allowed |= (unsigned)table[i].method;
	return *allowed == 0 ? ERR_NOT_FOUND : ERR_METHOD;
}
