#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/password.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "model/accounts.h"
#include "model/links.h"
#include "model/users.h"

#define ARENA_BYTES (64u * 1024 * 1024)
#define LINE_MAX_BYTES 2048

static bool
read_password(char line[static LINE_MAX_BYTES], const char *username)
{
	size_t length, count;

	if (fgets(line, LINE_MAX_BYTES, stdin) == NULL)
		line[0] = '\0';
	length = strcspn(line, "\r\n");
	line[length] = '\0';
	count = utf8_valid(line, length) ? utf8_count(line) : 0;
	if (count < PASSWORD_CHARACTERS_MIN ||
	    count > PASSWORD_CHARACTERS_MAX) {
		complain("a password has %d to %d characters",
		    PASSWORD_CHARACTERS_MIN, PASSWORD_CHARACTERS_MAX);
		return false;
	}
	if (password_weak(line, username) == NULL)
		return true;
	complain("this password is too easy to guess");
	return false;
}

static int
print_link(struct arena *arena, const struct instance *in,
    const struct user *u)
{
	char code[TOKEN_SIZE];
	enum err e;

	e = link_create(u->id, LINK_VALID_MS, code);
	if (e != OK)
		return failed(e, u->username);
	printf("%s\n", link_url(arena, &in->config, code));
	return 0;
}

static int
add(struct arena *arena, const struct instance *in, const struct arguments *a)
{
	struct user_new n = {.is_bot = a->bot, .is_admin = a->admin};
	char line[LINE_MAX_BYTES] = "";
	struct user u;
	enum err e;

	n.username = username_fold(arena, a->name);
	if (!username_valid(n.username)) {
		complain("%s: a name is 2 to 32 of a-z 0-9 . _ - and begins"
		    " with a letter or digit", a->name);
		return 1;
	}
	if (a->display_name != NULL) {
		n.display_name = utf8_valid(a->display_name,
		    strlen(a->display_name)) ?
		    display_name_clean(arena, a->display_name) : NULL;
		if (n.display_name == NULL) {
			complain("--display-name has 1 to %d characters",
			    DISPLAY_NAME_CHARACTERS);
			return 1;
		}
	}
	if (a->password_stdin && a->bot) {
		complain("a bot has no password but tokens (natter token add)");
		return 1;
	}
	if (a->password_stdin) {
		if (!read_password(line, n.username))
			return 1;
		n.password = line;
	}
	e = instance_database(in);
	if (e == OK)
		e = user_create(arena, &in->config, &n, &u);
	explicit_bzero(line, sizeof(line));
	if (e != OK)
		return failed(e, n.username);
	if (a->bot || a->password_stdin)
		return 0;
	return print_link(arena, in, &u);
}

static int
list(struct arena *arena, const struct instance *in, const struct arguments *a)
{
	char created[CLOCK_TEXT_SIZE];
	struct user *items;
	size_t count, i;
	enum err e;

	(void)a;
	e = instance_database(in);
	if (e == OK)
		e = users_list(arena, &items, &count);
	if (e != OK)
		return failed(e, "user list");
	printf("%-6s %-32s %-6s %-5s %-8s %-8s %s\n", "ID", "NAME", "KIND",
	    "ADMIN", "STATE", "PASSWORD", "CREATED");
	for (i = 0; i < count; i++) {
		clock_format(items[i].created_at_ms, created);
		printf("%-6llu %-32s %-6s %-5s %-8s %-8s %.10s\n",
		    (unsigned long long)items[i].id, items[i].username,
		    items[i].is_bot ? "bot" : "person",
		    items[i].is_admin ? "yes" : "no",
		    items[i].disabled ? "disabled" : "active",
		    items[i].has_password ? "set" : "none", created);
	}
	return 0;
}

static enum err
find(struct arena *arena, const struct instance *in, const char *name,
    struct user *u)
{
	enum err e;

	e = instance_database(in);
	if (e != OK)
		return e;
	return user_by_name(arena, username_fold(arena, name), u);
}

static int
reset(struct arena *arena, const struct instance *in,
    const struct arguments *a)
{
	struct user u;
	enum err e;

	e = find(arena, in, a->name, &u);
	if (e != OK)
		return failed(e, a->name);
	if (u.is_bot || u.disabled) {
		complain("%s is %s", u.username, u.is_bot ? "a bot: it has"
		    " tokens (natter token add)" : "disabled");
		return 1;
	}
	return print_link(arena, in, &u);
}

static int
disable(struct arena *arena, const struct instance *in,
    const struct arguments *a)
{
	struct user u;
	enum err e;

	e = find(arena, in, a->name, &u);
	if (e == OK)
		e = user_disable(arena, u.id);
	return e == OK ? 0 : failed(e, a->name);
}

static int
enable(struct arena *arena, const struct instance *in,
    const struct arguments *a)
{
	struct user u;
	enum err e;

	e = find(arena, in, a->name, &u);
	if (e == OK)
		e = user_enable(u.id);
	return e == OK ? 0 : failed(e, a->name);
}

static int
with_arena(int (*call)(struct arena *arena, const struct instance *in,
    const struct arguments *a), const struct instance *in,
    const struct arguments *a)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	int status;

	status = call(arena, in, a);
	arena_free(arena);
	return status;
}

int
user_add(struct instance *in, const struct arguments *a)
{
	return with_arena(add, in, a);
}

int
user_show_all(struct instance *in, const struct arguments *a)
{
	return with_arena(list, in, a);
}

int
user_reset(struct instance *in, const struct arguments *a)
{
	return with_arena(reset, in, a);
}

int
user_off(struct instance *in, const struct arguments *a)
{
	return with_arena(disable, in, a);
}

int
user_on(struct instance *in, const struct arguments *a)
{
	return with_arena(enable, in, a);
}
