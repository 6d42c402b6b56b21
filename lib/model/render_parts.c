#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "model/render_parts.h"

#define MARKERS_MAX 32		/* quotes and items opened by one line */
#define COLUMNS_MAX 200		/* how far to the right an item may begin */
#define ADDRESSES_WORD_MAX 16	/* in one word */
#define ADDRESSES_MAX 2000
#define LOOKUPS_MAX (12 * 1000 * 1000)
#define LABELS_MAX (8 * 1000 * 1000)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool
is_blank_at(const char *p, const char *end)
{
	return p >= end || *p == ' ' || *p == '\t' || *p == '\n';
}

/* Bytes of the item marker at p: "-", "12."; 0 when there is none. */
static size_t
item_marker(const char *p, const char *end)
{
	const char *q = p;

	if (*p == '-' || *p == '+' || *p == '*')
		return is_blank_at(p + 1, end) ? 1 : 0;
	while (q < end && q - p < 9 && is_digit(*q))
		q++;
	if (q == p || q >= end || (*q != '.' && *q != ')') ||
	    !is_blank_at(q + 1, end))
		return 0;
	return (size_t)(q + 1 - p);
}

/*
 * A line costs the parser as much as containers are open.  Nesting by markers
 * is bounded for each line, nesting by indentation by the column.
 */
static bool
opens_too_many(const char *p, const char *end)
{
	unsigned markers = 0, columns = 0;
	size_t n;

	while (p < end) {
		if (*p == ' ' || *p == '\t') {
			columns += *p++ == '\t' ? 4 : 1;
			continue;
		}
		n = *p == '>' ? 1 : item_marker(p, end);
		if (n == 0)
			break;
		p += n;
		columns += (unsigned)n;
		if (++markers > MARKERS_MAX || columns > COLUMNS_MAX)
			return true;
	}
	return false;
}

/* For each the parser looks at the rest of the word, and at other marks. */
static bool
is_address_at(const char *p, const char *end)
{
	if (end - p < 4)
		return false;
	return memcmp(p, "://", 3) == 0 || strncasecmp(p, "www.", 4) == 0 ||
	    *p == '@';
}

bool
text_is_hostile(const char *text, size_t length)
{
	const char *end = text + length;
	const char *p;
	unsigned addresses = 0, in_word = 0;
	uint64_t lines = 1, brackets = 0;
	bool definition = false;

	if (opens_too_many(text, end))
		return true;
	for (p = text; p < end; p++) {
		if (*p == ' ' || *p == '\n' || *p == '\t')
			in_word = 0;
		else if (is_address_at(p, end) &&
		    (++in_word > ADDRESSES_WORD_MAX ||
		    ++addresses > ADDRESSES_MAX))
			return true;
		if (*p == ']') {
			brackets++;
			definition |= end - p > 1 && p[1] == ':';
		}
		if (*p != '\n')
			continue;
		lines++;
		if (opens_too_many(p + 1, end))
			return true;
	}
	/* For each bracket the parser looks for its line, from the first; and
	 * where a reference is defined, takes all before it for a label. */
	return lines * brackets > LOOKUPS_MAX ||
	    (definition && length * brackets > LABELS_MAX);
}

/* A code point as UTF-8; what is none becomes U+FFFD, like a control. */
static void
put_code_point(uint32_t c, char out[static ENTITY_SIZE])
{
	utf8proc_ssize_t n;

	if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ||
	    !utf8proc_codepoint_valid((utf8proc_int32_t)c))
		c = 0xfffd;
	n = utf8proc_encode_char((utf8proc_int32_t)c,
	    (utf8proc_uint8_t *)out);
	out[n] = '\0';
}

