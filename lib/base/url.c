#include "base/str.h"
#include "base/url.h"

#define HOST_MAX 200

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static bool
all_of(const char *bytes, size_t length, const char *others)
{
	for (size_t i = 0; i < length; i++) {
		if (!is_letter_or_digit(bytes[i]) &&
		    (bytes[i] == '\0' || strchr(others, bytes[i]) == NULL))
			return false;
	}
	return true;
}

bool
url_host_valid(const char *host, size_t length)
{
	if (length == 0 || length > HOST_MAX)
		return false;
	if (host[0] == '[')
		return length > 2 && host[length - 1] == ']' &&
		    all_of(host + 1, length - 2, ":.");
	return host[0] != '.' && host[0] != '-' && all_of(host, length, ".-");
}

/* Takes ":8080" apart; no port at all is fine and gives 0. */
static bool
take_port(const char *text, size_t length, uint64_t *port)
{
	struct text digits = {.data = text + 1, .length = length - 1};

	*port = 0;
	if (length == 0)
		return true;
	return text[0] == ':' && parse_u64(digits, 65535, port) && *port > 0;
}

/* Where the host ends: colons inside of brackets belong to it. */
static size_t
host_length(const char *text, size_t length)
{
	const char *from = memchr(text, ']', length);
	const char *colon;

	if (from == NULL)
		from = text;
	colon = memchr(from, ':', length - (size_t)(from - text));
	return colon == NULL ? length : (size_t)(colon - text);
}

bool
url_place_valid(const char *text)
{
	size_t length = strlen(text);
	size_t host = length == 0 ? 0 : host_length(text, length);
	uint64_t port;

	return host < length && url_host_valid(text, host) &&
	    take_port(text + host, length - host, &port);
}

static bool
path_valid(struct text path)
{
	struct text segment;
	bool first = true;

	if (!all_of(path.data, path.length, "/._~-"))
		return false;
	while (text_split(&path, '/', &segment)) {
		if (text_is(segment, ".") || text_is(segment, ".."))
			return false;
		/* Empty at both ends only: "/chat/". */
		if (segment.length == 0 && !first && path.data != NULL)
			return false;
		first = false;
	}
	return true;
}

bool
url_parse(const char *text, struct url *url)
{
	const char *host, *path;
	size_t place, host_bytes;
	uint64_t port;
	int n;

	url->secure = strncasecmp(text, "https://", 8) == 0;
	if (!url->secure && strncasecmp(text, "http://", 7) != 0)
		return false;
	host = text + (url->secure ? 8 : 7);
	place = strcspn(host, "/");
	path = host + place;
	if (place == 0 || strlen(text) >= URL_SIZE - 2)
		return false;
	host_bytes = host_length(host, place);
	if (!url_host_valid(host, host_bytes) ||
	    !take_port(host + host_bytes, place - host_bytes, &port) ||
	    !path_valid((struct text){.data = path, .length = strlen(path)}))
		return false;
	n = snprintf(url->origin, sizeof(url->origin), "%s://%.*s",
	    url->secure ? "https" : "http", (int)host_bytes, host);
	for (char *c = url->origin; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	if (port != 0 && port != (url->secure ? 443 : 80))
		snprintf(url->origin + n, sizeof(url->origin) - (size_t)n,
		    ":%u", (unsigned)port);
	n = (int)strlen(path);
	snprintf(url->path, sizeof(url->path), "%s%s", path,
	    n == 0 || path[n - 1] != '/' ? "/" : "");
	return true;
}
