#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/config.h"
#include "base/url.h"

static char folder[] = "/tmp/natter-config-XXXXXX";
static struct config config;

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int
forget(void **state)
{
	(void)state;
	config_free(&config);
	unsetenv("NATTER_CONF");
	unsetenv("NATTER_VAR");
	unsetenv("NATTER_SITE_NAME");
	unsetenv("NATTER_LIMITS_SEND");
	return 0;
}

/* A file of that text, in the instance's folder. */
static enum err
read_text(const char *text)
{
	/* fmemopen() refuses to open nothing. */
	const char *bytes = text[0] == '\0' ? "\n" : text;
	FILE *in = fmemopen((char *)bytes, strlen(bytes), "r");
	enum err e;

	config_free(&config);
	assert_non_null(in);
	e = config_read(&config, folder, in, "test");
	fclose(in);
	return e;
}

static void
write_file(const char *name, const char *text, char path[static PATH_MAX])
{
	FILE *out;

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	out = fopen(path, "we");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void
nothing_set_gives_the_defaults(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(read_text(""), OK);
	assert_string_equal(config.url, "http://127.0.0.1:8080/");
	assert_string_equal(config.origin, "http://127.0.0.1:8080");
	assert_string_equal(config.path, "/");
	assert_false(config.secure);
	assert_string_equal(config.name, "Natter");
	assert_int_equal(config.registration, REGISTRATION_INVITE);
	assert_int_equal(config.workers, 12);
	assert_true(config.auth_workers > 0);
	assert_true(config.db_private);
	assert_string_equal(config.db_user, "natter");
	assert_string_equal(config.var, folder);
	assert_true(config_path(&config, "secrets/db_password", path,
	    sizeof(path)));
	assert_string_equal(config.db_password_file, path);
	assert_int_equal(config.scrypt_log2_n, 15);
	assert_int_equal(config.scrypt_r, 8);
	assert_int_equal(config.scrypt_p, 3);
	assert_int_equal(config.limit_send, 120);
	assert_int_equal(config.group_members, 1000);
}

static void
a_file_sets_what_it_names(void **state)
{
	(void)state;
	assert_int_equal(read_text("# a comment\n; another\n"
	    "[site]\r\nurl = HTTPS://Example.ORG:443/chat\n"
	    "name = B\xc3\xa4r ; x\nregistration = open\n\n"
	    "[database]\n   host=[::1]\n\tport\t=\t3307\n"
	    "[limits]\nsend = 0\n[instance]\nworkers = 3"), OK);
	assert_string_equal(config.url, "https://example.org/chat/");
	assert_string_equal(config.origin, "https://example.org");
	assert_string_equal(config.path, "/chat/");
	assert_true(config.secure);
	assert_string_equal(config.name, "B\xc3\xa4r");
	assert_int_equal(config.registration, REGISTRATION_OPEN);
	assert_false(config.db_private);
	assert_string_equal(config.db_host, "[::1]");
	assert_int_equal(config.db_port, 3307);
	assert_int_equal(config.limit_send, 0);
	assert_int_equal(config.workers, 3);
}

static void
an_empty_value_means_the_default(void **state)
{
	(void)state;
	assert_int_equal(read_text("[site]\nname =\nurl=\n[limits]\nsend=\n"),
	    OK);
	assert_string_equal(config.name, "Natter");
	assert_int_equal(config.limit_send, 120);
}

static void
the_address_follows_where_nginx_listens(void **state)
{
	(void)state;
	assert_int_equal(read_text("[instance]\nlisten = [::1]:81\n"), OK);
	assert_string_equal(config.url, "http://[::1]:81/");
}

static void
whatever_is_wrong_stops_the_start(void **state)
{
	static const char *const bad[] = {
		"[site]\ncolour = red\n", "[sites]\nname = x\n", "name = x\n",
		"[site]\nname\n", "[site\nname = x\n",
		"[site]\nname = a\nname = b\n", "[site]\nname = \xff\n",
		"[site]\nurl = ftp://a/\n", "[site]\nregistration = maybe\n",
		"[instance]\nworkers = 0\n", "[instance]\nworkers = 1000\n",
		"[instance]\nworkers = 012\n", "[instance]\nworkers = -1\n",
		"[instance]\nlisten = 8080\n", "[instance]\nlisten = a b:80\n",
		"[database]\nport = 65536\n", "[database]\nname = a`b\n",
		"[database]\nsocket = /a;b\n", "[database]\nsocket = /a b\n",
		"[database]\nsocket = /a\nhost = b\n",
		"[password]\nlog2_n = 30\n", "[limits]\ntext_characters = 0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_text(bad[i]) != ERR_BAD_INPUT)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void
a_line_that_is_too_long_is_refused_but_not_a_comment(void **state)
{
	char text[6000] = "[site]\nname = ";

	(void)state;
	memset(text + strlen(text), 'a', 300);
	assert_int_equal(read_text(text), ERR_BAD_INPUT);
	memset(text, 0, sizeof(text));
	memset(text, '#', 5000);
	snprintf(text + 5000, 100, "\n[site]\nname = x\n");
	assert_int_equal(read_text(text), OK);
	assert_string_equal(config.name, "x");
}

static void
the_environment_wins_over_the_file(void **state)
{
	char path[PATH_MAX];

	(void)state;
	write_file("natter.conf", "[site]\nname = file\n[limits]\nsend = 5\n",
	    path);
	setenv("NATTER_VAR", folder, 1);
	setenv("NATTER_SITE_NAME", "environment", 1);
	setenv("NATTER_LIMITS_SEND", "", 1);
	assert_int_equal(config_load(&config, NULL), OK);
	assert_string_equal(config.name, "environment");
	assert_int_equal(config.limit_send, 5);
	assert_string_equal(config.var, folder);
	config_free(&config);
	setenv("NATTER_LIMITS_SEND", "many", 1);
	assert_int_equal(config_load(&config, folder), ERR_BAD_INPUT);
	unlink(path);
}

static void
a_file_named_by_the_environment_must_be_there(void **state)
{
	char path[PATH_MAX];

	(void)state;
	write_file("other.conf", "[site]\nname = other\n", path);
	setenv("NATTER_CONF", path, 1);
	assert_int_equal(config_load(&config, folder), OK);
	assert_string_equal(config.name, "other");
	config_free(&config);
	unlink(path);
	assert_int_equal(config_load(&config, folder), ERR_BAD_INPUT);
}

static void
the_folder_is_made_absolute_and_need_not_exist(void **state)
{
	char path[PATH_MAX], wanted[PATH_MAX];

	(void)state;
	snprintf(path, sizeof(path), "%s/../%s/./new//", folder,
	    strrchr(folder, '/') + 1);
	snprintf(wanted, sizeof(wanted), "%s/new", folder);
	assert_int_equal(config_load(&config, path), OK);
	assert_string_equal(config.var, wanted);
	config_free(&config);
	snprintf(path, sizeof(path), "%s/no/new", folder);
	assert_int_equal(config_load(&config, path), ERR_BAD_INPUT);
}

static void
a_folder_that_sockets_cannot_be_in_is_refused(void **state)
{
	char path[PATH_MAX];

	(void)state;
	snprintf(path, sizeof(path), "%s/%0100d", folder, 0);
	assert_int_equal(config_load(&config, path), ERR_BAD_INPUT);
	config_free(&config);
	snprintf(path, sizeof(path), "%s/a b", folder);
	assert_int_equal(config_load(&config, path), ERR_BAD_INPUT);
}

static char *
dumped(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	config_dump(&config, out);
	fclose(out);
	return text;
}

static void
what_is_dumped_reads_back_the_same(void **state)
{
	char *first, *second;

	(void)state;
	assert_int_equal(read_text("[site]\nurl = http://a:81/b\n[database]\n"
	    "socket = /run/x.sock\n[limits]\nread = 7\n"), OK);
	first = dumped();
	assert_non_null(strstr(first, "\nurl = http://a:81/b/\n"));
	assert_non_null(strstr(first, "\nread = 7\n"));
	assert_int_equal(read_text(first), OK);
	second = dumped();
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static void
the_manual_lists_every_setting_as_it_is(void **state)
{
	static char page[65536];
	FILE *in = fopen("docs/configuration.md", "re");
	char *table = NULL;
	const char *from;
	size_t size;
	FILE *out = open_memstream(&table, &size);

	(void)state;
	assert_non_null(in);
	assert_non_null(out);
	assert_true(fread(page, 1, sizeof(page) - 1, in) > 0);
	fclose(in);
	config_describe(out);
	fclose(out);
	from = strstr(page, "## [");
	assert_non_null(from);
	assert_string_equal(from, table);
	free(table);
}

static void
addresses_are_put_in_order(void **state)
{
	static const char *const good[][3] = {
		{"http://a", "http://a", "/"},
		{"http://A.example:80/", "http://a.example", "/"},
		{"https://a:443/x", "https://a", "/x/"},
		{"https://a:80/x/y/", "https://a:80", "/x/y/"},
		{"http://[::1]:8080/", "http://[::1]:8080", "/"},
		{"http://127.0.0.1:8080/~me/a.b/", "http://127.0.0.1:8080",
		    "/~me/a.b/"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct url url;

		if (!url_parse(good[i][0], &url))
			fail_msg("refused: %s", good[i][0]);
		assert_string_equal(url.origin, good[i][1]);
		assert_string_equal(url.path, good[i][2]);
	}
}

static void
strange_addresses_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "a", "//a/", "http:///", "http://", "http://a b/",
		"http://u@a/", "http://u:p@a/", "http://a?x", "http://a/?x",
		"http://a/#x", "http://a/../b", "http://a/./", "http://a//b/",
		"http://a//", "http://a/b//", "http://a/%2e/", "http://a:0/",
		"http://a:65536/", "http://a:/", "http://a:x/", "http://[a/",
		"http://[]/", "http://-a/", "http://.a/", "javascript:1",
		"http://a/b;c", "http://a/b\"", "http://a/$b",
		"http://\xc3\xa4/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct url url;

		if (url_parse(bad[i], &url))
			fail_msg("accepted: %s", bad[i]);
	}
}

static void
a_secret_is_the_first_line_of_its_file(void **state)
{
	char path[PATH_MAX], secret[16];

	(void)state;
	write_file("secret", "s3cret\r\nmore\n", path);
	assert_int_equal(config_secret(path, secret, sizeof(secret)), OK);
	assert_string_equal(secret, "s3cret");
	write_file("secret", "123456789012345", path);
	assert_int_equal(config_secret(path, secret, sizeof(secret)), OK);
	assert_string_equal(secret, "123456789012345");
	write_file("secret", "1234567890123456", path);
	assert_int_equal(config_secret(path, secret, sizeof(secret)),
	    ERR_INTERNAL);
	write_file("secret", "\nx\n", path);
	assert_int_equal(config_secret(path, secret, sizeof(secret)),
	    ERR_INTERNAL);
	unlink(path);
	assert_int_equal(config_secret(path, secret, sizeof(secret)),
	    ERR_NOT_FOUND);
	assert_int_equal(config_secret(folder, secret, sizeof(secret)),
	    ERR_INTERNAL);
}

static void
a_path_that_does_not_fit_is_told(void **state)
{
	char path[64];

	(void)state;
	assert_int_equal(read_text(""), OK);
	assert_true(config_path(&config, "run/x", path, sizeof(path)));
	assert_false(config_path(&config, "run/x", path, strlen(path)));
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_teardown(t, forget)
	const struct CMUnitTest tests[] = {
		TEST(nothing_set_gives_the_defaults),
		TEST(a_file_sets_what_it_names),
		TEST(an_empty_value_means_the_default),
		TEST(the_address_follows_where_nginx_listens),
		TEST(whatever_is_wrong_stops_the_start),
		TEST(a_line_that_is_too_long_is_refused_but_not_a_comment),
		TEST(the_environment_wins_over_the_file),
		TEST(a_file_named_by_the_environment_must_be_there),
		TEST(the_folder_is_made_absolute_and_need_not_exist),
		TEST(a_folder_that_sockets_cannot_be_in_is_refused),
		TEST(what_is_dumped_reads_back_the_same),
		TEST(the_manual_lists_every_setting_as_it_is),
		TEST(addresses_are_put_in_order),
		TEST(strange_addresses_are_refused),
		TEST(a_secret_is_the_first_line_of_its_file),
		TEST(a_path_that_does_not_fit_is_told),
	};

	return cmocka_run_group_tests_name("config", tests, make_folder,
	    remove_folder);
}
