#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "http/route.h"
#include "tests/unit/memory_io.h"

static struct arena *arena;
static struct config site;

/* The parameters end with NULL. */
static enum err
open_request(struct request *q, ...)
{
	struct memory m = {.count = 0};
	struct io io = memory_io(&m);
	const char *param;
	va_list list;

	va_start(list, q);
	while ((param = va_arg(list, const char *)) != NULL)
		memory_param(&m, param);
	va_end(list);
	*q = (struct request){.arena = arena, .config = &site};
	return request_open(q, &io);
}

static enum err
open_uri(struct request *q, const char *uri)
{
	return open_request(q, "REQUEST_METHOD=GET",
	    arena_printf(arena, "REQUEST_URI=%s", uri), NULL);
}

static void
headers_are_where_handlers_look_for_them(void **state)
{
	struct request q;

	(void)state;
	assert_int_equal(open_request(&q, "REQUEST_METHOD=POST",
	    "REQUEST_URI=/api/v1/me?a=%20b&c=d", "HTTP_ACCEPT=text/html",
	    "HTTP_ORIGIN=https://x", "HTTP_SEC_FETCH_SITE=same-origin",
	    "HTTP_HOST=h", "HTTP_UPGRADE=websocket", "HTTP_USER_AGENT=curl",
	    "HTTP_IDEMPOTENCY_KEY=\"k 1\"", "HTTP_AUTHORIZATION=Bearer tok",
	    "HTTP_COOKIE=a=b; natter_session=sess", "REMOTE_ADDR=10.0.0.1",
	    "CONTENT_TYPE=application/json", "CONTENT_LENGTH=12",
	    "NATTER_WAITED=1", "HTTP_X_OTHER=1", "NOTHING", NULL), OK);
	assert_int_equal(q.method, POST);
	assert_string_equal(q.path, "/api/v1/me");
	assert_int_equal(q.query_count, 2);
	assert_string_equal(q.query[0].value, " b");
	assert_string_equal(q.accept, "text/html");
	assert_string_equal(q.origin, "https://x");
	assert_string_equal(q.fetch_site, "same-origin");
	assert_string_equal(q.host, "h");
	assert_string_equal(q.upgrade, "websocket");
	assert_string_equal(q.user_agent, "curl");
	assert_string_equal(q.idempotency_key, "k 1");
	assert_string_equal(q.bearer, "tok");
	assert_string_equal(q.session_cookie, "sess");
	assert_string_equal(q.address, "10.0.0.1");
	assert_int_equal(q.content_length, 12);
	assert_true(q.waited);
	assert_false(q.internal);
	assert_int_equal(strlen(q.request_id), 32);
}

static void
without_any_header_nothing_is_null(void **state)
{
	struct request q;

	(void)state;
	assert_int_equal(open_request(&q, NULL), ERR_BAD_INPUT);
	assert_string_equal(q.path, "/");
	assert_string_equal(q.accept, "");
	assert_string_equal(q.session_cookie, "");
	assert_string_equal(q.method_text, "");
	assert_int_equal(q.method, METHOD_OTHER);
}

static void
head_is_get_and_other_words_are_none(void **state)
{
	static const char *const others[] = {"", "get", "PROPFIND", "TRACE",
	    "GETT", "GE"};
	struct request q;

	(void)state;
	open_request(&q, "REQUEST_METHOD=HEAD", "REQUEST_URI=/", NULL);
	assert_int_equal(q.method, GET);
	assert_string_equal(q.method_text, "HEAD");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		open_request(&q, arena_printf(arena, "REQUEST_METHOD=%s",
		    others[i]), "REQUEST_URI=/", NULL);
		assert_int_equal(q.method, METHOD_OTHER);
	}
	assert_string_equal(method_name(GET), "GET");
	assert_string_equal(method_name(DELETE), "DELETE");
	assert_string_equal(method_name(METHOD_OTHER), "");
}

static void
a_path_is_decoded_once_and_an_escaped_slash_is_none(void **state)
{
	struct request q;

	(void)state;
	assert_int_equal(open_uri(&q, "/a/%F0%9F%91%8D/%2541?x"), OK);
	assert_string_equal(q.path, "/a/\xf0\x9f\x91\x8d/%41");
	assert_int_equal(open_uri(&q, "/a+b"), OK);
	assert_string_equal(q.path, "/a+b");
	assert_int_equal(open_uri(&q, "/a%2fb"), ERR_NOT_FOUND);
	assert_int_equal(open_uri(&q, "/a%2Fb"), ERR_NOT_FOUND);
	assert_int_equal(open_uri(&q, "/a?b=%2f"), OK);
	assert_string_equal(q.query[0].value, "/");
}

