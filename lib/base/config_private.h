/*
 * base/config_private.h -- the table of settings; for config.c (files and
 * environment) and config_table.c (the table and its values) alone.
 */
#ifndef BASE_CONFIG_PRIVATE_H
#define BASE_CONFIG_PRIVATE_H

#include "base/config.h"

/* What is dumped fits into a line that can be read again. */
#define SETTING_BYTES_MAX 150

enum kind { NUMBER, WORD, NAME, REGISTRATION, URL, PLACE, HOST, FILE_NAME };

/*
 * All settings.  Every value, also the default, is text that goes through
 * setting_set(); an empty one means the default.
 */
struct setting {
	const char *section;
	const char *key;
	enum kind kind;
	size_t offset;
	const char *fallback;	/* "": none, or what `help` says */
	uint32_t least, most;	/* of a NUMBER */
	const char *help;
};

extern const struct setting settings[];
extern const size_t settings_count;

/** setting_set(config, setting, text): false: not a value of its kind. */
bool setting_set(struct config *config, const struct setting *setting,
    const char *text);

/** setting_environment(setting, out, size): NATTER_SECTION_KEY. */
void setting_environment(const struct setting *setting, char *out,
    size_t size);

/** setting_keep(old, text): a copy takes the place of *old; "" gives NULL. */
void setting_keep(char **old, const char *text);

/** setting_plain_path(text): no character that nginx would trip over. */
bool setting_plain_path(const char *text);

#endif
