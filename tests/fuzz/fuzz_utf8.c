#include <stdint.h>

#include "base/arena.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

/* The definition of RFC 3629 by value, against the one by bytes. */
static bool
valid_by_value(const uint8_t *p, size_t length)
{
	static const uint32_t least[] = { 1, 0x80, 0x800, 0x10000 };
	uint32_t c;
	size_t more;

	while (length > 0) {
		more = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
		if (more >= length || (*p >= 0x80 && *p < 0xc0) || *p > 0xf7)
			return false;
		c = more == 0 ? *p : *p & (0x3fu >> more);
		for (size_t i = 1; i <= more; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (p[i] & 0x3fu);
		}
		if (c < least[more] || c > 0x10ffff ||
		    (c >= 0xd800 && c <= 0xdfff))
			return false;
		p += more + 1;
		length -= more + 1;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 * 1024 * 1024);
	const char *s, *clean, *again;
	size_t half;

	must(utf8_valid((const char *)data, size) ==
	    valid_by_value(data, size));
	if (!valid_by_value(data, size)) {
		arena_free(arena);
		return 0;
	}
	s = arena_copy(arena, (const char *)data, size);
	half = utf8_cut(s, utf8_count(s) / 2);
	must(half <= size && utf8_valid(s, half));
	must(utf8_cut(s, utf8_count(s)) == size);
	clean = utf8_clean_text(arena, s);
	must(utf8_valid(clean, strlen(clean)) && strchr(clean, '\r') == NULL);
	must(strcmp(clean, utf8_clean_text(arena, clean)) == 0);
	clean = utf8_clean_name(arena, s);
	if (clean != NULL) {
		must(*clean != '\0' && utf8_valid(clean, strlen(clean)));
		again = utf8_clean_name(arena, clean);
		must(again != NULL && strcmp(clean, again) == 0);
	}
	clean = utf8_fold(arena, s);
	if (clean != NULL) {
		must(*clean != '\0' && utf8_valid(clean, strlen(clean)));
		again = utf8_fold(arena, clean);
		must(again != NULL && strcmp(clean, again) == 0);
	}
	arena_free(arena);
	return 0;
}
