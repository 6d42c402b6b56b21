#include "cli/instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/db.h"
#include "base/str.h"
#include "events/notice.h"
#include "model/accounts.h"
#include "model/conversations.h"
#include "model/credentials.h"
#include "model/events.h"
#include "model/invites.h"
#include "model/links.h"
#include "model/members.h"
#include "model/messages.h"
#include "model/reactions.h"
#include "model/sessions.h"
#include "model/site.h"
#include "model/tokens.h"
#include "model/users.h"

/* sun_path has 108 bytes, and the longest socket of an instance is this. */
#define VAR_MAX (107 - sizeof("/run/push-pub/pub.sock"))

#define LOCK_FILE "run/natter.lock"
#define PORT_LAST 65535
#define PREFIX_OF_OURS "NATTER_"

extern char **environ;

static const char *const folders[] = {"run", "run/push-pub", "etc", "log",
	"secrets", "db", "tmp", "nginx.d", NULL};
static const char *const private_folders[] = {"run", "run/push-pub", "secrets",
	NULL};

static struct stmt *const *const models[] = {accounts_sql,
	conversation_changes_sql, conversations_sql, credentials_sql,
	events_sql, invites_sql, links_sql, member_marks_sql, members_sql,
	message_changes_sql, messages_sql, reactions_sql, sessions_sql,
	site_sql, tokens_sql, users_sql, NULL};

/*
 * In a checkout the programs are in build/bin/ and everything else two levels
 * up; installed, they are in bin/, lib/natter/ and share/natter/ of one folder.
 */
static enum err
find_places(struct instance *in)
{
	char self[PATH_SIZE], schema[PATH_SIZE];
	const char *base;
	ssize_t length;
	char *bin;

	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length < 0 || (size_t)length >= sizeof(self) - 1) {
		complain("can't find my own place: %s", strerror(errno));
		return ERR_INTERNAL;
	}
	self[length] = '\0';
	bin = dirname(self);
	if (path_make(in->programs, "%s", bin) != OK)
		return ERR_BAD_INPUT;
	base = dirname(bin);
	if (path_make(in->share, "%s/share/natter", base) != OK ||
	    path_make(schema, "%s/sql/schema.sql", in->share) != OK)
		return ERR_BAD_INPUT;
	if (file_exists(schema))
		return path_make(in->programs, "%s/lib/natter", base);
	return path_make(in->share, "%s", dirname(bin));
}

/* What the running instance was started with; what this shell says wins. */
static void
take_environment(const char *var)
{
	char path[PATH_SIZE];
	char *text, *rest, *line, *equals;

	if (path_make(path, "%s/run/environment", var) != OK)
		return;
	text = rest = file_read(path, NULL);
	for (;;) {
		line = line_take(&rest);
		if (line == NULL)
			break;
		equals = strchr(line, '=');
		if (equals == NULL || strncmp(line, PREFIX_OF_OURS,
		    sizeof(PREFIX_OF_OURS) - 1) != 0)
			continue;
		*equals = '\0';
		setenv(line, equals + 1, 0);
	}
	free(text);
}

enum err
instance_take_port(struct instance *in)
{
	const char *port = getenv("PORT");
	char listen[64], url[PATH_SIZE], var[PATH_SIZE];
	struct text digits;
	uint64_t number;

	if (port == NULL || *port == '\0')
		return OK;
	digits = (struct text){port, strlen(port)};
	if (!parse_u64(digits, PORT_LAST, &number) || number == 0) {
		complain("PORT is not a port number: %s", port);
		return ERR_BAD_INPUT;
	}
	snprintf(listen, sizeof(listen), "127.0.0.1:%s", port);
	if (path_make(var, "%s", in->config.var) != OK ||
	    path_make(url, "http://127.0.0.1:%s%s", port, in->config.path)
	    != OK)
		return ERR_BAD_INPUT;
	setenv("NATTER_INSTANCE_LISTEN", listen, 0);
	setenv("NATTER_SITE_URL", url, 0);
	config_free(&in->config);
	memset(&in->config, 0, sizeof(in->config));
	return config_load(&in->config, var);
}

enum err
instance_open(struct instance *in, const char *var, bool starting)
{
	enum err e;

	memset(in, 0, sizeof(*in));
	if (var == NULL)
		var = getenv("VAR");
	if (var == NULL || *var == '\0')
		var = getenv("NATTER_VAR");
	if (var == NULL || *var == '\0')
		var = "var";
	e = find_places(in);
	if (e != OK)
		return e;
	if (!starting)
		take_environment(var);
	e = config_load(&in->config, var);
	if (e == OK && starting)
		e = instance_take_port(in);
	if (e != OK) {
		complain("the settings are not right");
		return e;
	}
	if (strlen(in->config.var) > VAR_MAX) {
		complain("%s: over %zu characters, too long for unix sockets;"
		    " choose another VAR", in->config.var, VAR_MAX);
		return ERR_BAD_INPUT;
	}
	return OK;
}