static void
a_path_that_is_not_text_is_refused(void **state)
{
	static const char *const bad[] = {"", "a", "*", "/%", "/%0", "/%00",
	    "/%ff", "/\xff", "/%zz", "/?%00", "/?a=%", "ftp://h/x", "http:/x",
	    "http:", "?a"};
	struct request q;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (open_uri(&q, bad[i]) != ERR_BAD_INPUT)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(q.path);
	}
}

static void
an_absolute_target_counts_from_its_path(void **state)
{
	struct request q;

	(void)state;
	assert_int_equal(open_uri(&q, "http://h:80/a?b=c"), OK);
	assert_string_equal(q.path, "/a");
	assert_int_equal(open_uri(&q, "HTTPS://h"), OK);
	assert_string_equal(q.path, "/");
}

static void
the_path_of_the_site_is_taken_off(void **state)
{
	struct request q;

	(void)state;
	site = memory_site("/chat/");
	assert_int_equal(open_uri(&q, "/chat/api/v1/me"), OK);
	assert_string_equal(q.path, "/api/v1/me");
	assert_int_equal(open_uri(&q, "/chat/"), OK);
	assert_string_equal(q.path, "/");
	assert_int_equal(open_uri(&q, "/healthz"), OK);
	assert_string_equal(q.path, "/healthz");
	assert_int_equal(open_uri(&q, "/chatter"), OK);
	assert_string_equal(q.path, "/chatter");
	site = memory_site("/");
}

static void
two_sessions_are_refused_however_they_come(void **state)
{
	struct request q;

	(void)state;
	assert_int_equal(open_request(&q, "REQUEST_URI=/",
	    "HTTP_COOKIE=natter_session=a; natter_session=b", NULL),
	    ERR_BAD_INPUT);
	assert_true(q.two_session_cookies);
	assert_int_equal(open_request(&q, "REQUEST_URI=/",
	    "HTTP_COOKIE=natter_session=a", "HTTP_COOKIE=natter_session=a",
	    NULL), ERR_BAD_INPUT);
	assert_true(q.two_session_cookies);
	assert_int_equal(open_request(&q, "REQUEST_URI=/",
	    "HTTP_COOKIE=natter_session=a", "HTTP_COOKIE=x=y", NULL), OK);
	assert_string_equal(q.session_cookie, "a");
	assert_int_equal(open_request(&q, "REQUEST_URI=/", "HTTP_COOKIE=x=y",
	    "HTTP_COOKIE=natter_session=a", NULL), OK);
	assert_string_equal(q.session_cookie, "a");
}

static void
a_header_that_decides_stands_once(void **state)
{
	static const char *const headers[] = {"HTTP_AUTHORIZATION=Bearer a",
	    "HTTP_ORIGIN=https://x", "HTTP_SEC_FETCH_SITE=same-origin",
	    "HTTP_IDEMPOTENCY_KEY=a", "HTTP_HOST=a", "CONTENT_TYPE=a",
	    "CONTENT_LENGTH=1", "REQUEST_METHOD=GET", "REMOTE_ADDR=1.2.3.4"};
	struct request q;

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (open_request(&q, "REQUEST_URI=/", headers[i], headers[i],
			NULL) != ERR_BAD_INPUT)
			fail_msg("taken twice: %s", headers[i]);
	}
	assert_int_equal(open_request(&q, "REQUEST_URI=/", "HTTP_ACCEPT=a/b",
	    "HTTP_ACCEPT=text/event-stream", NULL), OK);
	assert_string_equal(q.accept, "a/b, text/event-stream");
}

static void
a_key_is_short_and_printable(void **state)
{
	struct request q;
	char *key = arena_printf(arena, "HTTP_IDEMPOTENCY_KEY=%0128d", 1);

	(void)state;
	assert_int_equal(open_request(&q, "REQUEST_URI=/", key, NULL), OK);
	key = arena_printf(arena, "HTTP_IDEMPOTENCY_KEY=%0129d", 1);
	assert_int_equal(open_request(&q, "REQUEST_URI=/", key, NULL),
	    ERR_BAD_INPUT);
	assert_int_equal(open_request(&q, "REQUEST_URI=/",
	    "HTTP_IDEMPOTENCY_KEY=\xc3\xa4", NULL), ERR_BAD_INPUT);
	assert_int_equal(open_request(&q, "REQUEST_URI=/",
	    "HTTP_IDEMPOTENCY_KEY=\"\"", NULL), ERR_BAD_INPUT);
}

