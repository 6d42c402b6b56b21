/*
 * What commands read from and say to people.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/commands.h"

#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define SPAN_MAX 36500

bool
expiry(const char *text, int64_t *at_ms)
{
	struct text number = {.data = text, .length = strlen(text)};
	int64_t unit = 0, now = clock_now_ms();
	uint64_t count;

	*at_ms = 0;
	if (strcmp(text, "never") == 0)
		return true;
	if (number.length > 1 && text[number.length - 1] == 'h')
		unit = HOUR_MS;
	else if (number.length > 1 && text[number.length - 1] == 'd')
		unit = 24 * HOUR_MS;
	if (unit != 0) {
		number.length--;
		if (parse_u64(number, SPAN_MAX, &count) && count > 0) {
			*at_ms = now + (int64_t)count * unit;
			return true;
		}
	} else if (clock_parse(text, at_ms) && *at_ms > now) {
		return true;
	}
	complain("--expires wants 30d, 12h, never, or a time to come like"
	    " 2030-01-31T12:00:00Z");
	return false;
}

int
failed(enum err e, const char *what)
{
	const char *why;

	switch (e) {
	case ERR_UNAVAILABLE:
		why = "the database can't be reached";
		break;
	case ERR_NOT_FOUND:
		why = "there is none";
		break;
	case ERR_USERNAME_TAKEN:
		why = "the name is taken";
		break;
	case ERR_CONFLICT:
		why = "there are too many already";
		break;
	default:
		why = "the line above says more";
		break;
	}
	complain("%s: %s", what, why);
	return 1;
}
