#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

/* More marks than this on one letter only paint over the lines around it. */
#define MARKS_MAX 4

static bool
is_ascii8(const char *bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones << 7;
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	/* The borrow of word - ones also reaches a top bit above a NUL;
	 * a false alarm only means the slow way. */
	return ((word | (word - ones)) & tops) == 0;
}

/* Bytes of the sequence at p of at most length bytes; 0: not well-formed. */
static size_t
sequence(const unsigned char *p, size_t length)
{
	unsigned char least = 0x80, most = 0xbf;
	size_t n, i;

	if (p[0] < 0x80)
		return p[0] != 0;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > length)
		return 0;
	if (p[0] == 0xe0)
		least = 0xa0;
	else if (p[0] == 0xed)
		most = 0x9f;
	else if (p[0] == 0xf0)
		least = 0x90;
	else if (p[0] == 0xf4)
		most = 0x8f;
	if (p[1] < least || p[1] > most)
		return 0;
	for (i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool
utf8_valid(const char *bytes, size_t length)
{
	size_t i = 0, n;

	while (i < length) {
		if (length - i >= 8 && is_ascii8(bytes + i)) {
			i += 8;
			continue;
		}
		n = sequence((const unsigned char *)bytes + i, length - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

static bool
is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t
utf8_count(const char *s)
{
	size_t count = 0;

	for (; *s != '\0'; s++)
		count += is_start(*s);
	return count;
}

size_t
utf8_cut(const char *s, size_t characters)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (is_start(s[i]) && characters-- == 0)
			break;
	return i;
}

size_t
utf8_decode(const char *s, uint32_t *point)
{
	const unsigned char *p = (const unsigned char *)s;

	if (p[0] < 0x80) {
		*point = p[0];
		return 1;
	}
	if (p[0] < 0xe0) {
		*point = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
		return 2;
	}
	if (p[0] < 0xf0) {
		*point = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 |
		    (p[2] & 0x3fu);
		return 3;
	}
	*point = (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
	    (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
	return 4;
}

/* utf8proc's own memory, moved into the arena; NULL when it is empty. */
static char *
mapped(struct arena *arena, const char *s, utf8proc_option_t options)
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t length;
	char *copy = NULL;

	length = utf8proc_map((const utf8proc_uint8_t *)s, 0, &out,
	    options | UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (length > 0)
		copy = arena_copy(arena, (const char *)out, (size_t)length);
	free(out);
	return copy;
}

bool
utf8_is_one(const char *s)
{
	utf8proc_int32_t state = 0;
	uint32_t last, point;

	if (*s == '\0')
		return false;
	s += utf8_decode(s, &last);
	for (; *s != '\0'; last = point) {
		s += utf8_decode(s, &point);
		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)last,
		    (utf8proc_int32_t)point, &state))
			return false;
	}
	return true;
}

char *
utf8_fold(struct arena *arena, const char *s)
{
	return mapped(arena, s,
	    UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

static bool
is_space(utf8proc_int32_t c, utf8proc_category_t category)
{
	return (c >= '\t' && c <= '\r') || c == 0x85 ||
	    c == 0x2800 ||	/* the empty Braille pattern */
	    category == UTF8PROC_CATEGORY_ZS ||
	    category == UTF8PROC_CATEGORY_ZL ||
	    category == UTF8PROC_CATEGORY_ZP;
}

static bool
is_mark(utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_MN ||
	    category == UTF8PROC_CATEGORY_MC ||
	    category == UTF8PROC_CATEGORY_ME;
}

static bool
is_noncharacter(utf8proc_int32_t c)
{
	return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

/*
 * Hidden: controls, bidi, joiners, fillers, tags, variation selectors.  The
 * one that turns a symbol into an emoji stays, where there is a symbol.
 */
static bool
is_hidden(utf8proc_int32_t c, utf8proc_category_t category,
    utf8proc_category_t before)
{
	if (c == 0xfe0f)
		return before != UTF8PROC_CATEGORY_SO;
	return category == UTF8PROC_CATEGORY_CC ||
	    category == UTF8PROC_CATEGORY_CF ||
	    utf8proc_get_property(c)->ignorable || is_noncharacter(c);
}

/* Composed before, so that marks are counted as they will be, and after,
 * because what was taken out may have stood between a letter and its mark. */
char *
utf8_clean_name(struct arena *arena, const char *s)
{
	utf8proc_category_t category, before = UTF8PROC_CATEGORY_ZS;
	utf8proc_int32_t c;
	utf8proc_ssize_t n;
	struct buffer out;
	unsigned marks = 0;
	bool space = false;

	s = mapped(arena, s, 0);
	if (s == NULL)
		return NULL;
	buffer_start(&out, arena, 2 * strlen(s) + 1);
	for (; *s != '\0'; s += n) {
		n = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
		if (n <= 0)
			return NULL;
		category = utf8proc_category(c);
		if (is_space(c, category)) {
			space = out.length > 0;
			before = UTF8PROC_CATEGORY_ZS;
			continue;
		}
		if (is_hidden(c, category, before))
			continue;
		marks = is_mark(category) ? marks + 1 : 0;
		if (marks > 0 && (before == UTF8PROC_CATEGORY_ZS ||
		    marks > MARKS_MAX))
			continue;
		if (space)
			buffer_char(&out, ' ');
		space = false;
		buffer_add(&out, s, (size_t)n);
		before = category;
	}
	if (out.length == 0)
		return NULL;
	return mapped(arena, out.data, 0);
}

char *
utf8_clean_text(struct arena *arena, const char *s)
{
	size_t length = strlen(s);
	char *clean = arena_alloc(arena, length + 1);
	char *out = clean;

	for (; *s != '\0'; s++) {
		if (*s == '\r') {
			if (s[1] != '\n')
				*out++ = '\n';
		} else if (((unsigned char)*s >= 0x20 && *s != 0x7f) ||
		    *s == '\n' || *s == '\t') {
			*out++ = *s;
		}
	}
	*out = '\0';
	return clean;
}
