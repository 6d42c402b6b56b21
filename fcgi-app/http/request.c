#include <arpa/inet.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/token.h"
#include "base/utf8.h"
#include "http/authorization.h"
#include "http/cookie.h"
#include "http/form.h"
#include "http/io.h"
#include "http/request.h"
#include "http/route.h"

#define KEY_MAX 128
#define FIELD_NAME_MAX 32
#define REQUEST_ID_BYTES 16
#define REQUEST_ID_MAX 64

/* What is read from the parameters.  Web servers pass a header that came twice
 * as a parameter that stands twice. */
struct inputs {
	const char *method;
	const char *uri;
	const char *length;
	const char *authorization;
	const char *cookie;
	const char *idempotency_key;
	const char *request_id;
	const char *waited;
	const char *forwarded;
};

enum place { IN_REQUEST, IN_INPUTS };
enum times { ONCE, LIST, ANY };	/* LIST: joined as RFC 9110, 5.3 says */

#define TO_REQUEST(field) IN_REQUEST, offsetof(struct request, field)
#define TO_INPUTS(field) IN_INPUTS, offsetof(struct inputs, field)

/* clang-format off */
static const struct source {
	const char *name;
	enum times times;
	enum place place;
	size_t offset;
} sources[] = {
	{ "REQUEST_METHOD",		ONCE,	TO_INPUTS(method) },
	{ "REQUEST_URI",		ONCE,	TO_INPUTS(uri) },
	{ "REQUEST_ID",			ONCE,	TO_INPUTS(request_id) },
	{ "REMOTE_ADDR",		ONCE,	TO_REQUEST(address) },
	{ "CONTENT_TYPE",		ONCE,	TO_REQUEST(content_type) },
	{ "CONTENT_LENGTH",		ONCE,	TO_INPUTS(length) },
	{ "NATTER_WAITED",		ONCE,	TO_INPUTS(waited) },
	{ "HTTP_ACCEPT",		LIST,	TO_REQUEST(accept) },
	{ "HTTP_AUTHORIZATION",		ONCE,	TO_INPUTS(authorization) },
	{ "HTTP_COOKIE",		ANY,	TO_INPUTS(cookie) },
	{ "HTTP_FORWARDED",		ANY,	TO_INPUTS(forwarded) },
	{ "HTTP_HOST",			ONCE,	TO_REQUEST(host) },
	{ "HTTP_IDEMPOTENCY_KEY",	ONCE,	TO_INPUTS(idempotency_key) },
	{ "HTTP_ORIGIN",		ONCE,	TO_REQUEST(origin) },
	{ "HTTP_SEC_FETCH_SITE",	ONCE,	TO_REQUEST(fetch_site) },
	{ "HTTP_UPGRADE",		LIST,	TO_REQUEST(upgrade) },
	{ "HTTP_USER_AGENT",		ANY,	TO_REQUEST(user_agent) },
	{ "HTTP_VIA",			ANY,	TO_INPUTS(forwarded) },
	{ "HTTP_X_FORWARDED_FOR",	ANY,	TO_INPUTS(forwarded) },
	{ "HTTP_X_REAL_IP",		ANY,	TO_INPUTS(forwarded) },
};

