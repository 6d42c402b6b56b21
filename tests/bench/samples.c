#include "tests/bench/samples.h"

int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
samples_add(struct samples *s, int64_t ns)
{
	if (s->count == SAMPLES_MAX)
		return;
	if (s->count == s->capacity) {
		s->capacity = s->capacity == 0 ? 4096 : 2 * s->capacity;
		s->ns = realloc(s->ns, s->capacity * sizeof(*s->ns));
		if (s->ns == NULL)
			abort();
	}
	s->ns[s->count++] = ns;
}

void
samples_join(struct samples *to, const struct samples *from)
{
	for (size_t i = 0; i < from->count; i++)
		samples_add(to, from->ns[i]);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
at(const struct samples *s, size_t percent)
{
	return (double)s->ns[(s->count - 1) * percent / 100] / 1e6;
}

void
samples_print(struct samples *s, const char *prefix)
{
	if (s->count == 0)
		return;
	qsort(s->ns, s->count, sizeof(*s->ns), compare);
	printf(",\"%sp50_ms\":%.4f,\"%sp99_ms\":%.4f,\"%smax_ms\":%.4f",
	    prefix, at(s, 50), prefix, at(s, 99), prefix, at(s, 100));
}
