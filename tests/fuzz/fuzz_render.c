#include <stdint.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "model/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH_MAX 1024

static void
must(bool condition)
{
	if (!condition)
		abort();
}

/* Every tag that may be written, as it is written. */
static const char *const whole[] = {
	"p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul",
	"ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "table", "thead",
	"tbody", "tr", "th", "td", "th class=\"align-left\"",
	"th class=\"align-center\"", "th class=\"align-right\"",
	"td class=\"align-left\"", "td class=\"align-center\"",
	"td class=\"align-right\"", "input type=\"checkbox\" disabled",
	"input type=\"checkbox\" disabled checked", NULL
};

static bool
starts(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/* The value of one attribute of these letters, and what follows it. */
static bool
one_value(const char *s, size_t length, const char *before,
    const char *allowed, const char *after)
{
	const char *value = s + strlen(before);
	size_t n;

	if (length < strlen(before) || !starts(s, before))
		return false;
	n = allowed == NULL ? strcspn(value, "\"<>") : strspn(value, allowed);
	return n > 0 && strlen(before) + n + strlen(after) == length &&
	    starts(value + n, after);
}

static bool
is_white_listed(const char *tag, size_t length)
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	static const char language[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#._-";
	static const char rel[] =
	    "\" rel=\"noopener noreferrer nofollow\" target=\"_blank\"";

	for (size_t i = 0; whole[i] != NULL; i++)
		if (strlen(whole[i]) == length && starts(tag, whole[i]))
			return true;
	if (one_value(tag, length, "a href=\"", NULL, rel))
		return strncasecmp(tag + 8, "http://", 7) == 0 ||
		    strncasecmp(tag + 8, "https://", 8) == 0 ||
		    strncasecmp(tag + 8, "mailto:", 7) == 0;
	return one_value(tag, length, "ol start=\"", "0123456789", "\"") ||
	    one_value(tag, length, "pre class=\"language-", language, "\"") ||
	    one_value(tag, length, "span class=\"mention\" data-username=\"",
	    small, "\"");
}

static bool
is_void(const char *tag)
{
	return starts(tag, "br>") || starts(tag, "hr>") ||
	    starts(tag, "input ");
}

/* Only white-listed tags, and each closed in its turn. */
static void
check_html(const char *html)
{
	static const char *open[DEPTH_MAX];
	static size_t sizes[DEPTH_MAX];
	size_t depth = 0, length;
	const char *p, *end;

	for (p = html; *p != '\0'; p++) {
		must(*p != '>' && *p != '"');
		if (*p == '&')
			must(starts(p, "&amp;") || starts(p, "&lt;") ||
			    starts(p, "&gt;") || starts(p, "&quot;"));
		if (*p != '<')
			continue;
		p++;
		end = strchr(p, '>');
		must(end != NULL);
		if (*p == '/') {
			p++;
			must(depth-- > 0);
			length = (size_t)(end - p);
			must(length == sizes[depth] &&
			    memcmp(p, open[depth], length) == 0);
		} else {
			must(is_white_listed(p, (size_t)(end - p)));
			if (!is_void(p)) {
				must(depth < DEPTH_MAX);
				open[depth] = p;
				sizes[depth++] = strcspn(p, " >");
			}
		}
		p = end;
	}
	must(depth == 0);
}

static void
check_mentions(const char *mentions)
{
	size_t names = 0, length;

	while (*mentions != '\0') {
		length = strcspn(mentions, ",");
		must(length >= 2 && length <= 32);
		names++;
		mentions += length;
		if (*mentions == ',')
			mentions++;
	}
	must(names <= RENDER_MENTIONS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena;
	struct rendered out;
	const char *text;

	if (!utf8_valid((const char *)data, size))
		return 0;
	arena = arena_new((size_t)64 * 1024 * 1024);
	text = utf8_clean_text(arena, arena_copy(arena, (const char *)data,
	    size));
	render(arena, text, &out);
	must(strlen(out.html) <= RENDER_FACTOR * strlen(text) + 1024);
	must(strlen(out.plain) <= RENDER_FACTOR * strlen(text) + 1024);
	must(utf8_valid(out.html, strlen(out.html)));
	must(utf8_valid(out.plain, strlen(out.plain)));
	must(*out.html != '\0');
	check_html(out.html);
	check_mentions(out.mentions);
	arena_free(arena);
	return 0;
}
