#include "base/config_private.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"

#define NAME_CHARACTERS_MAX 64

#define AT(field) offsetof(struct config, field)
#define DAYS_MOST 36500
#define RATE_MOST 1000000

/* clang-format off */
const struct setting settings[] = {
	{ "site", "url", URL, AT(url), "", 0, 0,
	    "Address that people type; may carry a path, as in"
	    " `https://example.org/chat/`. Left out: `http://`, then `listen`." },
	{ "site", "name", NAME, AT(name), "Natter", 0, 0,
	    "What the page calls itself: up to 64 characters, no `;`." },
	{ "site", "registration", REGISTRATION, AT(registration), "invite", 0, 0,
	    "Who may make an account: `invite` (with an invitation), `open`"
	    " (anybody), `closed` (nobody; `natter user add` still works)." },

	{ "instance", "listen", PLACE, AT(listen), "127.0.0.1:8080", 0, 0,
	    "Address and port of the public nginx." },
	{ "instance", "workers", NUMBER, AT(workers), "12", 1, 256,
	    "Worker processes; each holds one connection to the database." },
	{ "instance", "auth_workers", NUMBER, AT(auth_workers), "", 1, 64,
	    "Worker processes that hash passwords, which is how many hashes run"
	    " at once. Left out: as many as there are processors." },
	{ "instance", "queue", NUMBER, AT(queue), "500", 1, 900,
	    "Requests that workers answer or that wait for one; the next is"
	    " told by 503 to come again. As many as this host answers in half a"
	    " second." },

	{ "database", "socket", FILE_NAME, AT(db_socket), "", 0, 0,
	    "Unix socket of an existing server. Without `socket` and `host`,"
	    " Natter runs a MariaDB of its own in `VAR/db`." },
	{ "database", "host", HOST, AT(db_host), "", 0, 0,
	    "Host of an existing server, instead of `socket`." },
	{ "database", "port", NUMBER, AT(db_port), "3306", 1, 65535,
	    "Port on that host." },
	{ "database", "user", WORD, AT(db_user), "natter", 0, 0,
	    "Account on the server." },
	{ "database", "password_file", FILE_NAME, AT(db_password_file),
	    "secrets/db_password", 0, 0,
	    "File whose first line is the password. When there is none, no"
	    " password is sent: the server knows the socket's user." },
	{ "database", "name", WORD, AT(db_name), "natter", 0, 0,
	    "Database that holds the tables." },
	{ "database", "may_lose_messages", NUMBER, AT(db_may_lose_messages), "0",
	    0, 1, "1: start although the server's settings may lose answered"
	    " messages when the host crashes (`natter doctor` names them)." },

	{ "sessions", "idle_days", NUMBER, AT(session_idle_days), "30",
	    1, DAYS_MOST,
	    "A browser that stays away for so long has to sign in again." },
	{ "sessions", "days", NUMBER, AT(session_days), "180", 1, DAYS_MOST,
	    "So long after signing in, every browser has to sign in again." },

	{ "events", "keep_days", NUMBER, AT(events_keep_days), "30",
	    1, DAYS_MOST,
	    "How far back a client can catch up; one that was away for longer"
	    " loads afresh. Messages are kept for ever." },

	{ "password", "log2_n", NUMBER, AT(scrypt_log2_n), "15", 13, 17,
	    "Cost of a password hash: one more doubles its time and memory." },
	{ "password", "p", NUMBER, AT(scrypt_p), "3", 1, 16,
	    "Cost of a password hash: its time grows in proportion." },

	{ "limits", "send", NUMBER, AT(limit_send), "120", 0, RATE_MOST,
	    "Messages per user." },
	{ "limits", "write", NUMBER, AT(limit_write), "240", 0, RATE_MOST,
	    "Other changes per user." },
	{ "limits", "read", NUMBER, AT(limit_read), "1200", 0, RATE_MOST,
	    "Reads per user." },
	{ "limits", "typing", NUMBER, AT(limit_typing), "60", 0, RATE_MOST,
	    "Typing notices per user." },
	{ "limits", "stream", NUMBER, AT(limit_stream), "60", 0, RATE_MOST,
	    "Streams opened per user." },
	{ "limits", "sign_in_account", NUMBER, AT(limit_sign_in_account), "10",
	    0, RATE_MOST, "Tries to sign in per account." },
	{ "limits", "sign_in_address", NUMBER, AT(limit_sign_in_address), "30",
	    0, RATE_MOST, "Tries to sign in per network address." },
	{ "limits", "sign_up_address", NUMBER, AT(limit_sign_up_address), "10",
	    0, RATE_MOST, "Tries to sign up per network address." },
	{ "limits", "address", NUMBER, AT(limit_address), "300", 0, RATE_MOST,
	    "Requests without sign-in per network address." },
	{ "limits", "connections", NUMBER, AT(limit_connections), "500",
	    0, RATE_MOST,
	    "Requests under way and open streams per network address, at once;"
	    " not a rate. A fifth as many streams may begin in a second, and a"
	    " quarter of `queue` is the most that waits for workers." },
	{ "limits", "text_characters", NUMBER, AT(text_characters), "16000",
	    1, 16000, "Longest message; not a rate." },
	{ "limits", "group_members", NUMBER, AT(group_members), "1000",
	    2, 100000, "Most members of a group; not a rate." },
};
/* clang-format on */

const size_t settings_count = sizeof(settings) / sizeof(settings[0]);

