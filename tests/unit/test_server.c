#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/db.h"
#include "http/server.h"
#include "tests/unit/memory_io.h"

static struct arena *arena;
static struct config site;
static struct memory m;
static enum err database;	/* what db_ready() says */
static unsigned asked;		/* how often it was asked */
static struct caller caller;	/* who a cookie or token stands for */
static unsigned handled;
static struct caller recalled;	/* whom the worker remembers, if anybody */
static unsigned found;		/* how often the database was asked who it is */

enum err
db_ready(void)
{
	asked++;
	return database;
}

static enum err
find_caller(const struct config *config, struct request *q)
{
	(void)config;
	found++;
	q->caller = caller;
	return OK;
}

static bool
recall_caller(struct request *q)
{
	if (recalled.user_id != 0)
		q->caller = recalled;
	return recalled.user_id != 0;
}

static const char *found_epoch;

static const char *
epoch(void)
{
	return found_epoch;
}

static enum err
get_thing(struct request *q, struct reply *p)
{
	handled++;
	json_object(&p->json, NULL);
	json_u64(&p->json, "id", q->ids[0]);
	json_end_object(&p->json);
	return OK;
}

static enum err
get_absent(struct request *q, struct reply *p)
{
	(void)q;
	json_object(&p->json, NULL);
	return ERR_NOT_FOUND;
}

static enum err
post_thing(struct request *q, struct reply *p)
{
	handled++;
	body_text(q, "name", 1, 3);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	p->status = 201;
	p->location = "api/v1/things/7";
	p->session_cookie = "secret";
	p->session_cookie_age_s = 60;
	json_object(&p->json, NULL);
	json_end_object(&p->json);
	return OK;
}

/* Its statement finds the remembered caller to be what the database says. */
static enum err
post_sure(struct request *q, struct reply *p)
{
	if (q->caller.secret_hash != NULL && (caller.user_id == 0 ||
	    strcmp(caller.display_name, q->caller.display_name) != 0))
		return ERR_UNAUTHENTICATED;
	if (post_thing(q, p) != OK)
		return ERR_BAD_INPUT;
	return q->ids[0] == 8 ? ERR_NOT_FOUND : OK;
}

static enum err
delete_thing(struct request *q, struct reply *p)
{
	(void)q;
	handled++;
	p->status = 204;
	return OK;
}

static enum err
get_stream(struct request *q, struct reply *p)
{
	(void)q;
	p->accel_redirect = "/_push/u_1";
	return OK;
}

static enum err
get_odd(struct request *q, struct reply *p)
{
	(void)q;
	p->location = "x\r\nSet-Cookie: y=z";
	return OK;
}

/* clang-format off */
static const struct route table[] = {
	{ GET, "/up", ANYONE, 0, LIMIT_NONE, ROUTE_OFFLINE, get_thing },
	{ GET, "/inside", INSIDE, 0, LIMIT_NONE, ROUTE_OFFLINE, get_thing },
	{ GET, "/open", ANYONE, 0, LIMIT_READ, 0, get_thing },
	{ POST, "/open", ANYONE, 0, LIMIT_READ, 0, post_thing },
	{ GET, "/things/{id}", USER, SCOPE_READ, LIMIT_READ, ROUTE_CONVERSATION, get_thing },
	{ DELETE, "/things/{id}", USER, SCOPE_WRITE, LIMIT_WRITE, 0, delete_thing },
	{ GET, "/absent/{id}", USER, SCOPE_READ, LIMIT_READ, 0, get_absent },
	{ POST, "/things", USER, SCOPE_WRITE, LIMIT_WRITE, 0, post_thing },
	{ POST, "/sure/{id}", USER, SCOPE_WRITE, LIMIT_WRITE, ROUTE_SURE, post_sure },
	{ POST, "/mine", USER, SCOPE_WRITE, LIMIT_WRITE, ROUTE_SESSION, post_thing },
	{ GET, "/stream", USER, SCOPE_READ, LIMIT_STREAM, 0, get_stream },
	{ GET, "/odd", ANYONE, 0, LIMIT_NONE, 0, get_odd },
	{ GET, "/admin", ADMIN, SCOPE_ADMIN, LIMIT_READ, 0, get_thing },
	{ .call = NULL }
};
/* clang-format on */

#define JSON "CONTENT_TYPE=application/json"
#define COOKIE "HTTP_COOKIE=natter_session=abc"
#define TOKEN "HTTP_AUTHORIZATION=Bearer abc"
#define SAME "HTTP_ORIGIN=http://127.0.0.1:8080"
#define OTHER "HTTP_ORIGIN=http://127.0.0.1:8081"