static const struct { const char *name; enum method method; } methods[] = {
	{ "GET", GET }, { "HEAD", GET }, { "POST", POST }, { "PUT", PUT },
	{ "PATCH", PATCH }, { "DELETE", DELETE }, { "OPTIONS", OPTIONS },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *
method_name(enum method method)
{
	for (size_t i = 0; i < COUNT(methods); i++) {
		if (methods[i].method == method)
			return methods[i].name;
	}
	return "";
}

static const char **
field_of(struct request *q, struct inputs *in, const struct source *s)
{
	char *base = s->place == IN_REQUEST ? (char *)q : (char *)in;

	return (const char **)(void *)(base + s->offset);
}

/*
 * Every Cookie header is looked through, not only the last: which of two
 * session cookies another program would take is not ours to guess.
 */
static void
take_cookie(struct request *q, const char *header, size_t *count)
{
	struct text value;
	size_t found = cookie_find(header, cookie_name(q->config), &value);

	if (found == 0)
		return;
	*count += found;
	if (*count > 1 && !q->two_session_cookies)
		request_fault(q, "Cookie", "repeated", "One session at a time.");
	q->session_cookie = arena_copy(q->arena, value.data, value.length);
	q->two_session_cookies = *count > 1;
}

static enum err
take_param(struct request *q, struct inputs *in, const struct source *s,
    const char *value)
{
	const char **field = field_of(q, in, s);

	if (**field == '\0' || s->times == ANY)
		*field = value;
	else if (s->times == LIST)
		*field = arena_printf(q->arena, "%s, %s", *field, value);
	else
		return ERR_BAD_INPUT;
	return OK;
}

static enum err
take_params(struct request *q, struct inputs *in, char **params)
{
	size_t cookies = 0;
	enum err e = OK;

	for (; *params != NULL; params++) {
		size_t length = strcspn(*params, "=");
		const char *value = *params + length;

		if (*value == '\0')
			continue;
		value++;
		for (size_t i = 0; i < COUNT(sources); i++) {
			const struct source *s = &sources[i];

			if (strlen(s->name) != length ||
			    memcmp(s->name, *params, length) != 0)
				continue;
			if (take_param(q, in, s, value) != OK)
				e = ERR_BAD_INPUT;
			if (field_of(q, in, s) == &in->cookie)
				take_cookie(q, value, &cookies);
			break;
		}
	}
	return q->two_session_cookies ? ERR_BAD_INPUT : e;
}

/* The web server's own id, so that its log and ours can be read together. */
static void
take_request_id(struct request *q, const char *given)
{
	size_t length = strlen(given);
	uint8_t bytes[REQUEST_ID_BYTES];
	char *id;

	if (length >= 8 && length <= REQUEST_ID_MAX &&
	    strspn(given, "0123456789abcdef-") == length) {
		q->request_id = given;
		return;
	}
	id = arena_alloc(q->arena, HEX_SIZE(sizeof(bytes)));
	token_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), id);
	q->request_id = id;
}

static void
take_method(struct request *q, const char *given)
{
	q->method_text = given;
	for (size_t i = 0; i < COUNT(methods); i++) {
		if (strcmp(methods[i].name, given) == 0)
			q->method = methods[i].method;
	}
}

/*
 * Below the site's path.  What lies outside came because the web server was
 * told to pass it (/healthz of a site that lives below a path).
 */
static const char *
below_site(const struct config *config, const char *path)
{
	size_t length = strlen(config->path);

	if (strncmp(path, config->path, length) == 0)
		return path + length - 1;
	return path;
}

/* The target may be absolute (RFC 9112, 3.2.2): then from its path on. */
static struct text
from_path(const char *uri)
{
	struct text rest = {uri, strlen(uri)};
	const char *slash;
	struct text scheme;

	if (rest.length == 0 || uri[0] == '/')
		return rest;
	text_split(&rest, ':', &scheme);
	if (rest.length < 3 || memcmp(rest.data, "//", 2) != 0 ||
	    (!text_is_nocase(scheme, "http") &&
		!text_is_nocase(scheme, "https")))
		return (struct text){"", 0};
	slash = memchr(rest.data + 2, '/', rest.length - 2);
	if (slash == NULL)
		return (struct text){"/", 1};
	return (struct text){slash, strlen(slash)};
}

static bool
has_escaped_slash(struct text t)
{
	for (size_t i = 0; i + 2 < t.length; i++) {
		if (t.data[i] == '%' && t.data[i + 1] == '2' &&
		    (t.data[i + 2] == 'f' || t.data[i + 2] == 'F'))
			return true;
	}
	return false;
}

