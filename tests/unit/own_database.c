#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/own_database.h"

#define PATIENCE_MS 20000

struct config config;
struct arena *arena;

static char folder[] = "/tmp/natter-db-XXXXXX";
static pid_t server;
static int screen = -1, heard = -1;

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

struct stmt insert = { .sql =
	"INSERT INTO notes (name, body, code, height) VALUES (?, ?, ?, ?)" };
struct stmt by_name = { .sql =
	"SELECT id, name, body, code, height FROM notes WHERE name = ?" };
struct stmt grow = { .sql =
	"UPDATE notes SET height = height + 1 WHERE name = ?" };
struct stmt clear = { .sql = "DELETE FROM notes" };
struct stmt kill_self = { .sql = "KILL CONNECTION CONNECTION_ID()" };

static struct stmt *const notes_sql[] = { &insert, &by_name, &grow, &clear,
	&kill_self, NULL };
struct stmt *const *const lists[] = { notes_sql, own_sql, NULL };
static struct stmt *const *const no_lists[] = { NULL };

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

int
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

bool
database_installed(void)
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

void
start_server(void)
{
	server = run(FLAGS "exec mariadbd $F $U >/dev/null 2>&1");
	assert_true(server > 0);
}

void
kill_server(void)
{
	kill(server, SIGKILL);
	finish(server);
	server = 0;
}

void
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

enum err
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

int
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

int
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

int
start(void **state)
{
	(void)state;
	assert_int_equal(open_patiently(lists), OK);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_exec(&clear), OK);
	return 0;
}

int
stop(void **state)
{
	(void)state;
	db_close();
	arena_reset(arena);
	return 0;
}

void
add(const char *name, int64_t height)
{
	assert_int_equal(db_exec(&insert, TEXT(name), NONE, NONE, I64(height)),
	    OK);
}

int64_t
height_of(const char *name)
{
	int64_t height = -1;

	assert_int_equal(db_query(&by_name, TEXT(name)), OK);
	if (db_next(&by_name))
		height = db_i64(&by_name, 4);
	db_done(&by_name);
	return height;
}

enum err
add_two(void *second)
{
	enum err e = db_exec(&insert, TEXT("a"), NONE, NONE, I64(1));

	if (e != OK)
		return e;
	return db_exec(&insert, TEXT(second), NONE, NONE, I64(1));
}

void
listen_to_log(void)
{
	screen = dup(STDERR_FILENO);
	heard = memfd_create("log", MFD_CLOEXEC);
	assert_true(screen >= 0 && heard >= 0);
	assert_int_equal(dup2(heard, STDERR_FILENO), STDERR_FILENO);
}

const char *
stop_listening(void)
{
	static char text[4096];
	ssize_t length = pread(heard, text, sizeof(text) - 1, 0);

	dup2(screen, STDERR_FILENO);
	close(screen);
	close(heard);
	assert_true(length >= 0);
	text[length] = '\0';
	return text;
}
