#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/config.h"
#include "http/authorization.h"
#include "http/cookie.h"
#include "tests/unit/in_arena.h"

static char root[] = "/";
static char chat[] = "/chat/";

static size_t
count(const char *header, const char *expected)
{
	struct text value;
	size_t n = cookie_find(header, "natter_session", &value);

	if (!text_is(value, expected))
		fail_msg("%s: %.*s", header, (int)value.length, value.data);
	return n;
}

static void
our_cookie_is_found_among_others(void **state)
{
	(void)state;
	assert_int_equal(count("natter_session=abc", "abc"), 1);
	assert_int_equal(count("a=b; natter_session=abc;c=d", "abc"), 1);
	assert_int_equal(count(" natter_session = abc ", "abc"), 1);
	assert_int_equal(count("", ""), 0);
	assert_int_equal(count("a=b", ""), 0);
	assert_int_equal(count("xnatter_session=abc", ""), 0);
	assert_int_equal(count("natter_sessionx=abc", ""), 0);
	assert_int_equal(count("__Host-natter_session=abc", ""), 0);
	assert_int_equal(count("Natter_Session=abc", ""), 0);
}

static void
a_second_one_is_counted(void **state)
{
	(void)state;
	assert_int_equal(count("natter_session=a; natter_session=b", "b"), 2);
	assert_int_equal(count("natter_session=a; natter_session=", ""), 2);
	assert_int_equal(count("natter_session=a;natter_session", ""), 2);
}

static void
a_value_that_cannot_be_ours_is_nobody(void **state)
{
	char header[200] = "natter_session=";

	(void)state;
	assert_int_equal(count("natter_session=", ""), 1);
	assert_int_equal(count("natter_session=\"abc\"", ""), 1);
	assert_int_equal(count("natter_session=a, natter_session=b", ""), 1);
	assert_int_equal(count("natter_session=a=b", ""), 1);
	assert_int_equal(count("natter_session=a\xc3\xa4", ""), 1);
	memset(header + 15, 'a', 65);
	assert_int_equal(count(header, ""), 1);
}

static void
the_name_says_how_safe_it_is(void **state)
{
	struct config c = {.path = root};

	(void)state;
	assert_string_equal(cookie_name(&c), "natter_session");
	c.secure = true;
	assert_string_equal(cookie_name(&c), "__Host-natter_session");
	c.path = chat;
	assert_string_equal(cookie_name(&c), "__Secure-natter_session");
}

static void
the_header_binds_it_to_the_site(void **state)
{
	struct config c = {.path = chat, .secure = true};

	(void)state;
	assert_string_equal(cookie_header(arena, &c, "abc", 60),
	    "__Secure-natter_session=abc; Path=/chat/; Max-Age=60; HttpOnly; "
	    "SameSite=Lax; Secure");
	c.secure = false;
	c.path = root;
	assert_string_equal(cookie_header(arena, &c, "", 60),
	    "natter_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

static void
secret_of(const char *header, const char *secret)
{
	assert_string_equal(authorization_secret(arena, header), secret);
}

static void
a_token_comes_as_bearer_or_as_basic_password(void **state)
{
	(void)state;
	secret_of("", "");
	secret_of("  ", "");
	secret_of("Bearer abc", "abc");
	secret_of("bearer  abc ", "abc");
	secret_of("Basic dTphYmM=", "abc");
	secret_of("Basic OmE6Yg", "a:b");
}

static void
another_claim_of_who_one_is_is_no_token(void **state)
{
	static const char *const headers[] = {"Bearer", "Digest x", "abc",
	    "Basic", "Basic ???", "Basic dTo=", "Basic dQ==", "Basic dQA6YQ=="};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		secret_of(headers[i], headers[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_cookie_is_found_among_others),
		cmocka_unit_test(a_second_one_is_counted),
		cmocka_unit_test(a_value_that_cannot_be_ours_is_nobody),
		cmocka_unit_test(the_name_says_how_safe_it_is),
		cmocka_unit_test(the_header_binds_it_to_the_site),
		cmocka_unit_test(a_token_comes_as_bearer_or_as_basic_password),
		cmocka_unit_test(another_claim_of_who_one_is_is_no_token),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
