#include "model/emoji.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define SELECTOR "\xEF\xB8\x8F"	/* U+FE0F */
#define KEYCAP "\xE2\x83\xA3"	/* U+20E3 */

struct range {
	uint32_t first, last;
};

static bool
is_name(const char *s)
{
	size_t length = strlen(s);

	return length > 2 && length <= EMOJI_BYTES_MAX && s[0] == ':' &&
	    s[length - 1] == ':' &&
	    strspn(s + 1, "abcdefghijklmnopqrstuvwxyz0123456789_+-") ==
	    length - 2;
}

/* Code points that emoji are made of (Unicode emoji-data, by block). */
static const struct range emoji_points[] = {
	{0xA9, 0xA9}, {0xAE, 0xAE}, {0x200D, 0x200D}, {0x203C, 0x203C},
	{0x2049, 0x2049}, {0x20E3, 0x20E3}, {0x2122, 0x2122},
	{0x2139, 0x2139}, {0x2194, 0x21AA}, {0x231A, 0x23FF},
	{0x24C2, 0x24C2}, {0x25AA, 0x27BF}, {0x2934, 0x2935},
	{0x2B05, 0x2B55}, {0x3030, 0x303D}, {0x3297, 0x3299},
	{0xFE0F, 0xFE0F}, {0x1F000, 0x1FAFF}, {0xE0020, 0xE007F},
};

/* Those among them that are signs of text unless U+FE0F follows.  What is no
 * emoji counts as its neighbours do. */
static const struct range text_points[] = {
	{0xA9, 0xAE}, {0x203C, 0x2049}, {0x2122, 0x21AA}, {0x2328, 0x23CF},
	{0x23ED, 0x23EF}, {0x23F1, 0x23F2}, {0x23F8, 0x25FC},
	{0x2600, 0x2611}, {0x2618, 0x2642}, {0x265F, 0x267E},
	{0x2692, 0x2692}, {0x2694, 0x26A0}, {0x26A7, 0x26A7},
	{0x26B0, 0x26B1}, {0x26C8, 0x26C8}, {0x26CF, 0x26D3},
	{0x26E9, 0x26E9}, {0x26F0, 0x26F1}, {0x26F4, 0x26F4},
	{0x26F7, 0x26F9}, {0x2702, 0x2702}, {0x2708, 0x2709},
	{0x270C, 0x2721}, {0x2733, 0x2747}, {0x2763, 0x2764},
	{0x27A1, 0x27A1}, {0x2934, 0x2B07}, {0x3030, 0x3299},
	{0x1F170, 0x1F17F}, {0x1F202, 0x1F202}, {0x1F237, 0x1F237},
	{0x1F321, 0x1F32C}, {0x1F336, 0x1F336}, {0x1F37D, 0x1F37D},
	{0x1F396, 0x1F39F}, {0x1F3CB, 0x1F3CE}, {0x1F3D4, 0x1F3DF},
	{0x1F3F3, 0x1F3F3}, {0x1F3F5, 0x1F3F7}, {0x1F43F, 0x1F43F},
	{0x1F441, 0x1F441}, {0x1F4FD, 0x1F4FD}, {0x1F549, 0x1F54A},
	{0x1F56F, 0x1F579}, {0x1F587, 0x1F590}, {0x1F5A5, 0x1F5FA},
	{0x1F6CB, 0x1F6CB}, {0x1F6CD, 0x1F6CF}, {0x1F6E0, 0x1F6E9},
	{0x1F6F0, 0x1F6F3},
};

static bool
is_within(uint32_t point, const struct range *ranges, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* Joins, selects or encloses what is before it, and is nothing by itself. */
static bool
is_addition(uint32_t point)
{
	return point == 0x200D || point == 0x20E3 || point == 0xFE0F ||
	    point >= 0xE0020;
}

static bool
is_valid(const char *s)
{
	const char *all = s;
	size_t points = 0;
	uint32_t point;

	/* Keycaps are the only ones that begin in ASCII. */
	if (strchr("0123456789#*", *s) != NULL && *s != '\0')
		return strcmp(s + 1, SELECTOR KEYCAP) == 0;
	for (; *s != '\0'; points++) {
		s += utf8_decode(s, &point);
		if (!is_within(point, emoji_points, LENGTH(emoji_points)) ||
		    (points == 0 && is_addition(point)))
			return false;
	}
	return points <= 16 && utf8_is_one(all);
}

static const char *
after_selectors(const char *s)
{
	while (strncmp(s, SELECTOR, strlen(SELECTOR)) == 0)
		s += strlen(SELECTOR);
	return s;
}

/* A skin tone already asks for colour.  Of ASCII only keycaps are valid. */
static bool
wants_selector(uint32_t point, const char *next)
{
	uint32_t tone = 0;

	utf8_decode(next, &tone);
	return (tone < 0x1F3FB || tone > 0x1F3FF) && (point < 0x80 ||
	    is_within(point, text_points, LENGTH(text_points)));
}

const char *
emoji_clean(struct arena *arena, const char *s)
{
	struct buffer out;
	uint32_t point;
	size_t n;

	if (is_name(s))
		return s;
	buffer_start(&out, arena, EMOJI_BYTES_MAX);
	while (*s != '\0') {
		n = utf8_decode(s, &point);
		buffer_add(&out, s, n);
		s = after_selectors(s + n);
		if (wants_selector(point, s))
			buffer_add(&out, SELECTOR, strlen(SELECTOR));
	}
	if (out.length == 0 || buffer_full(&out) || !is_valid(out.data))
		return NULL;
	return out.data;
}
