/*
 * Runs against a MariaDB of its own in a folder of its own; as root too.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/db.h"
#include "base/log.h"
#include "base/script.h"

#define SKIPPED 77
#define PATIENCE_MS 20000

static char folder[] = "/tmp/natter-db-XXXXXX";
static struct config config;
static struct arena *arena;
static pid_t server;

static const char schema[] =
    "CREATE TABLE notes (\n"
    "  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,\n"
    "  name VARCHAR(32) NULL UNIQUE, -- it's ; one column\n"
    "  body MEDIUMTEXT NULL, code VARBINARY(600) NULL, height INT NULL\n"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
    "DELIMITER //\n"
    "CREATE PROCEDURE echo(IN p TEXT CHARACTER SET utf8mb4)\n"
    "BEGIN SELECT 'a;b' AS what, p, LENGTH(p) AS bytes; SELECT 2; END //\n"
    "CREATE PROCEDURE silent() BEGIN DO 1; END //\n"
    "CREATE PROCEDURE half() BEGIN START TRANSACTION;\n"
    " UPDATE notes SET height = height + 1;\n"
    " KILL QUERY CONNECTION_ID(); COMMIT; END //\n"
    "DELIMITER ;\n";

static struct stmt insert = { .sql =
	"INSERT INTO notes (name, body, code, height) VALUES (?, ?, ?, ?)" };
static struct stmt by_name = { .sql =
	"SELECT id, name, body, code, height FROM notes WHERE name = ?" };
static struct stmt of_all = { .sql =
	"SELECT name, SUM(height) OVER (), COUNT(*) OVER ()"
	" FROM notes ORDER BY name" };
static struct stmt rename_to = { .sql =
	"UPDATE notes SET name = ? WHERE name = ?" };
static struct stmt grow = { .sql =
	"UPDATE notes SET height = height + 1 WHERE name = ?" };
static struct stmt clear = { .sql = "DELETE FROM notes" };
static struct stmt nothing = { .sql = "SELECT 1" };
static struct stmt session = { .sql =
	"SELECT @@sql_mode, @@time_zone, @@collation_connection,"
	" @@innodb_lock_wait_timeout, @@local_infile" };
static struct stmt sleep_for = { .sql = "SELECT SLEEP(?)" };
static struct stmt too_long = { .sql =
	"INSERT INTO notes (name) VALUES (REPEAT('x', ?))" };
static struct stmt echo = { .sql = "CALL echo(?)" };
static struct stmt silent = { .sql = "CALL silent()" };
static struct stmt half = { .sql = "CALL half()" };
static struct stmt kill_self = { .sql = "KILL CONNECTION CONNECTION_ID()" };
static struct stmt unlisted = { .sql = "SELECT 2" };
static struct stmt misspelt = { .sql = "SELECT id, nme FROM notes" };

static struct stmt *const notes_sql[] = { &insert, &by_name, &of_all,
	&rename_to, &grow, &clear, NULL };
static struct stmt *const other_sql[] = { &nothing, &session, &sleep_for,
	&too_long, &echo, &silent, &half, &kill_self, NULL };
static struct stmt *const misspelt_sql[] = { &misspelt, NULL };
static struct stmt *const *const lists[] = { notes_sql, other_sql, NULL };
static struct stmt *const *const no_lists[] = { NULL };
static struct stmt *const *const wrong_lists[] = { misspelt_sql, NULL };

static void
write_file(const char *name, const char *text)
{
	char path[108];
	int fd;
	size_t length = strlen(text);

	assert_true(config_path(&config, name, path, sizeof(path)));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), (ssize_t)length);
	close(fd);
}

/* script: with $V for the folder. The child becomes what it execs. */
static pid_t
run(const char *script)
{
	pid_t child = fork();

	if (child == 0) {
		setenv("V", folder, 1);
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	return child;
}

static int
finish(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

#define FLAGS \
	"F=\"--no-defaults --datadir=$V/data --socket=$V/run/db.sock" \
	" --pid-file=$V/db.pid --log-error=$V/db.log --tmpdir=$V" \
	" --skip-networking --skip-name-resolve --performance-schema=OFF" \
	" --innodb-buffer-pool-size=16M --innodb-log-file-size=8M" \
	" --innodb-data-file-path=ibdata1:12M:autoextend" \
	" --innodb-autoextend-increment=4" \
	" --innodb-temp-data-file-path=ibtmp1:1M:autoextend" \
	" --max-connections=20 --skip-log-bin\"; U=; " \
	"[ \"$(id -u)\" = 0 ] && U=--user=root; umask 077; "

static bool
installed(void)
{
	static const char *const programs[] = {
		"mariadbd", "mariadb-install-db", NULL,
	};

	for (size_t i = 0; programs[i] != NULL; i++) {
		char script[64];

		snprintf(script, sizeof(script), "command -v %s >/dev/null",
		    programs[i]);
		if (finish(run(script)) != 0) {
			printf("SKIPPED: there is no %s\n", programs[i]);
			return false;
		}
	}
	return true;
}

static void
start_server(void)
{
	server = run(FLAGS "exec mariadbd $F $U >/dev/null 2>&1");
	assert_true(server > 0);
}

/* kill -9, as a fault would. */
static void
kill_server(void)
{
	kill(server, SIGKILL);
	finish(server);
	server = 0;
}

static enum err
open_patiently(struct stmt *const *const *what)
{
	int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
	enum err e;

	for (;;) {
		e = db_open(&config, what);
		if (e != ERR_UNAVAILABLE || clock_monotonic_ms() > until_ms)
			return e;
		db_close();
		usleep(50000);
	}
}

static int
start_all(void **state)
{
	FILE *in;

	(void)state;
	assert_non_null(mkdtemp(folder));
	arena = arena_new(64 * 1024 * 1024);
	in = fmemopen((char *)"\n", 1, "r");
	assert_int_equal(config_read(&config, folder, in, "test"), OK);
	fclose(in);
	assert_int_equal(finish(run("mkdir $V/run $V/secrets")), 0);
	write_file("secrets/db_password", "it's \"secret\"\n");
	write_file("setup.sql", "flush privileges;\ncreate database natter;\n"
	    "create user natter@localhost identified by 'it\\'s \"secret\"';\n"
	    "grant all on natter.* to natter@localhost;\n");
	assert_int_equal(finish(run(FLAGS
	    "mariadb-install-db $F $U --skip-test-db"
	    " --auth-root-authentication-method=socket"
	    " --extra-file=$V/setup.sql >/dev/null 2>&1")), 0);
	start_server();
	assert_int_equal(open_patiently(no_lists), OK);
	assert_int_equal(db_script(schema, strlen(schema)), OK);
	db_close();
	return 0;
}

static int
stop_all(void **state)
{
	(void)state;
	if (server > 0) {
		kill(server, SIGTERM);
		finish(server);
	}
	config_free(&config);
	arena_free(arena);
	return finish(run("rm -rf \"$V\""));
}

static int
start(void **state)
{
	(void)state;
	assert_int_equal(open_patiently(lists), OK);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_exec(&clear), OK);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	db_close();
	arena_reset(arena);
	return 0;
}

static void
add(const char *name, int64_t height)
{
	assert_int_equal(db_exec(&insert, TEXT(name), NONE, NONE, I64(height)),
	    OK);
}

static int64_t
height_of(const char *name)
{
	int64_t height = -1;

	assert_int_equal(db_query(&by_name, TEXT(name)), OK);
	if (db_next(&by_name))
		height = db_i64(&by_name, 4);
	db_done(&by_name);
	return height;
}

static void
values_come_back_as_they_went_in(void **state)
{
	static const char name[] = "\xc3\xa4\xf0\x9f\x98\x80'\"\\";
	char code[8] = "????????";

	(void)state;
	assert_int_equal(db_exec(&insert, TEXT(name), TEXT(""),
	    BYTES("\0\xff\0", 3), I64(-7)), OK);
	assert_int_equal(db_changed(), 1);
	assert_int_equal(db_query(&by_name, TEXT(name)), OK);
	assert_true(db_next(&by_name));
	assert_int_equal(db_u64(&by_name, 0), db_insert_id());
	assert_string_equal(db_text(&by_name, 1, arena), name);
	assert_string_equal(db_text(&by_name, 2, arena), "");
	assert_int_equal(db_bytes(&by_name, 3, code, sizeof(code)), 3);
	assert_memory_equal(code, "\0\xff\0?????", 8);
	assert_int_equal(db_bytes(&by_name, 3, code, 1), 1);
	assert_int_equal(db_i64(&by_name, 4), -7);
	assert_string_equal(db_text(&by_name, 4, arena), "-7");
	assert_false(db_next(&by_name));
	assert_false(db_next(&by_name));
}

static void
null_is_told_from_nothing(void **state)
{
	(void)state;
	assert_int_equal(db_exec(&insert, TEXT("a"), TEXT(NULL), NONE, NONE),
	    OK);
	assert_int_equal(db_query(&by_name, TEXT("a")), OK);
	assert_true(db_next(&by_name));
	assert_false(db_is_null(&by_name, 0));
	for (unsigned column = 2; column < 5; column++)
		assert_true(db_is_null(&by_name, column));
	assert_null(db_text(&by_name, 2, arena));
	assert_int_equal(db_bytes(&by_name, 3, folder, 1), 0);
	assert_int_equal(db_u64(&by_name, 4), 0);
	assert_int_equal(db_query(&by_name, TEXT(NULL)), OK);
	assert_false(db_next(&by_name));
}

static void
texts_of_any_length_come_whole(void **state)
{
	static const size_t lengths[] = { 511, 512, 513, 65536, 1000000, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t code_bytes = lengths[i] < 600 ? lengths[i] : 600;
		char *text = arena_alloc(arena, lengths[i] + 1), *read;
		char code[600];

		memset(text, 'x', lengths[i]);
		text[lengths[i] - 1] = 'y';
		assert_int_equal(db_exec(&clear), OK);
		assert_int_equal(db_exec(&insert, TEXT("a"), TEXT(text),
		    BYTES(text, code_bytes), NONE), OK);
		assert_int_equal(db_query(&by_name, TEXT("a")), OK);
		assert_true(db_next(&by_name));
		read = db_text(&by_name, 2, arena);
		assert_string_equal(read, text);
		assert_int_equal(db_bytes(&by_name, 3, code, sizeof(code)),
		    code_bytes);
		assert_memory_equal(code, text, code_bytes);
		db_done(&by_name);
	}
}

static void
other_statements_run_while_rows_are_read(void **state)
{
	int rows = 0;

	(void)state;
	add("a", 1);
	add("b", 2);
	add("c", 3);
	assert_int_equal(db_query(&of_all), OK);
	while (db_next(&of_all)) {
		assert_int_equal(db_exec(&grow, TEXT("b")), OK);
		assert_int_equal(db_u64(&of_all, 1), 6);
		assert_int_equal(db_u64(&of_all, 2), 3);
		rows++;
	}
	assert_int_equal(rows, 3);
	assert_int_equal(height_of("b"), 5);
}

static void
asking_anew_ends_what_was_open(void **state)
{
	(void)state;
	add("a", 1);
	add("b", 2);
	assert_int_equal(db_query(&of_all), OK);
	assert_true(db_next(&of_all));
	assert_int_equal(db_query(&of_all), OK);
	assert_true(db_next(&of_all));
	assert_string_equal(db_text(&of_all, 0, arena), "a");
	assert_true(db_next(&of_all));
	assert_false(db_next(&of_all));
}

static void
a_duplicate_is_a_conflict(void **state)
{
	(void)state;
	add("a", 1);
	assert_int_equal(db_exec(&insert, TEXT("a"), NONE, NONE, NONE),
	    ERR_CONFLICT);
	assert_true(db_duplicate());
	add("b", 1);
	assert_false(db_duplicate());
	assert_int_equal(db_exec(&rename_to, TEXT("a"), TEXT("b")),
	    ERR_CONFLICT);
	assert_true(db_duplicate());
}

static void
changed_counts_the_rows_that_matched(void **state)
{
	(void)state;
	add("a", 1);
	assert_int_equal(db_exec(&rename_to, TEXT("a"), TEXT("a")), OK);
	assert_int_equal(db_changed(), 1);
	assert_int_equal(db_exec(&rename_to, TEXT("a"), TEXT("b")), OK);
	assert_int_equal(db_changed(), 0);
}

static void
mistakes_of_ours_are_refused(void **state)
{
	(void)state;
	assert_int_equal(db_exec(&grow), ERR_INTERNAL);
	assert_int_equal(db_exec(&grow, U64(1), U64(2)), ERR_INTERNAL);
	assert_int_equal(db_query(&unlisted), ERR_INTERNAL);
	assert_int_equal(db_exec(&too_long, U64(33)), ERR_INTERNAL);
	assert_false(db_duplicate());
	assert_int_equal(db_query(&nothing), OK);
	assert_true(db_next(&nothing));
	assert_true(db_is_null(&nothing, 1));
	assert_int_equal(db_u64(&nothing, 7), 0);
}

static void
the_session_is_strict_and_in_utc(void **state)
{
	(void)state;
	assert_int_equal(db_query(&session), OK);
	assert_true(db_next(&session));
	assert_non_null(strstr(db_text(&session, 0, arena),
	    "STRICT_TRANS_TABLES"));
	assert_string_equal(db_text(&session, 1, arena), "+00:00");
	assert_string_equal(db_text(&session, 2, arena),
	    "utf8mb4_unicode_520_ci");
	assert_int_equal(db_u64(&session, 3), 1);
}

static void
a_call_gives_its_first_rows(void **state)
{
	char *text = arena_alloc(arena, 5001);

	(void)state;
	memset(text, 'x', 5000);
	for (int way = 0; way < 3; way++) {
		assert_int_equal(db_query(&echo, TEXT(text)), OK);
		assert_true(db_next(&echo));
		assert_string_equal(db_text(&echo, 0, arena), "a;b");
		assert_string_equal(db_text(&echo, 1, arena), text);
		assert_int_equal(db_u64(&echo, 2), 5000);
		if (way == 0)
			assert_false(db_next(&echo));
		if (way == 1)
			db_done(&echo);
		assert_int_equal(height_of("a"), -1);
		assert_false(db_next(&echo));
	}
	assert_int_equal(db_query(&silent), OK);
	assert_false(db_next(&silent));
	assert_int_equal(db_exec(&echo, TEXT("x")), OK);
	assert_int_equal(db_query(&echo, TEXT("x")), OK);
	assert_int_equal(db_query(&echo, TEXT("y")), OK);
	assert_true(db_next(&echo));
	assert_string_equal(db_text(&echo, 1, arena), "y");
}

static enum err
add_two(void *second)
{
	enum err e = db_exec(&insert, TEXT("a"), NONE, NONE, I64(1));

	if (e != OK)
		return e;
	return db_exec(&insert, TEXT(second), NONE, NONE, I64(1));
}

static void
a_transaction_is_all_or_nothing(void **state)
{
	(void)state;
	assert_int_equal(db_transaction(add_two, "a"), ERR_CONFLICT);
	assert_int_equal(height_of("a"), -1);
	assert_int_equal(db_transaction(add_two, "b"), OK);
	assert_int_equal(height_of("a"), 1);
	assert_int_equal(height_of("b"), 1);
}

static enum err
nest(void *argument)
{
	(void)argument;
	assert_int_equal(db_ready(), ERR_INTERNAL);
	return db_transaction(add_two, "b");
}

static void
transactions_do_not_nest(void **state)
{
	(void)state;
	assert_int_equal(db_transaction(nest, NULL), ERR_INTERNAL);
	assert_int_equal(height_of("a"), -1);
	assert_int_equal(db_transaction(add_two, "b"), OK);
}

/*
 * Two processes take the same two rows in opposite order; whoever goes second
 * into the trap is chosen by the server.
 */
struct order {
	const char *first, *second;
	int tries;
	int told, wait_for;	/* pipe ends: both hold their first row */
};

static enum err
take_both(void *argument)
{
	struct order *order = argument;
	char byte = 'x';
	enum err e = db_exec(&grow, TEXT(order->first));

	if (e != OK)
		return e;
	if (order->tries++ == 0) {
		assert_int_equal(write(order->told, &byte, 1), 1);
		assert_int_equal(read(order->wait_for, &byte, 1), 1);
	}
	return db_exec(&grow, TEXT(order->second));
}

static void
a_deadlock_is_resolved_by_trying_again(void **state)
{
	int to_child[2], to_parent[2], status;
	struct order order = {.first = "a", .second = "b"};
	pid_t child;

	(void)state;
	add("a", 0);
	add("b", 0);
	assert_int_equal(pipe2(to_child, O_CLOEXEC), 0);
	assert_int_equal(pipe2(to_parent, O_CLOEXEC), 0);
	db_close();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct order other = {.first = "b", .second = "a",
			.told = to_parent[1], .wait_for = to_child[0]};
		enum err e = open_patiently(lists);

		if (e == OK)
			e = db_transaction(take_both, &other);
		_exit(e == OK ? other.tries : 100);
	}
	assert_int_equal(open_patiently(lists), OK);
	order.told = to_child[1];
	order.wait_for = to_parent[0];
	assert_int_equal(db_transaction(take_both, &order), OK);
	status = finish(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(order.tries + WEXITSTATUS(status), 3);
	assert_int_equal(height_of("a"), 2);
	assert_int_equal(height_of("b"), 2);
	close(to_child[0]);
	close(to_child[1]);
	close(to_parent[0]);
	close(to_parent[1]);
}

static void
a_connection_that_went_between_requests_is_replaced(void **state)
{
	(void)state;
	add("a", 4);
	db_exec(&kill_self);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
}

/* The server's side is gone, and nobody has noticed. */
static void
restart_server(void)
{
	kill_server();
	start_server();
	for (int i = 0; i < 400; i++) {
		if (finish(run("mariadb-admin --no-defaults"
		    " --socket=$V/run/db.sock ping >/dev/null 2>&1")) == 0)
			return;
		usleep(50000);
	}
	fail_msg("the server did not come back");
}

static void
the_first_query_after_a_restart_is_answered(void **state)
{
	(void)state;
	add("a", 4);
	restart_server();
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
	restart_server();
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_transaction(add_two, "a"), ERR_CONFLICT);
	assert_int_equal(db_exec(&grow, TEXT("a")), OK);
	assert_int_equal(height_of("a"), 5);
}

