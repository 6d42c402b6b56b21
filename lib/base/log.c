#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/log.h"

/*
 * At most PIPE_BUF bytes: lines of several workers on one pipe never mix, and
 * a pipe that polls writable takes one without blocking.
 */
#define LINE_BYTES 4096
#define TEXT_BYTES 2048
#define WAIT_MS 50

struct line {
	char bytes[LINE_BYTES];
	size_t length;
};

static const char *speaker = "natter";
static char request[64];
static bool in_words;
static int lines_to = STDERR_FILENO;

void
log_start(const char *role)
{
	speaker = role;
}

void
log_request(const char *id)
{
	snprintf(request, sizeof(request), "%s", id == NULL ? "" : id);
}

void
log_in_words(int lines)
{
	in_words = true;
	lines_to = lines;
}

void
log_in_lines(void)
{
	in_words = false;
	lines_to = STDERR_FILENO;
}

/* Three bytes stay free for what ends the line: quote, brace, line feed. */
static bool
put(struct line *line, const char *bytes, size_t length)
{
	if (length > sizeof(line->bytes) - 3 - line->length)
		return false;
	memcpy(line->bytes + line->length, bytes, length);
	line->length += length;
	return true;
}

static bool
put_text(struct line *line, const char *s)
{
	return put(line, s, strlen(s));
}

/*
 * Bytes outside of ASCII are written as if they were Latin-1: the line is
 * valid JSON whatever comes in, and no terminal is made to show it backwards.
 */
static void
put_string(struct line *line, const char *s)
{
	bool fits = put_text(line, "\"");

	for (; fits && *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		char escape[8];

		if (c == '"' || c == '\\')
			snprintf(escape, sizeof(escape), "\\%c", c);
		else if (c >= ' ' && c < 127)
			snprintf(escape, sizeof(escape), "%c", c);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		fits = put_text(line, escape);
	}
	line->bytes[line->length++] = '"';
}

static void
put_member(struct line *line, const char *key, const char *s)
{
	put_text(line, key);
	put_string(line, s);
}

/* A reader that stands still costs lines, not requests. */
static void
write_line(const struct line *line, int fd)
{
	struct pollfd out = {.fd = fd, .events = POLLOUT};
	size_t done = 0;

	while (done < line->length) {
		int ready = poll(&out, 1, WAIT_MS);
		ssize_t n;

		if (ready == 0 || (ready < 0 && errno != EINTR))
			return;
		n = write(fd, line->bytes + done,
		    line->length - done);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0)
			done += (size_t)n;
	}
}

/* For a terminal: nothing but printable ASCII. */
static void
say(const char *text)
{
	struct line line = {.length = 0};

	put_text(&line, speaker);
	put_text(&line, ": ");
	for (; *text != '\0'; text++)
		put(&line, *text >= ' ' && *text <= '~' ? text : "?", 1);
	put_text(&line, "\n");
	write_line(&line, STDERR_FILENO);
}

static void __attribute__((format(printf, 2, 0)))
log_line(const char *level, const char *format, va_list arguments)
{
	struct line line = {.length = 0};
	char text[TEXT_BYTES];
	char at[CLOCK_TEXT_SIZE];
	char pid[32];

	vsnprintf(text, sizeof(text), format, arguments);
	if (in_words && strcmp(level, "info") != 0)
		say(text);
	if (lines_to < 0)
		return;
	clock_format(clock_now_ms(), at);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	put_member(&line, "{\"at\":", at);
	put_member(&line, ",\"level\":", level);
	put_member(&line, ",\"role\":", speaker);
	put_text(&line, ",\"pid\":");
	put_text(&line, pid);
	if (request[0] != '\0')
		put_member(&line, ",\"request\":", request);
	put_text(&line, ",\"text\":");
	put_string(&line, text);
	line.bytes[line.length++] = '}';
	line.bytes[line.length++] = '\n';
	write_line(&line, lines_to);
}

#define LOG(level) \
	do { \
		va_list arguments; \
		int saved = errno; \
\
		va_start(arguments, format); \
		log_line(level, format, arguments); \
		va_end(arguments); \
		errno = saved; \
	} while (0)

void
log_error(const char *format, ...)
{
	LOG("error");
}

void
log_warn(const char *format, ...)
{
	LOG("warn");
}

void
log_info(const char *format, ...)
{
	LOG("info");
}