static const char *const registrations[] = {
	[REGISTRATION_INVITE] = "invite",
	[REGISTRATION_OPEN] = "open",
	[REGISTRATION_CLOSED] = "closed",
};

static char **
text_of(struct config *config, const struct setting *setting)
{
	return (char **)((char *)config + setting->offset);
}

static uint32_t *
number_of(struct config *config, const struct setting *setting)
{
	return (uint32_t *)((char *)config + setting->offset);
}

void
setting_keep(char **old, const char *text)
{
	char *copy = text[0] == '\0' ? NULL : strdup(text);

	if (text[0] != '\0' && copy == NULL)
		memory_out("none left for settings");
	free(*old);
	*old = copy;
}

static bool
is_word(const char *text)
{
	for (; *text != '\0'; text++) {
		bool letter = (*text >= 'a' && *text <= 'z') ||
		    (*text >= 'A' && *text <= 'Z');

		if (!letter && !(*text >= '0' && *text <= '9') &&
		    *text != '_' && *text != '-' && *text != '.')
			return false;
	}
	return true;
}

/* Goes into nginx's configuration unquoted, and into paths of sockets. */
bool
setting_plain_path(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text <= ' ' || *text == 127 ||
		    strchr("\"'\\;{}$#", *text) != NULL)
			return false;
	}
	return true;
}

/* A semicolon begins a comment in a file, and blanks around are not kept. */
static bool
is_name(const char *text)
{
	size_t length = strlen(text);

	if (text[0] == ' ' || text[length - 1] == ' ')
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 127 || *c == ';')
			return false;
	}
	return utf8_valid(text, length) &&
	    utf8_count(text) <= NAME_CHARACTERS_MAX;
}

static bool
set_number(struct config *config, const struct setting *setting,
    const char *text)
{
	struct text digits = {.data = text, .length = strlen(text)};
	uint64_t value = 0;

	if (text[0] != '\0' && (!parse_u64(digits, setting->most, &value) ||
	    value < setting->least))
		return false;
	*number_of(config, setting) = (uint32_t)value;
	return true;
}

static bool
set_registration(struct config *config, const char *text)
{
	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(registrations[i], text) == 0) {
			config->registration = (enum registration)i;
			return true;
		}
	}
	return false;
}

static bool
is_valid(enum kind kind, const char *text)
{
	struct url url;

	switch (kind) {
	case WORD:
		return is_word(text);
	case NAME:
		return is_name(text);
	case URL:
		return url_parse(text, &url) && strlen(url.origin) +
		    strlen(url.path) <= SETTING_BYTES_MAX;
	case PLACE:
		return url_place_valid(text);
	case HOST:
		return url_host_valid(text, strlen(text));
	case FILE_NAME:
		return setting_plain_path(text);
	case NUMBER:
	case REGISTRATION:
		break;
	}
	return false;
}

bool
setting_set(struct config *config, const struct setting *setting,
    const char *text)
{
	if (text[0] == '\0')
		text = setting->fallback;
	if (setting->kind == NUMBER)
		return set_number(config, setting, text);
	if (setting->kind == REGISTRATION)
		return set_registration(config, text);
	if (strlen(text) > SETTING_BYTES_MAX ||
	    (text[0] != '\0' && !is_valid(setting->kind, text)))
		return false;
	setting_keep(text_of(config, setting), text);
	return true;
}

void
setting_environment(const struct setting *setting, char *out, size_t size)
{
	snprintf(out, size, "NATTER_%s_%s", setting->section, setting->key);
	for (; *out != '\0'; out++) {
		if (*out >= 'a' && *out <= 'z')
			*out = (char)(*out - 'a' + 'A');
	}
}

void
config_dump(const struct config *config, FILE *out)
{
	struct config copy = *config;
	const char *section = "";

	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];

		if (strcmp(s->section, section) != 0) {
			fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n",
			    s->section);
			section = s->section;
		}
		if (s->kind == NUMBER)
			fprintf(out, "%s = %u\n", s->key,
			    *number_of(&copy, s));
		else if (s->kind == REGISTRATION)
			fprintf(out, "%s = %s\n", s->key,
			    registrations[copy.registration]);
		else if (*text_of(&copy, s) != NULL)
			fprintf(out, "%s = %s\n", s->key, *text_of(&copy, s));
	}
}

void
config_describe(FILE *out)
{
	const char *section = "";

	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];
		char name[64];

		setting_environment(s, name, sizeof(name));
		if (strcmp(s->section, section) != 0) {
			fprintf(out, "%s## [%s]\n\n"
			    "| key | default | meaning | environment |\n"
			    "| --- | --- | --- | --- |\n",
			    i == 0 ? "" : "\n", s->section);
			section = s->section;
		}
		fprintf(out, "| `%s` | %s%s%s | %s", s->key,
		    s->fallback[0] == '\0' ? "" : "`", s->fallback,
		    s->fallback[0] == '\0' ? "" : "`", s->help);
		if (s->kind == NUMBER)
			fprintf(out, " %u to %u.", s->least, s->most);
		fprintf(out, " | `%s` |\n", name);
	}
}

void
config_free(struct config *config)
{
	for (size_t i = 0; i < settings_count; i++) {
		if (settings[i].kind != NUMBER &&
		    settings[i].kind != REGISTRATION)
			free(*text_of(config, &settings[i]));
	}
	free(config->origin);
	free(config->path);
	free(config->var);
	*config = (struct config){0};
}
