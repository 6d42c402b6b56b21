#include "base/arena.h"
#include "base/str.h"
#include "http/authorization.h"

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* NULL when it is not base64, or a NUL comes out. */
static char *
base64_text(struct arena *arena, struct text in)
{
	char *out = arena_alloc(arena, in.length + 1);
	unsigned bits = 0;
	unsigned have = 0;
	size_t length = 0;

	while (in.length > 0 && in.data[in.length - 1] == '=')
		in.length--;
	for (size_t i = 0; i < in.length; i++) {
		int value = base64_value(in.data[i]);

		if (value < 0)
			return NULL;
		bits = (bits << 6 | (unsigned)value) & 0xffffu;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[length] = (char)(bits >> have & 0xffu);
		if (out[length++] == '\0')
			return NULL;
	}
	return out;
}

const char *
authorization_secret(struct arena *arena, const char *header)
{
	struct text whole = text_trim((struct text){header, strlen(header)});
	struct text rest = whole;
	struct text scheme;
	const char *pair;

	text_split(&rest, ' ', &scheme);
	rest = text_trim(rest);
	if (text_is_nocase(scheme, "Bearer") && rest.length > 0)
		return arena_copy(arena, rest.data, rest.length);
	if (text_is_nocase(scheme, "Basic")) {
		pair = base64_text(arena, rest);
		pair = pair == NULL ? NULL : strchr(pair, ':');
		if (pair != NULL && pair[1] != '\0')
			return pair + 1;
	}
	return arena_copy(arena, whole.data, whole.length);
}
