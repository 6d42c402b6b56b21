#include "base/arena.h"
#include "base/config.h"
#include "http/cookie.h"

#define VALUE_MAX 64

const char *
cookie_name(const struct config *config)
{
	if (!config->secure)
		return "natter_session";
	if (strcmp(config->path, "/") == 0)
		return "__Host-natter_session";
	return "__Secure-natter_session";
}

static bool
is_plain(struct text value)
{
	if (value.length == 0 || value.length > VALUE_MAX)
		return false;
	for (size_t i = 0; i < value.length; i++) {
		char c = value.data[i];

		if ((c < '0' || c > '9') && (c < 'a' || c > 'z') &&
		    (c < 'A' || c > 'Z'))
			return false;
	}
	return true;
}

size_t
cookie_find(const char *header, const char *name, struct text *value)
{
	struct text rest = {header, strlen(header)};
	struct text pair;
	size_t count = 0;

	*value = (struct text){"", 0};
	while (text_split(&rest, ';', &pair)) {
		struct text given = pair;
		struct text left;

		text_split(&given, '=', &left);
		if (!text_is(text_trim(left), name))
			continue;
		count++;
		given = text_trim(given);
		*value = is_plain(given) ? given : (struct text){"", 0};
	}
	return count;
}

const char *
cookie_header(struct arena *arena, const struct config *config,
    const char *secret, int64_t age_s)
{
	if (secret[0] == '\0')
		age_s = 0;
	return arena_printf(arena,
	    "%s=%s; Path=%s; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
	    cookie_name(config), secret, config->path, (long long)age_s,
	    config->secure ? "; Secure" : "");
}