static void
a_change_is_never_asked_twice(void **state)
{
	(void)state;
	add("a", 4);
	restart_server();
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_exec(&grow, TEXT("a")), ERR_UNAVAILABLE);
	assert_int_equal(db_query(&nothing), ERR_UNAVAILABLE);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
}

static int bodies;

static enum err
lose_half_way(void *argument)
{
	enum err e = db_exec(&grow, TEXT("a"));

	(void)argument;
	bodies++;
	assert_int_equal(e, OK);
	assert_int_equal(db_exec(&kill_self), ERR_UNAVAILABLE);
	assert_int_equal(db_exec(&grow, TEXT("a")), ERR_UNAVAILABLE);
	return OK;
}

static void
a_transaction_that_lost_its_connection_is_not_repeated(void **state)
{
	(void)state;
	add("a", 4);
	bodies = 0;
	assert_int_equal(db_transaction(lose_half_way, NULL), ERR_UNAVAILABLE);
	assert_int_equal(bodies, 1);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
}

static void
a_dead_database_is_told_at_once(void **state)
{
	int64_t began_at_ms;

	(void)state;
	kill_server();
	assert_int_equal(db_query(&nothing), ERR_UNAVAILABLE);
	began_at_ms = clock_monotonic_ms();
	for (int i = 0; i < 1000; i++)
		assert_int_equal(db_ready(), ERR_UNAVAILABLE);
	assert_int_equal(db_exec(&clear), ERR_UNAVAILABLE);
	assert_int_equal(db_transaction(add_two, "b"), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_ms() - began_at_ms < 500);
	start_server();
}

