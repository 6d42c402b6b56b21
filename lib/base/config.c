#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <sched.h>
#include <sys/un.h>

#include "base/config_private.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/url.h"

#define LINE_SIZE 1024
#define SCRYPT_R 8	/* the only value that base/password.h takes */
#define LONGEST_SOCKET "/run/push-pub/pub.sock"

/* What is wrong is all logged before the start is given up. */
struct reading {
	struct config *config;
	FILE *in;
	const char *name;
	int line;
	bool wrong;
	bool *seen;		/* one per setting */
};

static void
complain(struct reading *reading, const char *what, const char *section,
    const char *key)
{
	log_error("%s:%d: [%s] %s %s", reading->name, reading->line, section,
	    key, what);
	reading->wrong = true;
}

static int
read_setting(void *argument, const char *section, const char *key,
    const char *value)
{
	struct reading *reading = argument;

	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings[i];

		if (strcmp(setting->section, section) != 0 ||
		    strcmp(setting->key, key) != 0)
			continue;
		if (reading->seen[i])
			complain(reading, "is set twice", section, key);
		else if (!setting_set(reading->config, setting, value))
			complain(reading, "has a wrong value", section, key);
		reading->seen[i] = true;
		return 1;
	}
	complain(reading, "is not a setting", section, key);
	return 1;
}

/*
 * A line for inih, which would cut long ones and take an indented one for the
 * rest of the value before it; comments may be as long as they like.
 */
static char *
read_line(char *out, int size, void *argument)
{
	struct reading *reading = argument;
	char line[LINE_SIZE];
	const char *text = line;
	bool whole;

	if (fgets(line, sizeof(line), reading->in) == NULL)
		return NULL;
	reading->line++;
	whole = strchr(line, '\n') != NULL || feof(reading->in);
	while (!whole) {
		int c = fgetc(reading->in);

		whole = c == '\n' || c == EOF;
	}
	text += strspn(text, " \t");
	if (*text == '#' || *text == ';')
		text = "\n";
	if (strlen(text) >= (size_t)size) {
		log_error("%s:%d: the line is too long", reading->name,
		    reading->line);
		reading->wrong = true;
		text = "\n";
	}
	snprintf(out, (size_t)size, "%s", text);
	return out;
}

static enum err
read_settings(struct config *config, FILE *in, const char *name)
{
	struct reading reading = {.config = config, .in = in, .name = name};
	int wrong_line;

	reading.seen = calloc(settings_count, sizeof(*reading.seen));
	if (reading.seen == NULL)
		memory_out("none left for settings");
	wrong_line = ini_parse_stream(read_line, &reading, read_setting,
	    &reading);
	free(reading.seen);
	if (wrong_line != 0)
		log_error("%s:%d: neither [section] nor key = value", name,
		    wrong_line);
	return wrong_line != 0 || reading.wrong ? ERR_BAD_INPUT : OK;
}

static enum err
read_environment(struct config *config)
{
	enum err e = OK;

	for (size_t i = 0; i < settings_count; i++) {
		char name[64];
		const char *value;

		setting_environment(&settings[i], name, sizeof(name));
		value = getenv(name);
		if (value == NULL || value[0] == '\0')
			continue;
		if (!setting_set(config, &settings[i], value)) {
			log_error("environment: %s has a wrong value", name);
			e = ERR_BAD_INPUT;
		}
	}
	return e;
}

static enum err
read_file(struct config *config, const char *name)
{
	FILE *in = fopen(name, "re");
	enum err e;

	if (in == NULL) {
		if (errno == ENOENT)
			return ERR_NOT_FOUND;
		log_error("%s: %s", name, strerror(errno));
		return ERR_BAD_INPUT;
	}
	e = read_settings(config, in, name);
	fclose(in);
	return e;
}

static enum err
read_files(struct config *config)
{
	const char *named = getenv("NATTER_CONF");
	char name[PATH_MAX];
	enum err e;

	if (named != NULL && named[0] != '\0') {
		e = read_file(config, named);
		if (e == ERR_NOT_FOUND) {
			log_error("NATTER_CONF: %s does not exist", named);
			e = ERR_BAD_INPUT;
		}
		return e;
	}
	if (!config_path(config, "natter.conf", name, sizeof(name)))
		return ERR_BAD_INPUT;
	e = read_file(config, name);
	if (e == ERR_NOT_FOUND)
		e = read_file(config, "natter.conf");
	return e == ERR_NOT_FOUND ? OK : e;
}

/*
 * The folder itself may not exist yet, but the one that it will be in.
 * false: that is not there either.
 */
static bool
absolute_path(const char *path, char out[static 2 * PATH_MAX])
{
	char folder[PATH_MAX];
	const char *last = strrchr(path, '/');
	size_t length = last == NULL ? 0 : (size_t)(last - path);

	if (realpath(path, out) != NULL)
		return true;
	last = last == NULL ? path : last + 1;
	if (length >= sizeof(folder) || last[0] == '\0')
		return false;
	snprintf(folder, sizeof(folder), "%.*s%s", (int)length, path,
	    last == path ? "." : "/");
	if (realpath(folder, out) == NULL)
		return false;
	length = strlen(out);
	snprintf(out + length, 2 * PATH_MAX - length, "%s%s",
	    length == 1 ? "" : "/", last);
	return true;
}