static enum err
take_target(struct request *q, const char *uri)
{
	struct text query = from_path(uri);
	struct text path;
	const char *decoded;
	enum err e;

	text_split(&query, '?', &path);
	if (path.length == 0)
		return ERR_BAD_INPUT;
	if (has_escaped_slash(path))
		return ERR_NOT_FOUND;
	e = form_decode(q->arena, path, false, &decoded);
	if (e != OK)
		return e;
	q->path = below_site(q->config, decoded);
	return form_parse(q->arena, query, &q->query, &q->query_count);
}

/* A key may be written as a structured string, in quotes. */
static enum err
take_key(struct request *q, const char *given)
{
	struct text t = text_trim((struct text){given, strlen(given)});

	if (t.length == 0)
		return OK;
	if (t.length >= 2 && t.data[0] == '"' && t.data[t.length - 1] == '"') {
		t.data++;
		t.length -= 2;
	}
	for (size_t i = 0; i < t.length; i++) {
		if (t.data[i] < ' ' || t.data[i] > '~')
			t.length = 0;
	}
	if (t.length == 0 || t.length > KEY_MAX) {
		request_fault(q, "Idempotency-Key", "range",
		    "From 1 to 128 printable ASCII characters.");
		return ERR_BAD_INPUT;
	}
	q->idempotency_key = arena_copy(q->arena, t.data, t.length);
	return OK;
}

static enum err
take_length(struct request *q, const char *given)
{
	struct text t = {given, strlen(given)};

	if (t.length == 0 || parse_u64(t, UINT64_MAX, &q->content_length))
		return OK;
	request_fault(q, "Content-Length", "range", "A whole number of bytes.");
	return ERR_BAD_INPUT;
}

static bool
is_loopback(const char *address)
{
	struct in_addr four;

	if (strcmp(address, "::1") == 0)
		return true;
	if (strncmp(address, "::ffff:", 7) == 0)
		address += 7;
	return inet_pton(AF_INET, address, &four) == 1 &&
	    (ntohl(four.s_addr) >> 24) == 127;
}

/* A name or an address of this host, with any port. */
static bool
names_this_host(struct arena *arena, const char *host)
{
	bool bracket = host[0] == '[';
	size_t length;
	const char *name;

	host += bracket;
	length = strcspn(host, bracket ? "]" : ":");
	name = arena_copy(arena, host, length);
	host += length;
	if (bracket && *host++ != ']')
		return false;
	if (*host == ':')
		host += 1 + strspn(host + 1, "0123456789");
	return *host == '\0' && (is_loopback(name) ||
	    text_is_nocase((struct text){name, length}, "localhost"));
}

/*
 * A proxy or a tunnel on this host comes from a loopback address, too.  A proxy
 * says for whom it asks, or that it does; what says nothing passes on the name
 * that was asked for.
 */
static bool
is_internal(const struct request *q, const char *forwarded)
{
	return forwarded[0] == '\0' &&
	    (is_loopback(q->address) || strcmp(q->address, "unix:") == 0) &&
	    names_this_host(q->arena, q->host);
}

/* The first trouble counts, but everything is read. */
static void
keep(enum err *first, enum err e)
{
	if (*first == OK)
		*first = e;
}

enum err
request_open(struct request *q, struct io *io)
{
	struct inputs in = {"", "", "", "", "", "", "", "", ""};
	enum err e;

	q->method = METHOD_OTHER;
	q->path = "/";
	q->word = q->accept = q->upgrade = q->origin = q->fetch_site = "";
	q->host = q->user_agent = q->idempotency_key = q->bearer = "";
	q->session_cookie = q->address = q->content_type = "";
	q->plain_cgi = io->plain_cgi;
	e = take_params(q, &in, io->params);
	take_request_id(q, in.request_id);
	take_method(q, in.method);
	keep(&e, take_target(q, in.uri));
	keep(&e, take_length(q, in.length));
	keep(&e, take_key(q, in.idempotency_key));
	q->bearer = authorization_secret(q->arena, in.authorization);
	if (!utf8_valid(q->user_agent, strlen(q->user_agent)))
		q->user_agent = "";
	q->waited = strcmp(in.waited, "1") == 0;
	q->internal = is_internal(q, in.forwarded);
	return e;
}

