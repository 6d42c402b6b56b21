#include "base/clock.h"

#define MS_PER_DAY INT64_C(86400000)
#define FIRST_MS INT64_C(-62167219200000)	/* 0000-01-01T00:00:00.000Z */
#define LAST_MS INT64_C(253402300799999)	/* 9999-12-31T23:59:59.999Z */

static int64_t
read_us(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_now_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_monotonic_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_monotonic_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

/*
 * The calendar is computed here and not by gmtime_r(), because a page of
 * messages writes a hundred times.  Years begin in March, so that the leap day
 * is the last of its year; an era is 400 years.
 */
#define DAYS_PER_ERA 146097
#define DAYS_0000_TO_1970 719468	/* from 0000-03-01 to 1970-01-01 */

static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t month_from_march = month > 2 ? month - 3 : month + 9;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_0000_TO_1970;
}

static void
date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + DAYS_0000_TO_1970;
	int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t day_of_era = z - era * DAYS_PER_ERA;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 +
	    day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era +
	    year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	*month = month_from_march < 10 ?
	    month_from_march + 3 : month_from_march - 9;
	*year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

static char *
put(char *at, int64_t value, int digits, char after)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	at[digits] = after;
	return at + digits + 1;
}

void
clock_format(int64_t at_ms, char text[static CLOCK_TEXT_SIZE])
{
	int64_t days, ms, year, month, day;
	char *at = text;

	if (at_ms < FIRST_MS)
		at_ms = FIRST_MS;
	if (at_ms > LAST_MS)
		at_ms = LAST_MS;
	days = (at_ms >= 0 ? at_ms : at_ms - (MS_PER_DAY - 1)) / MS_PER_DAY;
	ms = at_ms - days * MS_PER_DAY;
	date_of(days, &year, &month, &day);
	at = put(at, year, 4, '-');
	at = put(at, month, 2, '-');
	at = put(at, day, 2, 'T');
	at = put(at, ms / 3600000, 2, ':');
	at = put(at, ms / 60000 % 60, 2, ':');
	at = put(at, ms / 1000 % 60, 2, '.');
	at = put(at, ms % 1000, 3, 'Z');
	*at = '\0';
}

/* Takes exactly so many digits; false when there are fewer. */
static bool
take_number(const char **at, int digits, int64_t *value)
{
	int64_t sum = 0;

	for (int i = 0; i < digits; i++) {
		char c = **at;

		if (c < '0' || c > '9')
			return false;
		sum = sum * 10 + (c - '0');
		(*at)++;
	}
	*value = sum;
	return true;
}

static bool
take_char(const char **at, char wanted, char other)
{
	if (**at != wanted && **at != other)
		return false;
	(*at)++;
	return true;
}

static bool
take_fraction(const char **at, int64_t *ms)
{
	int64_t weight = 100;

	*ms = 0;
	if (!take_char(at, '.', '.'))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		*ms += (**at - '0') * weight;
		weight /= 10;
	}
	return true;
}

static bool
take_offset(const char **at, int64_t *minutes)
{
	int64_t hour, minute;
	bool west = **at == '-';

	*minutes = 0;
	if (take_char(at, 'Z', 'z'))
		return true;
	if (!take_char(at, '+', '-') || !take_number(at, 2, &hour) ||
	    !take_char(at, ':', ':') || !take_number(at, 2, &minute))
		return false;
	if (hour > 23 || minute > 59)
		return false;
	*minutes = hour * 60 + minute;
	if (west)
		*minutes = -*minutes;
	return true;
}

static bool
date_exists(int64_t year, int64_t month, int64_t day)
{
	int64_t y, m, d;

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	date_of(days_of(year, month, day), &y, &m, &d);
	return m == month && d == day;
}

/* A leap second (:60) is the first moment of the next minute. */
bool
clock_parse(const char *text, int64_t *at_ms)
{
	int64_t year, month, day, hour, minute, second, ms, offset;

	if (!take_number(&text, 4, &year) || !take_char(&text, '-', '-') ||
	    !take_number(&text, 2, &month) || !take_char(&text, '-', '-') ||
	    !take_number(&text, 2, &day) || !take_char(&text, 'T', 't') ||
	    !take_number(&text, 2, &hour) || !take_char(&text, ':', ':') ||
	    !take_number(&text, 2, &minute) || !take_char(&text, ':', ':') ||
	    !take_number(&text, 2, &second) || !take_fraction(&text, &ms) ||
	    !take_offset(&text, &offset) || *text != '\0')
		return false;
	if (!date_exists(year, month, day) || hour > 23 || minute > 59 ||
	    second > 60)
		return false;
	*at_ms = days_of(year, month, day) * MS_PER_DAY +
	    ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms;
	return true;
}
