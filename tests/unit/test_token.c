#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/token.h"

static void
secrets_are_43_letters_and_digits(void **state)
{
	bool seen[128] = {0};
	int kinds = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		char secret[TOKEN_SIZE];

		token_make(secret);
		assert_int_equal(strlen(secret), TOKEN_SIZE - 1);
		for (const char *c = secret; *c != '\0'; c++) {
			assert_true(isalnum((unsigned char)*c));
			seen[(unsigned char)*c] = true;
		}
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		kinds += seen[i];
	assert_int_equal(kinds, 62);
}

static void
no_two_secrets_are_alike(void **state)
{
	char a[TOKEN_SIZE], b[TOKEN_SIZE];

	(void)state;
	token_make(a);
	token_make(b);
	assert_string_not_equal(a, b);
}

static void
random_bytes_fill_exactly_what_was_asked_for(void **state)
{
	unsigned char bytes[1026] = {0}, sum = 0;

	(void)state;
	token_bytes(bytes + 1, 1024);
	for (size_t i = 1; i < 1025; i++)
		sum |= bytes[i];
	assert_int_equal(sum, 0xff);
	assert_int_equal(bytes[0], 0);
	assert_int_equal(bytes[1025], 0);
}

static void
the_hash_is_sha256(void **state)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	char hex[HEX_SIZE(TOKEN_HASH_SIZE)];

	(void)state;
	token_hash("abc", 3, hash);
	hex_encode(hash, sizeof(hash), hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	token_hash("", 0, hash);
	hex_encode(hash, sizeof(hash), hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}

static void
nothing_in_hex_is_an_empty_text(void **state)
{
	char hex[1] = {'x'};

	(void)state;
	hex_encode("", 0, hex);
	assert_string_equal(hex, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_43_letters_and_digits),
		cmocka_unit_test(no_two_secrets_are_alike),
		cmocka_unit_test(random_bytes_fill_exactly_what_was_asked_for),
		cmocka_unit_test(the_hash_is_sha256),
		cmocka_unit_test(nothing_in_hex_is_an_empty_text),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