/* "GET /path", then parameters, then NULL; the status. */
static int
ask(const char *line, const char *body, ...)
{
	struct server server = {.config = &site, .routes = table,
	    .arena = arena, .caller_find = find_caller,
	    .caller_recall = recall_caller,
	    .find_epoch = epoch, .epoch = "e0"};
	size_t length = strcspn(line, " ");
	char method[100], uri[100], said[100];
	struct io io = memory_io(&m);
	const char *param;
	va_list list;

	m = (struct memory){.body = body, .body_length = strlen(body)};
	snprintf(method, sizeof(method), "REQUEST_METHOD=%.*s", (int)length,
	    line);
	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", line + length + 1);
	snprintf(said, sizeof(said), "CONTENT_LENGTH=%zu", strlen(body));
	memory_param(&m, method);
	memory_param(&m, uri);
	memory_param(&m, said);
	memory_param(&m, "REMOTE_ADDR=10.0.0.1");
	memory_param(&m, "REQUEST_ID=0123456789abcdef");
	va_start(list, body);
	while ((param = va_arg(list, const char *)) != NULL)
		memory_param(&m, param);
	va_end(list);
	server_answer(&server, &io);
	assert_int_equal(arena_used(arena), 0);
	assert_int_equal(memcmp(m.answer, "Status: ", 8), 0);
	return (m.answer[8] - '0') * 100 + (m.answer[9] - '0') * 10 +
	    m.answer[10] - '0';
}

static bool
says(const char *piece)
{
	return strstr(m.answer, piece) != NULL;
}

static void
an_answer_has_its_headers(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /things/7", "", COOKIE, NULL), 200);
	assert_string_equal(m.answer, "Status: 200 OK\r\n"
	    "Cache-Control: private, no-store\r\n"
	    "Vary: Cookie, Authorization\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "X-Request-Id: 0123456789abcdef\r\n"
	    "X-Natter-Epoch: e1\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: 8\r\n\r\n{\"id\":7}");
	assert_int_equal(ask("HEAD /things/7", "", COOKIE, NULL), 200);
	assert_true(says("Content-Length: 8\r\n\r\n"));
	assert_false(says("{"));
}

static void
a_creation_names_its_place_and_sets_the_cookie(void **state)
{
	(void)state;
	assert_int_equal(ask("POST /open", "{\"name\":\"x\"}", JSON, NULL),
	    201);
	assert_true(says("Location: http://127.0.0.1:8080/api/v1/things/7\r\n"));
	assert_true(says("Set-Cookie: natter_session=secret; Path=/; "
	    "Max-Age=60; HttpOnly; SameSite=Lax\r\n"));
	assert_int_equal(ask("POST /open", "{}", JSON, NULL), 400);
	assert_true(says("\"pointer\":\"/name\""));
	assert_false(says("Set-Cookie"));
	assert_false(says("Location"));
}

static void
nothing_but_the_place_is_said_with_an_inner_redirect(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /stream", "", COOKIE, NULL), 200);
	assert_string_equal(m.answer,
	    "Status: 200 OK\r\nX-Accel-Redirect: /_push/u_1\r\n\r\n");
}

static void
a_header_that_is_not_plain_is_left_out(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /odd", "", NULL), 200);
	assert_false(says("Set-Cookie"));
	assert_false(says("Location"));
}

static void
unknown_paths_methods_and_options_are_answered(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /nope", "", NULL), 404);
	assert_int_equal(ask("OPTIONS /nope", "", NULL), 404);
	assert_int_equal(ask("PUT /open", "", NULL), 405);
	assert_true(says("Allow: GET, HEAD, POST, OPTIONS\r\n"));
	assert_int_equal(ask("OPTIONS /things/7", "", NULL), 204);
	assert_true(says("Allow: GET, HEAD, DELETE, OPTIONS\r\n\r\n"));
	assert_false(says("Access-Control"));
	assert_int_equal(asked, 0);
}

static void
who_says_nothing_is_refused_without_the_database(void **state)
{
	(void)state;
	database = ERR_UNAVAILABLE;
	assert_int_equal(ask("GET /things/7", "", NULL), 401);
	assert_true(says("WWW-Authenticate: Bearer\r\n"));
	assert_int_equal(ask("GET /up", "", COOKIE, NULL), 200);
	assert_true(says("X-Natter-Epoch: e0\r\n"));
	assert_int_equal(asked, 0);
	assert_int_equal(ask("GET /things/7", "", COOKIE, NULL), 503);
	assert_true(says("Retry-After: 2\r\n"));
	assert_int_equal(ask("GET /open", "", NULL), 503);
	assert_int_equal(handled, 1);
}

