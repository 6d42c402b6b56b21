#include <stdbool.h>

#include "base/arena.h"
#include "http/route.h"

#define ROUTES_MAX 256

/*
 * How many parts each path of the table has, so that most rows are passed by
 * with one comparison.
 */
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
	m->count = 0;
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

enum err
route_find(const struct route *table, struct request *q,
    const struct route **route, unsigned *allowed)
{
	unsigned char parts = parts_of(q->path);
	struct match m;

	*route = NULL;
	*allowed = 0;
	if (counted.table != table)
		count_parts(table);
	for (size_t i = 0; i < ROUTES_MAX && table[i].call != NULL; i++) {
		if (counted.parts[i] != parts ||
		    !match(table[i].path, q->path, &m))
			continue;
		*allowed |= (unsigned)table[i].method;
		if (table[i].method != q->method)
			continue;
		*route = &table[i];
		memcpy(q->ids, m.ids, m.count * sizeof(m.ids[0]));
		if (strstr(table[i].path, "{word}") != NULL)
			q->word = arena_copy(q->arena, m.word.data,
			    m.word.length);
		return OK;
	}
	return *allowed == 0 ? ERR_NOT_FOUND : ERR_METHOD;
}