/* Those that people type; all others stay as they are, which is harmless. */
static const struct {
	const char *name;
	uint32_t code_point;
} entities[] = {
	{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''},
	{"nbsp", 0xa0}, {"cent", 0xa2}, {"pound", 0xa3}, {"yen", 0xa5},
	{"sect", 0xa7}, {"copy", 0xa9}, {"laquo", 0xab}, {"reg", 0xae},
	{"deg", 0xb0}, {"plusmn", 0xb1}, {"micro", 0xb5}, {"para", 0xb6},
	{"middot", 0xb7}, {"raquo", 0xbb}, {"frac12", 0xbd}, {"times", 0xd7},
	{"divide", 0xf7}, {"auml", 0xe4}, {"ouml", 0xf6}, {"uuml", 0xfc},
	{"Auml", 0xc4}, {"Ouml", 0xd6}, {"Uuml", 0xdc}, {"szlig", 0xdf},
	{"eacute", 0xe9}, {"egrave", 0xe8}, {"agrave", 0xe0},
	{"ccedil", 0xe7}, {"ntilde", 0xf1}, {"ndash", 0x2013},
	{"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019},
	{"ldquo", 0x201c}, {"rdquo", 0x201d}, {"bdquo", 0x201e},
	{"bull", 0x2022}, {"hellip", 0x2026}, {"euro", 0x20ac},
	{"trade", 0x2122}, {"larr", 0x2190}, {"uarr", 0x2191},
	{"rarr", 0x2192}, {"darr", 0x2193}, {"harr", 0x2194},
	{"ne", 0x2260}, {"le", 0x2264}, {"ge", 0x2265}, {"hearts", 0x2665},
};

bool
entity_decode(const char *source, size_t length,
    char out[static ENTITY_SIZE])
{
	char name[16] = "";
	char *end;
	unsigned long c;
	size_t i;

	if (length < 3 || length - 2 >= sizeof(name))
		return false;
	memcpy(name, source + 1, length - 2);
	if (name[0] == '#') {
		if ((name[1] | 0x20) == 'x')
			c = strtoul(name + 2, &end, 16);
		else
			c = strtoul(name + 1, &end, 10);
		put_code_point(c > 0x10ffff ? 0 : (uint32_t)c, out);
		return true;
	}
	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (strcmp(entities[i].name, name) == 0) {
			put_code_point(entities[i].code_point, out);
			return true;
		}
	}
	return false;
}

bool
target_is_safe(const char *url)
{
	const char *p;

	for (p = url; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	if (strncasecmp(url, "mailto:", 7) == 0)
		return url[7] != '\0';
	if (strncasecmp(url, "http://", 7) == 0)
		url += 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		url += 8;
	else
		return false;
	/* A host: browsers would skip slashes and take the next part. */
	return strchr("/\\?#@: ", *url) == NULL;
}

static bool
is_cased_word(utf8proc_int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ND:
		return true;
	default:
		return false;
	}
}

/* The character at p is part of a word. */
static bool
is_word(const char *p, size_t length)
{
	utf8proc_int32_t c;

	if (length == 0)
		return false;
	if ((unsigned char)*p < 0x80)
		return is_alnum(*p) || *p == '_' || *p == '/';
	if (utf8proc_iterate((const utf8proc_uint8_t *)p,
	    (utf8proc_ssize_t)length, &c) <= 0)
		return false;
	return is_cased_word(c);
}

bool
word_at_end(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && n < 4) {
		n++;
		if (((unsigned char)text[length - n] & 0xc0) != 0x80)
			break;
	}
	return is_word(text + length - n, n);
}

size_t
mention_name(const char *text, size_t length, char name[static NAME_SIZE])
{
	size_t n = 0, end, i;

	while (n < length && (is_alnum(text[n]) || text[n] == '.' ||
	    text[n] == '-' || text[n] == '_'))
		n++;
	end = n;
	while (n > 0 && !is_alnum(text[n - 1]))
		n--;
	if (n < 2 || n >= NAME_SIZE || !is_alnum(text[0]))
		return 0;
	/* Half a word in another script, or "@ann@example.org". */
	if (end < length && (is_word(text + end, length - end) ||
	    (text[end] == '@' && is_word(text + end + 1, length - end - 1))))
		return 0;
	for (i = 0; i < n; i++) {
		name[i] = text[i];
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] = (char)(name[i] | 0x20);
	}
	name[n] = '\0';
	return n;
}