static void
a_dead_cookie_or_token_is_nobody(void **state)
{
	(void)state;
	caller = (struct caller){0};
	assert_int_equal(ask("GET /things/7", "", COOKIE, NULL), 401);
	assert_false(says("WWW-Authenticate"));
	assert_int_equal(ask("GET /things/7", "", TOKEN, NULL), 401);
	assert_true(says("WWW-Authenticate: Bearer\r\n"));
	assert_int_equal(ask("GET /open", "", COOKIE, NULL), 200);
}

static void
a_write_by_cookie_proves_where_it_comes_from(void **state)
{
	static const char ok[] = "{\"name\":\"x\"}";

	(void)state;
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE, NULL), 403);
	assert_true(says("\"cross_site\""));
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE, OTHER, NULL),
	    403);
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE,
	    "HTTP_ORIGIN=null", NULL), 403);
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE,
	    "HTTP_ORIGIN=http://127.0.0.1:8080.evil", NULL), 403);
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE, SAME,
	    "HTTP_SEC_FETCH_SITE=same-site", NULL), 403);
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE,
	    "HTTP_SEC_FETCH_SITE=none", NULL), 403);
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE, OTHER,
	    "HTTP_SEC_FETCH_SITE=same-origin", NULL), 403);
	assert_int_equal(ask("DELETE /things/7", "", COOKIE, NULL), 403);
	assert_int_equal(handled, 0);
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE, SAME, NULL),
	    201);
	assert_int_equal(ask("POST /things", ok, JSON, COOKIE,
	    "HTTP_SEC_FETCH_SITE=same-origin", NULL), 201);
	assert_int_equal(ask("DELETE /things/7", "", COOKIE, SAME, NULL), 204);
	assert_int_equal(ask("POST /things", ok, COOKIE, SAME,
	    "CONTENT_TYPE=text/plain", NULL), 415);
}

static void
a_foreign_page_can_not_sign_anybody_in(void **state)
{
	static const char ok[] = "{\"name\":\"x\"}";

	(void)state;
	assert_int_equal(ask("POST /open", ok, JSON, OTHER, NULL), 403);
	assert_int_equal(ask("POST /open", ok, JSON,
	    "HTTP_SEC_FETCH_SITE=cross-site", NULL), 403);
	assert_int_equal(ask("POST /open", ok, JSON, SAME, NULL), 201);
	assert_int_equal(ask("POST /open", ok, JSON, NULL), 201);
}

static void
a_token_does_what_its_scopes_say(void **state)
{
	static const char ok[] = "{\"name\":\"x\"}";

	(void)state;
	caller = (struct caller){.user_id = 1, .token_id = 2,
	    .scopes = SCOPE_READ};
	assert_int_equal(ask("GET /things/7", "", TOKEN, NULL), 200);
	assert_int_equal(ask("POST /things", ok, JSON, TOKEN, NULL), 403);
	assert_true(says("\"scope_missing\""));
	caller.scopes = SCOPE_WRITE;
	assert_int_equal(ask("POST /things", ok, JSON, TOKEN, OTHER, NULL),
	    201);
	assert_int_equal(ask("POST /mine", ok, JSON, TOKEN, NULL), 403);
	assert_true(says("\"forbidden\""));
	assert_int_equal(ask("GET /things/7", "", TOKEN, NULL), 403);
}

static void
another_conversation_looks_like_none_to_a_bound_token(void **state)
{
	char absent[65536];

	(void)state;
	caller = (struct caller){.user_id = 1, .token_id = 2, .scopes = 7,
	    .only_conversation_id = 7};
	assert_int_equal(ask("GET /things/7", "", TOKEN, NULL), 200);
	assert_int_equal(ask("GET /things/8", "", TOKEN, NULL), 404);
	memcpy(absent, m.answer, sizeof(absent));
	caller.only_conversation_id = 0;
	assert_int_equal(ask("GET /absent/8", "", TOKEN, NULL), 404);
	assert_string_equal(m.answer, absent);
	caller.only_conversation_id = 7;
	assert_int_equal(ask("GET /absent/7", "", TOKEN, NULL), 403);
}

