/*
 * http/request.h -- one HTTP request, checked and taken apart.
 *
 * Filled by http/server.c from FastCGI or CGI; handlers only read it.  Values
 * of body and query are asked for by name with their limits beside; a bad one
 * is recorded as a field error, and request_bad() tells the handler to give up:
 *
 *	m.text = body_text(q, "text", 1, 16000);
 *	m.reply_to = body_id_optional(q, "reply_to");
 *	if (request_bad(q))
 *		return ERR_BAD_INPUT;
 *
 * Memory  Everything is in q->arena, until the reply is sent.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct config;
struct io;
struct reply;
struct route;

enum method { GET = 1, POST = 2, PUT = 4, PATCH = 8, DELETE = 16, HEAD = 32,
	OPTIONS = 64, METHOD_OTHER = 0 };

/** method_name(method): "GET"; "" for METHOD_OTHER. */
const char *method_name(enum method method);

enum body_kind { BODY_NONE, BODY_JSON, BODY_PLAIN, BODY_OTHER };

#define REQUEST_IDS_MAX 3
#define REQUEST_ERRORS_MAX 16
#define REQUEST_QUERY_MAX 32
/* The longest message with every character written as two \u escapes, and some
 * keys beside it. */
#define BODY_BYTES_MAX (200 * 1024)

/* Scopes of a token; a session has all of them. */
#define SCOPE_READ 1u
#define SCOPE_WRITE 2u
#define SCOPE_ADMIN 4u

/* Who is asking; user_id 0: nobody is signed in. */
struct caller {
	uint64_t user_id;
	const char *username;
	const char *display_name;
	bool is_bot;
	bool is_admin;
	uint64_t session_id;		/* 0: by token */
	uint64_t token_id;		/* 0: by session */
	unsigned scopes;
	uint64_t only_conversation_id;	/* the token sees only this; 0: all */
	const uint8_t *secret_hash;	/* all this is only remembered: the
					 * statement that does what is asked
					 * has to ask for this SHA-256, too;
					 * NULL: it was asked for just now */
};

struct field_error {
	const char *pointer;	/* "/text" (RFC 6901), or "?after" for the query */
	const char *code;	/* "required", "type", "too_long", "range", ... */
	const char *detail;
};

struct parameter {
	const char *name;	/* decoded */
	const char *value;
};

struct request {
	struct arena *arena;
	const struct config *config;	/* the site's settings */
	enum method method;		/* GET for HEAD, too */
	const char *method_text;	/* as it came */
	const char *path;		/* below the site's path, decoded once,
					 * begins with '/': "/api/v1/me" */
	const char *request_id;		/* for logs and problem bodies */
	uint64_t ids[REQUEST_IDS_MAX];	/* {id} parts of the path, in order */
	const char *word;		/* the {word} part: an emoji */

	const struct parameter *query;
	size_t query_count;

	enum body_kind body_kind;
	const char *body;		/* bytes, NUL-terminated */
	size_t body_length;
	const struct json_value *json;	/* the object; NULL for BODY_PLAIN */

	/* headers that matter; "" when absent */
	const char *accept;
	const char *upgrade;
	const char *origin;
	const char *fetch_site;		/* Sec-Fetch-Site */
	const char *host;
	const char *user_agent;
	const char *idempotency_key;	/* unquoted */
	const char *bearer;		/* secret of Authorization: Bearer, or Basic's password */
	const char *session_cookie;	/* value of our cookie */
	const char *address;		/* of the client, by the trusted nginx */
	const char *content_type;
	uint64_t content_length;	/* as said; the body is read last */
	bool two_session_cookies;
	bool waited;			/* came back from pushd's waiting room */
	bool internal;			/* from this host, not passed on by a proxy */
	bool plain_cgi;			/* no nginx around: no X-Accel-Redirect */

	struct caller caller;		/* set before the handler runs */
	struct field_error errors[REQUEST_ERRORS_MAX];
	size_t error_count;
	unsigned retry_after_s;		/* with ERR_RATE_LIMITED */
};

/** request_bad(q): some field or parameter was refused. */
bool request_bad(const struct request *q);

/** request_fault(q, pointer, code, detail): refuse one by hand. */
void request_fault(struct request *q, const char *pointer, const char *code,
    const char *detail);

/* Fields of the JSON body.  Lengths count code points.  Unknown keys are
 * ignored; null counts as absent. */
bool body_has(const struct request *q, const char *key);
/** body_is_null(q, key): it is there, as null. */
bool body_is_null(const struct request *q, const char *key);
const char *body_text(struct request *q, const char *key, size_t min,
    size_t max);
const char *body_text_optional(struct request *q, const char *key, size_t min,
    size_t max);
uint64_t body_id(struct request *q, const char *key);
uint64_t body_id_optional(struct request *q, const char *key);	/* 0: absent */
/** body_u64_optional(q, key, min, max, fallback) */
uint64_t body_u64_optional(struct request *q, const char *key, uint64_t min,
    uint64_t max, uint64_t fallback);
uint64_t body_u64(struct request *q, const char *key, uint64_t min,
    uint64_t max);
bool body_bool_optional(struct request *q, const char *key, bool fallback);
/** body_choice(q, key, choices): index in the NULL-ended list, -1 when refused
 * or absent (which is refused too). */
int body_choice(struct request *q, const char *key,
    const char *const *choices);
int body_choice_optional(struct request *q, const char *key,
    const char *const *choices, int fallback);
/** body_time_optional(q, key): wall ms, 0 when absent. */
int64_t body_time_optional(struct request *q, const char *key);
/** body_ids_optional(q, key, max, ids): how many; ids in the arena. */
size_t body_ids_optional(struct request *q, const char *key, size_t max,
    const uint64_t **ids);

/* Parameters of the query; a repeated name is refused.  query_text() is NULL
 * when absent, query_u64() then fallback. */
const char *query_text(struct request *q, const char *name, size_t max);
bool query_has(const struct request *q, const char *name);
uint64_t query_u64(struct request *q, const char *name, uint64_t min,
    uint64_t max, uint64_t fallback);

/* The server's part; q->arena and q->config are set. */

/**
 * request_open(q, io): everything but the body.  Whatever comes out, path and
 * headers can be read.  ERR_BAD_INPUT: a bad escape or text that is not UTF-8,
 * a header that must stand once repeated, two session cookies, a
 * Content-Length that is not a number.  ERR_NOT_FOUND: an escaped slash.
 */
enum err request_open(struct request *q, struct io *io);

/**
 * request_media(q, route): q->body_kind from the Content-Type, before the body
 * is read.  ERR_MEDIA_TYPE: not one that the route takes.
 */
enum err request_media(struct request *q, const struct route *route);

/**
 * request_take_body(q, io): read and check it.  No body counts as {}.
 * ERR_TOO_LARGE, ERR_BAD_JSON; ERR_BAD_INPUT: cut off, or not an object, or
 * text that is not UTF-8.
 */
enum err request_take_body(struct request *q, struct io *io);

#endif