static enum err
call_half(void *argument)
{
	(void)argument;
	return db_exec(&half);
}

static void
a_call_that_was_interrupted_leaves_nothing_behind(void **state)
{
	(void)state;
	add("a", 4);
	assert_int_equal(db_retrying(call_half, NULL), ERR_UNAVAILABLE);
	assert_int_equal(db_transaction(add_two, "b"), ERR_CONFLICT);
	assert_int_equal(height_of("a"), 4);
}

static void
an_answer_that_does_not_come_is_not_waited_for(void **state)
{
	int64_t began_at_ms = clock_monotonic_ms();

	(void)state;
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_query(&sleep_for, U64(20)), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_ms() - began_at_ms < 2500);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(db_ready(), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_ms() - began_at_ms < 3000);
	while (db_ready() != OK) {
		assert_true(clock_monotonic_ms() - began_at_ms < 6000);
		usleep(20000);
	}
}

static void
a_statement_that_does_not_fit_the_schema_stops_the_start(void **state)
{
	(void)state;
	db_close();
	assert_int_equal(db_open(&config, wrong_lists), ERR_INTERNAL);
	db_close();
	assert_int_equal(db_ready(), ERR_UNAVAILABLE);
}

static void
a_script_stops_at_its_first_error(void **state)
{
	static const char wrong[] = "INSERT INTO notes (name) VALUES ('a');\n"
	    "INSERT INTO nowhere VALUES (1);\n"
	    "INSERT INTO notes (name) VALUES ('b');\n";

	(void)state;
	assert_int_equal(db_script(wrong, strlen(wrong)), ERR_INTERNAL);
	assert_int_equal(height_of("a"), 0);
	assert_int_equal(height_of("b"), -1);
}