static void
inside_is_for_this_host_and_administrators(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /inside", "", NULL), 404);
	assert_int_equal(asked, 0);
	assert_int_equal(ask("GET /inside", "", COOKIE, NULL), 404);
	assert_int_equal(ask("GET /admin", "", COOKIE, NULL), 403);
	caller.is_admin = true;
	assert_int_equal(ask("GET /inside", "", COOKIE, NULL), 200);
	assert_int_equal(ask("GET /admin", "", COOKIE, NULL), 200);
	caller = (struct caller){.user_id = 1, .token_id = 1, .is_admin = true,
	    .scopes = SCOPE_READ};
	assert_int_equal(ask("GET /inside", "", TOKEN, NULL), 404);
}

static void
two_session_cookies_are_refused(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /things/7", "", COOKIE, COOKIE, NULL), 400);
	assert_int_equal(asked, 0);
}

static void
remember(void)
{
	static const uint8_t hash[32] = "h";

	caller = (struct caller){.user_id = 1, .token_id = 2,
	    .scopes = SCOPE_WRITE, .display_name = "Ann"};
	recalled = caller;
	recalled.secret_hash = hash;
}

static void
who_is_remembered_is_not_asked_about_apart(void **state)
{
	(void)state;
	remember();
	assert_int_equal(ask("POST /sure/7", "{\"name\":\"x\"}", JSON, TOKEN,
	    NULL), 201);
	assert_int_equal(found, 0);
	assert_int_equal(ask("POST /things", "{\"name\":\"x\"}", JSON, TOKEN,
	    NULL), 201);
	assert_int_equal(found, 1);
}

static void
who_is_remembered_and_refused_is_asked_about(void **state)
{
	(void)state;
	remember();
	assert_int_equal(ask("POST /sure/7", "{}", JSON, TOKEN, NULL), 400);
	assert_int_equal(ask("POST /sure/8", "{\"name\":\"x\"}", JSON, TOKEN,
	    NULL), 404);
	recalled.scopes = 0;
	assert_int_equal(ask("POST /sure/7", "{\"name\":\"x\"}", JSON, TOKEN,
	    NULL), 403);
	assert_int_equal(found, 3);
}

static void
who_is_only_remembered_is_nobody(void **state)
{
	(void)state;
	remember();
	caller = (struct caller){0};
	assert_int_equal(ask("POST /sure/7", "{\"name\":\"x\"}", JSON, TOKEN,
	    NULL), 401);
	assert_int_equal(ask("POST /sure/7", "{}", JSON, TOKEN, NULL), 401);
	assert_int_equal(ask("POST /sure/7", "", TOKEN, NULL), 401);
	recalled.scopes = 0;
	assert_int_equal(ask("POST /sure/7", "{\"name\":\"x\"}", JSON, TOKEN,
	    NULL), 401);
}

static void
who_has_changed_is_taken_as_he_is(void **state)
{
	(void)state;
	remember();
	caller.display_name = "Anna";
	assert_int_equal(ask("POST /sure/7", "{\"name\":\"x\"}", JSON, TOKEN,
	    NULL), 201);
	assert_int_equal(found, 1);
	assert_int_equal(handled, 1);
}

static int
begin(void **state)
{
	(void)state;
	database = OK;
	found_epoch = "e1";
	asked = handled = found = 0;
	recalled = (struct caller){0};
	caller = (struct caller){.user_id = 1, .session_id = 2, .scopes = 7};
	return 0;
}

static void
a_database_without_an_epoch_is_not_served(void **state)
{
	(void)state;
	found_epoch = "";
	assert_int_equal(ask("GET /things/7", "", COOKIE, NULL), 503);
	assert_false(says("X-Natter-Epoch"));
	assert_int_equal(handled, 0);
	assert_int_equal(ask("GET /up", "", COOKIE, NULL), 200);
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

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_answer_has_its_headers),
		TEST(a_creation_names_its_place_and_sets_the_cookie),
		TEST(nothing_but_the_place_is_said_with_an_inner_redirect),
		TEST(a_header_that_is_not_plain_is_left_out),
		TEST(unknown_paths_methods_and_options_are_answered),
		TEST(who_says_nothing_is_refused_without_the_database),
		TEST(a_database_without_an_epoch_is_not_served),
		TEST(a_dead_cookie_or_token_is_nobody),
		TEST(a_write_by_cookie_proves_where_it_comes_from),
		TEST(a_foreign_page_can_not_sign_anybody_in),
		TEST(a_token_does_what_its_scopes_say),
		TEST(another_conversation_looks_like_none_to_a_bound_token),
		TEST(inside_is_for_this_host_and_administrators),
		TEST(two_session_cookies_are_refused),
		TEST(who_is_remembered_is_not_asked_about_apart),
		TEST(who_is_remembered_and_refused_is_asked_about),
		TEST(who_is_only_remembered_is_nobody),
		TEST(who_has_changed_is_taken_as_he_is),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
