#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/password.h"
#include "base/password_list.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const struct password_cost cheap = { 13, 8, 1 };

static void
a_password_matches_only_its_own_hash(void **state)
{
	char stored[PASSWORD_STORED_SIZE], other[PASSWORD_STORED_SIZE];

	(void)state;
	assert_int_equal(password_hash("correct horse", &cheap, stored), OK);
	assert_int_equal(password_hash("correct horse", &cheap, other), OK);
	assert_memory_equal(stored, "$scrypt$ln=13,r=8,p=1$", 22);
	assert_int_equal(strlen(stored), 22 + 22 + 1 + 43);
	assert_string_not_equal(stored, other);
	assert_true(password_verify("correct horse", stored, &cheap));
	assert_true(password_verify("correct horse", other, &cheap));
	assert_false(password_verify("correct horse ", stored, &cheap));
	assert_false(password_verify("Correct horse", stored, &cheap));
	assert_false(password_verify("", stored, &cheap));
}

static void
the_hash_is_the_same_as_of_other_libraries(void **state)
{
	(void)state;
	/* scrypt("pleaseletmein", "SodiumChlorideSo", 2^14, 8, 1), from
	 * OpenSSL's EVP_PBE_scrypt. */
	assert_true(password_verify("pleaseletmein",
	    "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGVTbw"
	    "$Rd2OjJobL/Wu19pfFgebU/rAJb5pUooer6CHUmiI/c0", &cheap));
}

static void
a_stored_text_that_is_damaged_matches_nothing(void **state)
{
	char stored[PASSWORD_STORED_SIZE], text[PASSWORD_STORED_SIZE + 8];
	size_t i;

	(void)state;
	assert_int_equal(password_hash("secret", &cheap, stored), OK);
	for (i = 0; i < strlen(stored); i += 5) {
		snprintf(text, sizeof(text), "%s", stored);
		text[i] = text[i] == 'A' ? 'B' : 'A';
		assert_false(password_verify("secret", text, &cheap));
		snprintf(text, sizeof(text), "%.*s", (int)i, stored);
		assert_false(password_verify("secret", text, &cheap));
	}
	snprintf(text, sizeof(text), "%s$", stored);
	assert_false(password_verify("secret", text, &cheap));
	snprintf(text, sizeof(text), "%sA", stored);
	assert_false(password_verify("secret", text, &cheap));
}

static void
a_row_cannot_ask_for_any_cost(void **state)
{
	static const char *const costs[] = {
		"ln=12,r=8,p=1", "ln=18,r=8,p=1", "ln=30,r=8,p=1",
		"ln=13,r=9,p=1", "ln=13,r=8,p=0", "ln=13,r=8,p=17",
		"ln=13,r=8", "ln=13,r=8,p=1,x=1", "r=8,ln=13,p=1", "",
		"ln=013,r=8,p=1", "ln=-13,r=8,p=1",
		"ln=18446744073709551629,r=8,p=1",
	};
	char text[PASSWORD_STORED_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(costs); i++) {
		snprintf(text, sizeof(text), "$scrypt$%s"
		    "$AAAAAAAAAAAAAAAAAAAAAA"
		    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", costs[i]);
		assert_true(password_outdated(text, &cheap));
		assert_false(password_verify("x", text, &cheap));
	}
}

static void
nobody_is_no_match_either(void **state)
{
	(void)state;
	assert_false(password_verify("", NULL, &cheap));
	assert_false(password_verify("secret", NULL, &cheap));
	assert_false(password_verify("secret", "", &cheap));
	assert_false(password_verify("secret", "plain", &cheap));
}

static void
a_hash_of_another_cost_is_outdated(void **state)
{
	static const struct password_cost dearer = { 14, 8, 1 };
	static const struct password_cost wider = { 13, 8, 2 };
	char stored[PASSWORD_STORED_SIZE];

	(void)state;
	assert_int_equal(password_hash("secret", &cheap, stored), OK);
	assert_false(password_outdated(stored, &cheap));
	assert_true(password_outdated(stored, &dearer));
	assert_true(password_outdated(stored, &wider));
	assert_true(password_verify("secret", stored, &dearer));
}

static void
what_everybody_chooses_is_refused(void **state)
{
	static const char *const weak[] = {
		"password", "PASSWORD", "Password1", "password123!",
		"p@ssw0rd", "P4ssw0rd", "pa55w0rd!", "pa$$word", "passw0rd1",
		"qwertyui", "qwerty123456", "qwertyuiop", "1qaz2wsx",
		"12345678", "123456789", "1234567890", "87654321", "abcdefgh",
		"aaaaaaaa", "12121212", "abcabcabc", "abcdabcd", "!!!!!!!!",
		"iloveyou", "letmein!", "welcome2024", "admin1234",
		"2024summer", "natter2026", "Natter123!", "trustno1",
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(weak); i++) {
		if (password_weak(weak[i], "ann") == NULL)
			fail_msg("accepted: %s", weak[i]);
		assert_string_equal(password_weak(weak[i], "ann"), "common");
	}
}

static void
ones_own_name_is_refused(void **state)
{
	static const char *const weak[] = {
		"annabella", "Annabella", "annabella1", "annabella2024",
		"!annabella!", "allebanna", "1allebanna1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(weak); i++)
		assert_string_equal(password_weak(weak[i], "annabella"),
		    "like_username");
	assert_null(password_weak("annabella likes rain", "annabella"));
}

static void
a_good_password_is_left_alone(void **state)
{
	static const char *const good[] = {
		"correct horse battery staple", "xK9#mP2$vL", "dragonfly-pond",
		"summer83017462", "tr0ub4dor&3", "my password is long",
		"\xd0\xba\xd0\xbb\xd1\x8e\xd1\x87-\xd0\xb2-\xd0\xb4\xd0\xbe",
		"01234567890123456789012345678901234567890123456789012345678x9",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(good); i++)
		if (password_weak(good[i], "ann") != NULL)
			fail_msg("refused: %s", good[i]);
}

static void
the_list_is_sorted(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; i < LENGTH(common_words); i++)
		assert_true(strcmp(common_words[i - 1], common_words[i]) < 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_matches_only_its_own_hash),
		cmocka_unit_test(the_hash_is_the_same_as_of_other_libraries),
		cmocka_unit_test(a_stored_text_that_is_damaged_matches_nothing),
		cmocka_unit_test(a_row_cannot_ask_for_any_cost),
		cmocka_unit_test(nobody_is_no_match_either),
		cmocka_unit_test(a_hash_of_another_cost_is_outdated),
		cmocka_unit_test(what_everybody_chooses_is_refused),
		cmocka_unit_test(ones_own_name_is_refused),
		cmocka_unit_test(a_good_password_is_left_alone),
		cmocka_unit_test(the_list_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