static void
a_script_is_taken_apart_as_the_client_does(void **state)
{
	static const char sql[] =
	    "-- one; 'two\n# three;\n"
	    "/* four; */ SELECT ';', \"a\\\";\", `b;`;;\n"
	    "SELECT 5--3; SELECT /* ; */ 1 -- ;\n, 2;\n"
	    "/*!40101 SET x = ';' */;\n"
	    "delimiter //\r\nBEGIN a; b; END //\nDELIMITER ;\nlast";
	static const char *const wanted[] = {
		"SELECT ';', \"a\\\";\", `b;`", "SELECT 5--3",
		"SELECT /* ; */ 1 -- ;\n, 2", "/*!40101 SET x = ';' */",
		"BEGIN a; b; END", "last",
	};
	struct script script;
	struct text statement;

	(void)state;
	script_start(&script, sql, strlen(sql));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_true(script_next(&script, &statement));
		if (!text_is(statement, wanted[i]))
			fail_msg("%zu is: %.*s", i, (int)statement.length,
			    statement.data);
	}
	assert_false(script_next(&script, &statement));
}

static enum err
keep(void *argument, const struct db_table *table, uint64_t rows,
    const char *sql, size_t length)
{
	struct buffer *kept = argument;

	assert_string_equal(table->name, "notes");
	assert_true(rows > 0);
	buffer_add(kept, sql, length);
	return OK;
}