/* "type/subtype; charset=utf-8": the type; false with another charset. */
static bool
media_type(const char *header, struct text *type)
{
	struct text rest = {header, strlen(header)};
	struct text part;

	text_split(&rest, ';', type);
	*type = text_trim(*type);
	while (text_split(&rest, ';', &part)) {
		struct text value = part;
		struct text name;

		text_split(&value, '=', &name);
		if (!text_is_nocase(text_trim(name), "charset"))
			continue;
		value = text_trim(value);
		if (!text_is_nocase(value, "utf-8") &&
		    !text_is_nocase(value, "\"utf-8\"") &&
		    !text_is_nocase(value, "us-ascii"))
			return false;
	}
	return true;
}

/*
 * A page of another site can make a browser send forms and plain text, but not
 * JSON; so whoever comes by cookie sends JSON even where there is nothing to
 * say, except with DELETE, which such a page can't send.
 */
enum err
request_media(struct request *q, const struct route *route)
{
	struct text type;
	bool known = media_type(q->content_type, &type);
	bool by_cookie = q->caller.session_id != 0;

	q->body_kind = BODY_NONE;
	if (q->method == GET)
		return OK;
	if (q->method == DELETE && q->content_length == 0)
		return OK;
	q->body_kind = BODY_OTHER;
	if (known && text_is_nocase(type, "application/json"))
		q->body_kind = BODY_JSON;
	else if (known && (route->flags & ROUTE_PLAIN) != 0 && !by_cookie &&
	    text_is_nocase(type, "text/plain"))
		q->body_kind = BODY_PLAIN;
	else if (type.length == 0 && q->content_length == 0 && !by_cookie)
		q->body_kind = BODY_JSON;
	return q->body_kind == BODY_OTHER ? ERR_MEDIA_TYPE : OK;
}

/* What is JSON, but longer than any field may be.  Only keys like ours are
 * repeated to the client. */
static enum err
refuse_json(struct request *q, enum err e)
{
	const char *key = json_long_list(q->arena, q->body, q->body_length);

	if (key == NULL)
		return e;
	if (strspn(key, "abcdefghijklmnopqrstuvwxyz_") != strlen(key) ||
	    strlen(key) > FIELD_NAME_MAX)
		key = "";
	request_fault(q, *key == '\0' ? "" :
	    arena_printf(q->arena, "/%s", key), "too_long",
	    "More elements than a request may have.");
	return ERR_BAD_INPUT;
}

static enum err
parse_object(struct request *q)
{
	enum err e;

	if (q->body_length == 0)
		return json_parse(q->arena, "{}", 2, &q->json);
	e = json_parse(q->arena, q->body, q->body_length, &q->json);
	if (e != OK)
		return refuse_json(q, e);
	if (json_kind(q->json) == JSON_OBJECT)
		return OK;
	q->json = NULL;
	request_fault(q, "", "type", "An object in JSON.");
	return ERR_BAD_INPUT;
}

enum err
request_take_body(struct request *q, struct io *io)
{
	char *body;

	q->body = "";
	if (q->body_kind == BODY_NONE)
		return OK;
	if (q->content_length > BODY_BYTES_MAX)
		return ERR_TOO_LARGE;
	body = arena_alloc(q->arena, q->content_length + 1);
	q->body = body;
	q->body_length = io->read(io, body, q->content_length);
	if (q->body_length != q->content_length)
		return ERR_BAD_INPUT;
	if (q->body_kind == BODY_JSON)
		return parse_object(q);
	return utf8_valid(q->body, q->body_length) ? OK : ERR_BAD_INPUT;
}
