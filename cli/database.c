#include "cli/database.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/token.h"
#include "cli/files.h"

#define ARGUMENTS_MAX CHILD_ARGUMENTS_MAX
#define STOP_MS 60000
#define GREETING_MS 100
/* Besides the workers: pushd, the command line, and whoever looks in. */
#define CONNECTIONS_SPARE 20
/* Each worker prepares some 120 statements. */
#define STATEMENTS_PER_CONNECTION 400

/* Small buffers, small files and no growth in steps of 64 MB. */
static const char *const always[] = {
	"--skip-networking",
	"--skip-name-resolve",
	"--skip-log-bin",
	"--performance-schema=OFF",
	"--character-set-server=utf8mb4",
	"--collation-server=utf8mb4_unicode_520_ci",
	"--innodb-flush-log-at-trx-commit=1",
	"--innodb-buffer-pool-size=16M",
	/* More than the pool has pages, as by default, would evict them all. */
	"--innodb-lru-scan-depth=100",
	"--innodb-log-file-size=8M",
	"--innodb-log-buffer-size=1M",
	"--innodb-data-file-path=ibdata1:12M:autoextend",
	"--innodb-autoextend-increment=4",
	"--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
	"--key-buffer-size=256K",
	"--aria-pagecache-buffer-size=1M",
	"--aria-log-file-size=8M",
	"--table-open-cache=256",
	"--table-definition-cache=400",
};

struct arguments {
	const char *items[ARGUMENTS_MAX + 1];
	size_t count;
};

static void add(struct arguments *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct arguments *a, const char *format, ...)
{
	va_list list;
	char *text;

	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		abort();
	va_end(list);
	if (a->count == ARGUMENTS_MAX)
		abort();
	a->items[a->count++] = text;
}

static void
release(struct arguments *a)
{
	while (a->count > 0)
		free((char *)(uintptr_t)a->items[--a->count]);
}

static void
add_common(struct arguments *a, const struct instance *in, const char *data)
{
	const char *var = in->config.var;
	unsigned connections;
	size_t i;

	connections = in->config.workers + in->config.auth_workers +
	    CONNECTIONS_SPARE;
	add(a, "--no-defaults");
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add(a, "%s", always[i]);
	add(a, "--datadir=%s/db/%s", var, data);
	add(a, "--tmpdir=%s/tmp", var);
	add(a, "--socket=%s/run/db.sock", var);
	add(a, "--pid-file=%s/run/db.pid", var);
	add(a, "--max-connections=%u", connections);
	add(a, "--max-prepared-stmt-count=%u",
	    connections * STATEMENTS_PER_CONNECTION);
	/* mariadbd refuses to run as root unless it is told so. */
	if (geteuid() == 0)
		add(a, "--user=root");
}

/* The password's file, made when there is none yet. */
static enum err
password_of(const struct instance *in, char password[static TOKEN_SIZE])
{
	char path[PATH_SIZE], line[TOKEN_SIZE + 1];
	enum err e;

	instance_file(in, "secrets/db_password", path);
	if (file_exists(path))
		return config_secret(path, password, TOKEN_SIZE);
	token_make(password);
	snprintf(line, sizeof(line), "%s\n", password);
	e = file_write(path, line, strlen(line));
	explicit_bzero(line, sizeof(line));
	return e;
}

/*
 * One statement a line, as the installer's bootstrap wants it; without "flush
 * privileges" it would refuse to make an account.
 */
static enum err
write_setup(const struct instance *in, const char *path)
{
	const char *name = in->config.db_name, *user = in->config.db_user;
	char password[TOKEN_SIZE], text[1024];
	enum err e;
	int length;

	e = password_of(in, password);
	if (e != OK)
		return e;
	length = snprintf(text, sizeof(text),
	    "flush privileges;\n"
	    "create database `%s` character set utf8mb4 collate"
	    " utf8mb4_unicode_520_ci;\n"
	    "create user `%s`@localhost identified by '%s';\n"
	    "grant all privileges on `%s`.* to `%s`@localhost;\n",
	    name, user, password, name, user);
	e = file_write(path, text, (size_t)length);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(password, sizeof(password));
	return e;
}

enum err
database_install(const struct instance *in)
{
	char fresh[PATH_SIZE], data[PATH_SIZE], setup[PATH_SIZE];
	char log[PATH_SIZE], program[PATH_SIZE];
	struct arguments a = {.count = 0};
	struct passwd *me;
	enum err e;

	instance_file(in, "db/data", data);
	if (file_exists(data))
		return OK;
	e = program_find("mariadb-install-db", program);
	if (e == OK)
		e = folder_remove(instance_file(in, "db/fresh", fresh));
	if (e == OK)
		e = write_setup(in, instance_file(in, "tmp/setup.sql", setup));
	if (e != OK)
		return e;
	add(&a, "%s", program);
	add_common(&a, in, "fresh");
	add(&a, "--skip-test-db");
	add(&a, "--extra-file=%s", setup);
	/* The OS user who owns the folder is the server's root; one without a
	 * name has only the folder's mode between him and others. */
	me = getpwuid(geteuid());
	if (me != NULL) {
		add(&a, "--auth-root-authentication-method=socket");
		add(&a, "--auth-root-socket-user=%s", me->pw_name);
	} else {
		add(&a, "--auth-root-authentication-method=normal");
	}
	instance_file(in, "log/db-install.log", log);
	e = child_run("mariadb-install-db", a.items, log);
	release(&a);
	unlink(setup);
	if (e != OK)
		return e;
	if (rename(fresh, data) != 0) {
		complain("can't make %s: %s", data, strerror(errno));
		return ERR_INTERNAL;
	}
	return OK;
}

/* Somebody listens there; and where a greeting is wanted, answers. */
static bool
answers(const char *path, bool greeting)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	struct pollfd in = {.events = POLLIN};
	bool good;
	char byte;
	int fd;

	snprintf(where.sun_path, sizeof(where.sun_path), "%.107s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	in.fd = fd;
	good = connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0;
	if (good && greeting)
		good = poll(&in, 1, GREETING_MS) == 1 &&
		    read(fd, &byte, 1) == 1;
	close(fd);
	return good;
}

/* Between listening and its first greeting mariadbd loses a SIGTERM, and then
 * neither serves nor ends, whatever it is sent. */
static bool
hears(const struct child *c)
{
	return answers(c->sockets[0], true);
}

enum err
database_child(const struct instance *in, struct child *c)
{
	struct arguments a = {.count = 0};
	char program[PATH_SIZE];
	enum err e;

	e = program_find("mariadbd", program);
	if (e != OK)
		return e;
	add(&a, "%s", program);
	add_common(&a, in, "data");
	memset(c, 0, sizeof(*c));
	memcpy(c->argv, a.items, sizeof(a.items));
	c->role = "db";
	c->input = -1;
	c->stop_signal = SIGTERM;
	c->stop_ms = STOP_MS;
	c->patient = true;
	c->hears = hears;
	return OK;
}

bool
database_answers(const struct instance *in)
{
	const struct config *c = &in->config;
	char path[PATH_SIZE];

	if (c->db_private)
		return answers(instance_file(in, "run/db.sock", path), true);
	return c->db_socket == NULL || *c->db_socket == '\0' ||
	    answers(c->db_socket, false);
}