static const char *
dump(const char *except)
{
	const struct db_table notes = {.name = "notes",
	    .columns = "`id`, `name`, `body`, `code`, `height`",
	    .order = "`id`", .except = except};
	struct buffer kept;

	buffer_start(&kept, arena, 8 * 1024 * 1024);
	assert_int_equal(db_dump(&notes, 1, keep, &kept), OK);
	assert_false(buffer_full(&kept));
	return kept.data == NULL ? "" : kept.data;
}

static void
what_was_dumped_is_loaded_byte_for_byte(void **state)
{
	const char *saved;
	char code[256], *body;

	(void)state;
	for (size_t i = 0; i < sizeof(code); i++)
		code[i] = (char)i;
	body = arena_alloc(arena, 700000);
	memset(body, 'x', 699999);
	assert_int_equal(db_exec(&insert, TEXT("quoted"),
	    TEXT("it's \\ \"two\"\n\tlines; -- \xc3\xa9 \xf0\x9f\x91\x8d"),
	    BYTES(code, sizeof(code)), I64(-1)), OK);
	assert_int_equal(db_exec(&insert, NONE, BYTES("a\0b\0", 4), NONE,
	    NONE), OK);
	assert_int_equal(db_exec(&insert, TEXT(""), TEXT(body), BYTES("", 0),
	    I64(INT32_MAX)), OK);
	add("after the long one", 7);
	saved = dump(NULL);
	assert_int_equal(db_exec(&clear), OK);
	assert_string_equal(dump(NULL), "");
	assert_int_equal(db_script(saved, strlen(saved)), OK);
	assert_string_equal(dump(NULL), saved);
	assert_int_equal(height_of("after the long one"), 7);
	assert_null(strstr(dump("name = 'quoted'"), "quoted"));
}