static void
a_length_is_a_number(void **state)
{
	static const char *const bad[] = {"-1", "+1", "1 ", "0x1", "1,1", "01",
	    "18446744073709551616"};
	struct request q;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *p = arena_printf(arena, "CONTENT_LENGTH=%s",
		    bad[i]);

		if (open_request(&q, "REQUEST_URI=/", p, NULL) !=
		    ERR_BAD_INPUT)
			fail_msg("taken: %s", p);
	}
	assert_int_equal(open_request(&q, "REQUEST_URI=/", "CONTENT_LENGTH=",
	    NULL), OK);
}

static void
only_this_host_is_inside(void **state)
{
	static const char *const inside[] = {"127.0.0.1", "127.1.2.3", "::1",
	    "::ffff:127.0.0.1", "unix:"};
	static const char *const outside[] = {"10.0.0.1", "", "128.0.0.1",
	    "::2", "127.0.0.1.example.org", "::ffff:10.0.0.1"};
	static const char *const said[] = {"HTTP_X_FORWARDED_FOR=10.0.0.1",
	    "HTTP_X_REAL_IP=10.0.0.1", "HTTP_FORWARDED=for=10.0.0.1",
	    "HTTP_VIA=1.1 proxy"};
	struct request q;

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		open_request(&q, "REQUEST_URI=/", "HTTP_HOST=localhost",
		    arena_printf(arena, "REMOTE_ADDR=%s", inside[i]), NULL);
		assert_true(q.internal);
	}
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		open_request(&q, "REQUEST_URI=/", "HTTP_HOST=localhost",
		    arena_printf(arena, "REMOTE_ADDR=%s", outside[i]), NULL);
		assert_false(q.internal);
	}
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		open_request(&q, "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
		    "HTTP_HOST=localhost", said[i], NULL);
		assert_false(q.internal);
	}
}

static void
a_tunnel_on_this_host_passes_on_the_name_that_was_asked_for(void **state)
{
	static const char *const ours[] = {"localhost", "LocalHost:8080",
	    "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:8080",
	    "127.0.0.1:"};
	static const char *const others[] = {"example.org", "", "10.0.0.1:80",
	    "localhost.example.org", "127.0.0.1.example.org", "[::1", "[::2]",
	    "[::1]x", "localhost:80x", "::1", ":80"};
	struct request q;

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		open_request(&q, "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
		    arena_printf(arena, "HTTP_HOST=%s", ours[i]), NULL);
		assert_true(q.internal);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		open_request(&q, "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
		    arena_printf(arena, "HTTP_HOST=%s", others[i]), NULL);
		assert_false(q.internal);
	}
}

static void
the_web_server_may_name_the_request(void **state)
{
	struct request q;

	(void)state;
	open_request(&q, "REQUEST_URI=/", "REQUEST_ID=0123456789abcdef", NULL);
	assert_string_equal(q.request_id, "0123456789abcdef");
	open_request(&q, "REQUEST_URI=/", "REQUEST_ID=x\r\ny", NULL);
	assert_int_equal(strlen(q.request_id), 32);
}

struct media {
	const char *type;
	const char *body;
	enum method method;
	unsigned flags;
	bool by_cookie;
	enum err err;
	enum body_kind kind;
};

