/*
 * base/log.h -- one JSON line per event to standard error.
 *
 * {"at":"...","level":"error","role":"app","pid":1,"request":"...","text":"..."}
 * Control characters are escaped and lines are capped, so that nothing a
 * stranger sends can forge a line.  Never pass bodies, names, cookies, tokens,
 * query strings or SQL values.  Writing never blocks a request for long and
 * never fails it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/** log_start(role): who is speaking: "app", "auth", "pushd", "natter". */
void log_start(const char *role);

/** log_request(id): the request that the next lines belong to; NULL: none. */
void log_request(const char *id);

/**
 * log_in_words(lines): people look at standard error: it gets errors and
 * warnings as plain words, and the lines go to the descriptor; -1: nowhere.
 */
void log_in_words(int lines);

/** log_in_lines(): as at first. */
void log_in_lines(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
