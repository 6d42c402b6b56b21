#include "pushd/gaps.h"

struct gap {
	uint64_t first, last;
	int64_t since_ms;
};

/* One place more, for the moment in which a range falls into two. */
static struct gap gaps[GAPS_MAX + 1];
static size_t count;

static void
remove_at(size_t i)
{
	count--;
	memmove(gaps + i, gaps + i + 1, (count - i) * sizeof(gaps[0]));
}

static void
insert_at(size_t i, struct gap gap)
{
	memmove(gaps + i + 1, gaps + i, (count - i) * sizeof(gaps[0]));
	gaps[i] = gap;
	count++;
	if (count > GAPS_MAX)
		remove_at(0);
}

void
gaps_add(uint64_t first, uint64_t last, int64_t since_ms)
{
	insert_at(count, (struct gap){first, last, since_ms});
}

void
gaps_remove(uint64_t id)
{
	for (size_t i = 0; i < count; i++) {
		struct gap *gap = &gaps[i];
		struct gap rest = {id + 1, gap->last, gap->since_ms};

		if (id < gap->first || id > gap->last)
			continue;
		if (gap->first == gap->last) {
			remove_at(i);
		} else if (id == gap->first) {
			gap->first++;
		} else {
			gap->last = id - 1;
			if (rest.first <= rest.last)
				insert_at(i + 1, rest);
		}
		return;
	}
}

void
gaps_expire(int64_t since_ms)
{
	while (count > 0 && gaps[0].since_ms <= since_ms)
		remove_at(0);
}

/* From the end, so that what look removes or splits is behind. */
enum err
gaps_each(enum err (*look)(uint64_t first, uint64_t last))
{
	enum err e = OK;

	for (size_t i = count; i > 0 && e == OK; i--) {
		if (i > count)
			continue;
		e = look(gaps[i - 1].first, gaps[i - 1].last);
	}
	return e;
}

uint64_t
gaps_first(void)
{
	return count > 0 ? gaps[0].first : 0;
}

size_t
gaps_count(void)
{
	return count;
}

void
gaps_end(void)
{
	count = 0;
}