static void
bodies_come_as_json(void **state)
{
	static const struct media cases[] = {
	    {"application/json", "{}", POST, 0, true, OK, BODY_JSON},
	    {"Application/JSON ; Charset=UTF-8", "{}", POST, 0, true, OK,
		BODY_JSON},
	    {"application/json; charset=latin1", "{}", POST, 0, false,
		ERR_MEDIA_TYPE, BODY_OTHER},
	    {"application/jsonx", "{}", POST, 0, false, ERR_MEDIA_TYPE,
		BODY_OTHER},
	    {"application/x-www-form-urlencoded", "{}", POST, 0, false,
		ERR_MEDIA_TYPE, BODY_OTHER},
	    {"", "{}", POST, 0, false, ERR_MEDIA_TYPE, BODY_OTHER},
	    {"", "", POST, 0, false, OK, BODY_JSON},
	    {"", "", POST, 0, true, ERR_MEDIA_TYPE, BODY_OTHER},
	    {"", "", DELETE, 0, true, OK, BODY_NONE},
	    {"", "x", DELETE, 0, true, ERR_MEDIA_TYPE, BODY_OTHER},
	    {"text/plain", "x", GET, 0, true, OK, BODY_NONE},
	    {"text/plain", "x", POST, 0, false, ERR_MEDIA_TYPE, BODY_OTHER},
	    {"text/plain", "x", POST, ROUTE_PLAIN, false, OK, BODY_PLAIN},
	    {"text/plain", "x", POST, ROUTE_PLAIN, true, ERR_MEDIA_TYPE,
		BODY_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct media *c = &cases[i];
		struct route route = {.flags = c->flags};
		struct request q = {.arena = arena, .method = c->method,
		    .content_type = c->type,
		    .content_length = strlen(c->body)};

		q.caller.session_id = c->by_cookie;
		if (request_media(&q, &route) != c->err ||
		    q.body_kind != c->kind)
			fail_msg("case %zu", i);
	}
}

static enum err
take(struct request *q, enum body_kind kind, const char *body, size_t length,
    size_t said)
{
	struct memory m = {.body = body, .body_length = length};
	struct io io = memory_io(&m);

	*q = (struct request){.arena = arena, .body_kind = kind,
	    .content_length = said};
	return request_take_body(q, &io);
}

static void
a_body_is_an_object_of_the_length_it_said(void **state)
{
	struct request q;

	(void)state;
	assert_int_equal(take(&q, BODY_JSON, "{\"a\":1}", 7, 7), OK);
	assert_int_equal(body_u64(&q, "a", 0, 1), 1);
	assert_int_equal(take(&q, BODY_JSON, "", 0, 0), OK);
	assert_int_equal(json_kind(q.json), JSON_OBJECT);
	assert_int_equal(take(&q, BODY_JSON, "{\"a\":", 5, 7), ERR_BAD_INPUT);
	assert_int_equal(take(&q, BODY_JSON, "{} {}", 5, 5), ERR_BAD_JSON);
	assert_int_equal(take(&q, BODY_JSON, "[]", 2, 2), ERR_BAD_INPUT);
	assert_null(q.json);
	assert_int_equal(take(&q, BODY_JSON, "null", 4, 4), ERR_BAD_INPUT);
	assert_int_equal(take(&q, BODY_JSON, "  ", 2, 2), ERR_BAD_JSON);
	assert_int_equal(take(&q, BODY_JSON, "{}", 2, BODY_BYTES_MAX + 1),
	    ERR_TOO_LARGE);
	assert_int_equal(take(&q, BODY_JSON, "{}", 2, SIZE_MAX),
	    ERR_TOO_LARGE);
}

static void
a_plain_body_is_text(void **state)
{
	struct request q;

	(void)state;
	assert_int_equal(take(&q, BODY_PLAIN, "h\xc3\xa4\n", 4, 4), OK);
	assert_string_equal(q.body, "h\xc3\xa4\n");
	assert_int_equal(take(&q, BODY_PLAIN, "a\0b", 3, 3), ERR_BAD_INPUT);
	assert_int_equal(take(&q, BODY_PLAIN, "\xff", 1, 1), ERR_BAD_INPUT);
	assert_int_equal(take(&q, BODY_NONE, "x", 1, 1), OK);
	assert_string_equal(q.body, "");
}

static int
start(void **state)
{
	(void)state;
	arena = arena_new(4 * 1024 * 1024);
	site = memory_site("/");
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_where_handlers_look_for_them),
		cmocka_unit_test(without_any_header_nothing_is_null),
		cmocka_unit_test(head_is_get_and_other_words_are_none),
		cmocka_unit_test(
		    a_path_is_decoded_once_and_an_escaped_slash_is_none),
		cmocka_unit_test(a_path_that_is_not_text_is_refused),
		cmocka_unit_test(an_absolute_target_counts_from_its_path),
		cmocka_unit_test(the_path_of_the_site_is_taken_off),
		cmocka_unit_test(two_sessions_are_refused_however_they_come),
		cmocka_unit_test(a_header_that_decides_stands_once),
		cmocka_unit_test(a_key_is_short_and_printable),
		cmocka_unit_test(a_length_is_a_number),
		cmocka_unit_test(only_this_host_is_inside),
		cmocka_unit_test(
		    a_tunnel_on_this_host_passes_on_the_name_that_was_asked_for),
		cmocka_unit_test(the_web_server_may_name_the_request),
		cmocka_unit_test(bodies_come_as_json),
		cmocka_unit_test(a_body_is_an_object_of_the_length_it_said),
		cmocka_unit_test(a_plain_body_is_text),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