void
instance_close(struct instance *in)
{
	db_close();
	config_free(&in->config);
}

const char *
instance_file(const struct instance *in, const char *name,
    char out[static PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s/%s", in->config.var, name);
	return out;
}

/* May be there from another hand, or on a file system that is read-only; what
 * is inside is for us alone. */
static enum err
make_private(const struct instance *in, const char *name)
{
	char path[PATH_SIZE];
	struct stat st;

	if (stat(instance_file(in, name, path), &st) == 0 &&
	    ((st.st_mode & 07777) == 0700 || chmod(path, 0700) == 0))
		return OK;
	complain("%s: %s", path, strerror(errno));
	return ERR_INTERNAL;
}

enum err
instance_folders(const struct instance *in)
{
	char path[PATH_SIZE];
	enum err e = OK;
	size_t i;

	for (i = 0; folders[i] != NULL && e == OK; i++)
		e = folder_make(instance_file(in, folders[i], path));
	for (i = 0; private_folders[i] != NULL && e == OK; i++)
		e = make_private(in, private_folders[i]);
	return e;
}

static enum err
lock(const char *path)
{
	char pid[16];
	int fd, length;

	/* Open until the process ends, and closed in what it executes: so the
	 * lock goes exactly when the supervisor goes. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		complain("can't open %s: %s", path, strerror(errno));
		return ERR_INTERNAL;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return ERR_CONFLICT;
	}
	length = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || write(fd, pid, (size_t)length) != length) {
		complain("can't write %s: %s", path, strerror(errno));
		close(fd);
		return ERR_INTERNAL;
	}
	return OK;
}

enum err
instance_lock(const struct instance *in)
{
	char path[PATH_SIZE];

	return lock(instance_file(in, LOCK_FILE, path));
}

enum err
instance_lock_role(const struct instance *in, const char *role)
{
	char path[PATH_SIZE];
	enum err e;

	e = path_make(path, "%s/run/natter-%s.lock", in->config.var, role);
	return e == OK ? lock(path) : e;
}

static int
is_role_lock(const struct dirent *entry)
{
	return fnmatch("natter-*.lock", entry->d_name, 0) == 0;
}

enum err
instance_lock_roles(const struct instance *in)
{
	char folder[PATH_SIZE], path[PATH_SIZE];
	struct dirent **files = NULL;
	enum err e = OK;
	int i, count;

	count = scandir(instance_file(in, "run", folder), &files, is_role_lock,
	    alphasort);
	for (i = 0; i < count; i++) {
		if (e == OK)
			e = path_make(path, "%s/%s", folder, files[i]->d_name);
		if (e == OK)
			e = lock(path);
		if (e == ERR_CONFLICT)
			complain("a natter run holds %s; stop it first", path);
		free(files[i]);
	}
	free(files);
	return e;
}

pid_t
instance_supervisor(const struct instance *in)
{
	char path[PATH_SIZE], text[16] = "";
	long pid = 0;
	int fd;

	fd = open(instance_file(in, LOCK_FILE, path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK &&
	    read(fd, text, sizeof(text) - 1) > 0)
		pid = strtol(text, NULL, 10);
	close(fd);
	return pid > 1 && pid <= INT_MAX ? (pid_t)pid : 0;
}

enum err
instance_keep_environment(const struct instance *in)
{
	char path[PATH_SIZE];
	char *text = NULL;
	size_t size = 0;
	enum err e;
	FILE *out;
	char **v;

	out = open_memstream(&text, &size);
	if (out == NULL)
		return ERR_INTERNAL;
	for (v = environ; *v != NULL; v++) {
		if (strncmp(*v, PREFIX_OF_OURS, sizeof(PREFIX_OF_OURS) - 1)
		    == 0 && strchr(*v, '\n') == NULL)
			fprintf(out, "%s\n", *v);
	}
	e = ERR_INTERNAL;
	if (fclose(out) == 0)
		e = file_write(instance_file(in, "run/environment", path),
		    text, size);
	free(text);
	return e;
}

enum err
instance_database(const struct instance *in)
{
	char path[PATH_SIZE];
	enum err e;

	notice_connect(instance_file(in, "run/notices.sock", path));
	e = db_open(&in->config, models);
	if (e == ERR_UNAVAILABLE && in->config.db_private &&
	    instance_supervisor(in) == 0)
		complain("%s is not running: its database runs with it"
		    " (natter up)", in->config.var);
	if (e == OK && site_epoch()[0] == '\0') {
		complain("the database is not complete; natter migrate says"
		    " why");
		e = ERR_UNAVAILABLE;
	}
	return e;
}