static enum err
set_var(struct config *config, const char *var)
{
	char path[PATH_MAX], absolute[2 * PATH_MAX];
	const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 -
	    strlen(LONGEST_SOCKET);
	size_t length = strlen(var);

	while (length > 1 && var[length - 1] == '/')
		length--;
	if (length < sizeof(path))
		snprintf(path, sizeof(path), "%.*s", (int)length, var);
	if (length >= sizeof(path) || !absolute_path(path, absolute)) {
		log_error("VAR is %.200s: there is no such folder", var);
		return ERR_BAD_INPUT;
	}
	if (!setting_plain_path(absolute) || strlen(absolute) > most) {
		log_error("VAR is %.200s: it must have at most %zu bytes, no"
		    " white space and no quotes", absolute, most);
		return ERR_BAD_INPUT;
	}
	setting_keep(&config->var, absolute);
	return OK;
}

static void
set_cores(struct config *config)
{
	cpu_set_t cores;

	config->auth_workers = 1;
	if (sched_getaffinity(0, sizeof(cores), &cores) == 0)
		config->auth_workers = (uint32_t)CPU_COUNT(&cores);
}

static bool
make_absolute(const struct config *config, char **file)
{
	char path[SETTING_BYTES_MAX + 1];

	if (*file == NULL || (*file)[0] == '/')
		return true;
	if (!config_path(config, *file, path, sizeof(path))) {
		log_error("%s: the path is too long", *file);
		return false;
	}
	setting_keep(file, path);
	return true;
}

/* What follows from the settings. */
static enum err
complete(struct config *config)
{
	char text[2 * URL_SIZE];
	struct url url;

	config->scrypt_r = SCRYPT_R;
	if (config->auth_workers == 0)
		set_cores(config);
	if (!make_absolute(config, &config->db_socket) ||
	    !make_absolute(config, &config->db_password_file))
		return ERR_BAD_INPUT;
	config->db_private = config->db_socket == NULL &&
	    config->db_host == NULL;
	if (config->db_socket != NULL && config->db_host != NULL) {
		log_error("[database]: either socket or host, not both");
		return ERR_BAD_INPUT;
	}
	if (config->url == NULL)
		snprintf(text, sizeof(text), "http://%s/", config->listen);
	else
		snprintf(text, sizeof(text), "%s", config->url);
	if (!url_parse(text, &url) ||
	    strlen(url.origin) + strlen(url.path) > SETTING_BYTES_MAX) {
		log_error("[site] url: %s is not an address", text);
		return ERR_BAD_INPUT;
	}
	snprintf(text, sizeof(text), "%s%s", url.origin, url.path);
	setting_keep(&config->url, text);
	setting_keep(&config->origin, url.origin);
	setting_keep(&config->path, url.path);
	config->secure = url.secure;
	return OK;
}

static enum err
set_defaults(struct config *config, const char *var)
{
	*config = (struct config){0};
	for (size_t i = 0; i < settings_count; i++)
		setting_set(config, &settings[i], "");
	return set_var(config, var);
}

enum err
config_load(struct config *config, const char *var)
{
	enum err e, environment;

	if (var == NULL)
		var = getenv("NATTER_VAR");
	e = set_defaults(config, var == NULL || var[0] == '\0' ? "var" : var);
	if (e != OK)
		return e;
	e = read_files(config);
	environment = read_environment(config);
	if (e == OK)
		e = environment;
	return e == OK ? complete(config) : e;
}

enum err
config_read(struct config *config, const char *var, FILE *in, const char *name)
{
	enum err e = set_defaults(config, var);

	if (e == OK)
		e = read_settings(config, in, name);
	return e == OK ? complete(config) : e;
}

bool
config_path(const struct config *config, const char *name, char *out,
    size_t size)
{
	int n = snprintf(out, size, "%s/%s", config->var, name);

	return n > 0 && (size_t)n < size;
}

enum err
config_secret(const char *file, char *out, size_t size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	size_t length = 0;

	if (fd < 0 && errno == ENOENT)
		return ERR_NOT_FOUND;
	if (fd >= 0) {
		n = read(fd, out, size);
		close(fd);
	}
	if (n < 0) {
		log_error("%s: %s", file, strerror(errno));
		return ERR_INTERNAL;
	}
	while (length < (size_t)n && out[length] != '\n' &&
	    out[length] != '\r' && out[length] != '\0')
		length++;
	if (length == 0 || length == size) {
		log_error("%s: its first line is %s", file,
		    length == 0 ? "empty" : "too long");
		explicit_bzero(out, size);
		return ERR_INTERNAL;
	}
	explicit_bzero(out + length, size - length);
	return OK;
}