static enum err
refuse(void *argument, const struct db_table *table, uint64_t rows,
    const char *sql, size_t length)
{
	(void)table;
	(void)rows;
	(void)sql;
	(void)length;
	++*(unsigned *)argument;
	return ERR_TOO_LARGE;
}

static void
a_dump_ends_when_it_is_not_taken(void **state)
{
	const struct db_table twice[] = {
		{.name = "notes", .columns = "`id`", .order = "`id`"},
		{.name = "notes", .columns = "`id`", .order = "`id`"},
	};
	unsigned taken = 0;

	(void)state;
	add("a", 1);
	assert_int_equal(db_dump(twice, 2, refuse, &taken), ERR_TOO_LARGE);
	assert_int_equal(taken, 1);
}

static void
what_is_there_already_is_a_conflict(void **state)
{
	const struct text statements[] = {
		{"INSERT INTO notes (name) VALUES ('a')", 37},
		{"ALTER TABLE notes ADD COLUMN height INT", 39},
		{"INSERT INTO notes (name) VALUES ('b')", 37},
	};

	(void)state;
	assert_int_equal(db_run(statements, 3), ERR_CONFLICT);
	assert_int_equal(height_of("a"), 0);
	assert_int_equal(height_of("b"), -1);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(values_come_back_as_they_went_in),
		TEST(null_is_told_from_nothing),
		TEST(texts_of_any_length_come_whole),
		TEST(other_statements_run_while_rows_are_read),
		TEST(asking_anew_ends_what_was_open),
		TEST(a_duplicate_is_a_conflict),
		TEST(changed_counts_the_rows_that_matched),
		TEST(mistakes_of_ours_are_refused),
		TEST(the_session_is_strict_and_in_utc),
		TEST(a_call_gives_its_first_rows),
		TEST(a_transaction_is_all_or_nothing),
		TEST(transactions_do_not_nest),
		TEST(a_deadlock_is_resolved_by_trying_again),
		TEST(a_connection_that_went_between_requests_is_replaced),
		TEST(the_first_query_after_a_restart_is_answered),
		TEST(a_change_is_never_asked_twice),
		TEST(a_transaction_that_lost_its_connection_is_not_repeated),
		TEST(a_call_that_was_interrupted_leaves_nothing_behind),
		TEST(an_answer_that_does_not_come_is_not_waited_for),
		TEST(a_statement_that_does_not_fit_the_schema_stops_the_start),
		TEST(a_script_stops_at_its_first_error),
		TEST(what_was_dumped_is_loaded_byte_for_byte),
		TEST(a_dump_ends_when_it_is_not_taken),
		TEST(what_is_there_already_is_a_conflict),
		TEST(a_dead_database_is_told_at_once),
		cmocka_unit_test(a_script_is_taken_apart_as_the_client_does),
	};

	log_start("test");
	if (!installed())
		return SKIPPED;
	return cmocka_run_group_tests_name("db", tests, start_all, stop_all);
}
