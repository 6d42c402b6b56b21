#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "http/cookie.h"
#include "http/send.h"

#define HEAD_MAX 8192

/* clang-format off */
static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};
/* clang-format on */

static const char *
reason_of(unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Unknown";
}

static void
header(struct buffer *head, const char *name, const char *value)
{
	for (const char *c = value; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~') {
			log_error("header %s: left out, not plain", name);
			return;
		}
	}
	buffer_printf(head, "%s: %s\r\n", name, value);
}

static void
allow(struct buffer *head, unsigned allowed)
{
	static const struct {
		unsigned bit;
		const char *words;
	} methods[] = {{GET, "GET, HEAD, "}, {POST, "POST, "}, {PUT, "PUT, "},
	    {PATCH, "PATCH, "}, {DELETE, "DELETE, "}};

	buffer_text(head, "Allow: ");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if ((allowed & methods[i].bit) != 0)
			buffer_text(head, methods[i].words);
	}
	buffer_text(head, "OPTIONS\r\n");
}

/*
 * With X-Accel-Redirect nginx takes type, caching and cookies from here and
 * everything else from the place it goes to, which says those three itself:
 * so nothing but the place is said.
 */
static void
redirect_inside(struct buffer *head, const struct reply *p)
{
	header(head, "X-Accel-Redirect", p->accel_redirect);
}

static void
headers(struct buffer *head, const struct sending *s)
{
	const struct request *q = s->request;
	const struct reply *p = s->reply;

	header(head, "Cache-Control", "private, no-store");
	header(head, "Vary", "Cookie, Authorization");
	header(head, "X-Content-Type-Options", "nosniff");
	header(head, "X-Request-Id", q->request_id);
	if (s->epoch[0] != '\0')
		header(head, "X-Natter-Epoch", s->epoch);
	if (p->location != NULL)
		header(head, "Location", arena_printf(q->arena, "%s%s",
		    q->config->url, p->location));
	if (p->session_cookie != NULL)
		header(head, "Set-Cookie", cookie_header(q->arena, q->config,
		    p->session_cookie, p->session_cookie_age_s));
	if (p->retry_after_s > 0)
		buffer_printf(head, "Retry-After: %u\r\n", p->retry_after_s);
	if (p->status == 401 && q->session_cookie[0] == '\0')
		header(head, "WWW-Authenticate", "Bearer");
	if (s->allowed != 0)
		allow(head, s->allowed);
}

static struct text
body_of(const struct reply *p)
{
	if (p->status == 204)
		return (struct text){"", 0};
	if (p->raw != NULL)
		return (struct text){p->raw, p->raw_length};
	if (p->json.out.length == 0)
		return (struct text){"", 0};
	return (struct text){p->json.out.data, p->json.out.length};
}

void
send_reply(const struct sending *s)
{
	const struct request *q = s->request;
	const struct reply *p = s->reply;
	struct text body = body_of(p);
	struct buffer head;

	buffer_start(&head, q->arena, HEAD_MAX);
	buffer_printf(&head, "Status: %u %s\r\n", p->status,
	    reason_of(p->status));
	if (p->accel_redirect != NULL) {
		body.length = 0;
		redirect_inside(&head, p);
	} else {
		headers(&head, s);
	}
	if (body.length > 0)
		header(&head, "Content-Type", p->content_type == NULL ?
		    "application/json" : p->content_type);
	if (p->status != 204 && p->accel_redirect == NULL)
		buffer_printf(&head, "Content-Length: %zu\r\n", body.length);
	buffer_text(&head, "\r\n");
	s->io->write(s->io, head.data, head.length);
	if (body.length > 0 && strcmp(q->method_text, "HEAD") != 0)
		s->io->write(s->io, body.data, body.length);
}
