#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fcgi-app/routes.c"
#include "tests/unit/in_arena.h"

static enum err
find(enum method method, const char *path, struct request *q,
    const struct route **route, unsigned *allowed)
{
	*q = (struct request){.arena = arena, .method = method, .path = path,
	    .word = ""};
	return route_find(routes, q, route, allowed);
}

static void
a_path_is_found_with_its_ids_and_word(void **state)
{
	const struct route *route;
	struct request q;
	unsigned allowed;

	(void)state;
	assert_int_equal(find(GET, "/api/v1/conversations/12/messages", &q,
	    &route, &allowed), OK);
	assert_ptr_equal(route->call, get_messages);
	assert_int_equal(q.ids[0], 12);
	assert_int_equal(find(PATCH, "/api/v1/conversations/3/members/44", &q,
	    &route, &allowed), OK);
	assert_ptr_equal(route->call, patch_member);
	assert_int_equal(q.ids[0], 3);
	assert_int_equal(q.ids[1], 44);
	assert_int_equal(find(PUT, "/api/v1/messages/9/reactions/\xf0\x9f\x91\x8d",
	    &q, &route, &allowed), OK);
	assert_ptr_equal(route->call, put_reaction);
	assert_string_equal(q.word, "\xf0\x9f\x91\x8d");
}

static void
a_fixed_word_is_not_an_id(void **state)
{
	const struct route *route;
	struct request q;
	unsigned allowed;

	(void)state;
	assert_int_equal(find(GET, "/api/v1/conversations/public", &q, &route,
	    &allowed), OK);
	assert_ptr_equal(route->call, get_public_conversations);
}

static void
an_unknown_path_is_not_found(void **state)
{
	static const char *const paths[] = {"/", "/api", "/api/v1", "/api/v1/",
	    "/api/v1/me/", "/api/v1//me", "//api/v1/me", "/api/v1/mee",
	    "/api/v1/m", "/API/v1/me", "/api/v1/./me", "/api/v1/users/x",
	    "/api/v1/messages/1/reactions/", "/api/v1/messages/1/reactions",
	    "/healthz/", "/api/v1/conversations/{id}", ""};
	const struct route *route;
	struct request q;
	unsigned allowed;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (find(GET, paths[i], &q, &route, &allowed) != ERR_NOT_FOUND)
			fail_msg("found: %s", paths[i]);
		assert_null(route);
		assert_int_equal(allowed, 0);
	}
}

static void
what_is_no_id_is_not_found(void **state)
{
	static const char *const ids[] = {"0", "01", "-1", "+1", "1e3", "1.0",
	    " 1", "1 ", "x", "", "9007199254740992", "18446744073709551617",
	    "1 or 1=1"};
	const struct route *route;
	struct request q;
	unsigned allowed;
	char path[100];

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		snprintf(path, sizeof(path), "/api/v1/users/%s", ids[i]);
		if (find(GET, path, &q, &route, &allowed) != ERR_NOT_FOUND)
			fail_msg("found: %s", path);
	}
	assert_int_equal(find(GET, "/api/v1/users/9007199254740991", &q, &route,
	    &allowed), OK);
	assert_int_equal(q.ids[0], ID_MAX);
}

static void
a_known_path_with_another_method_is_told_apart(void **state)
{
	const struct route *route;
	struct request q;
	unsigned allowed;

	(void)state;
	assert_int_equal(find(PUT, "/api/v1/conversations/1", &q, &route,
	    &allowed), ERR_METHOD);
	assert_int_equal(allowed, GET | PATCH | DELETE);
	assert_int_equal(find(METHOD_OTHER, "/healthz", &q, &route, &allowed),
	    ERR_METHOD);
	assert_int_equal(allowed, GET);
}

static void
every_row_is_found_by_its_own_path(void **state)
{
	const struct route *route;
	struct request q;
	unsigned allowed;

	(void)state;
	for (const struct route *r = routes; r->call != NULL; r++) {
		char path[200] = "";
		size_t n = 0;

		for (const char *c = r->path; *c != '\0'; c++) {
			if (*c == '{') {
				path[n++] = '7';
				c += strcspn(c, "}");
			} else {
				path[n++] = *c;
			}
		}
		if (find(r->method, path, &q, &route, &allowed) != OK ||
		    route != r)
			fail_msg("hidden: %s", r->path);
	}
}

static void
every_row_says_what_it_needs(void **state)
{
	(void)state;
	for (const struct route *r = routes; r->call != NULL; r++) {
		bool by_name = r->who == USER || r->who == ADMIN;
		bool session_only = (r->flags & ROUTE_SESSION) != 0;

		if (by_name && !session_only && r->scope == 0)
			fail_msg("no scope: %s", r->path);
		if (by_name && r->limit == LIMIT_NONE)
			fail_msg("no limit: %s", r->path);
		if (by_name && r->method != GET && r->scope == SCOPE_READ)
			fail_msg("a write for readers: %s", r->path);
		if ((r->flags & ROUTE_CONVERSATION) != 0 &&
		    strncmp(r->path, "/api/v1/conversations/{id}", 26) != 0)
			fail_msg("no conversation: %s", r->path);
		if (r->who == ANYONE && r->limit == LIMIT_NONE &&
		    (r->flags & ROUTE_OFFLINE) == 0)
			fail_msg("open to all, counted by none: %s", r->path);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_found_with_its_ids_and_word),
		cmocka_unit_test(a_fixed_word_is_not_an_id),
		cmocka_unit_test(an_unknown_path_is_not_found),
		cmocka_unit_test(what_is_no_id_is_not_found),
		cmocka_unit_test(
		    a_known_path_with_another_method_is_told_apart),
		cmocka_unit_test(every_row_is_found_by_its_own_path),
		cmocka_unit_test(every_row_says_what_it_needs),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
