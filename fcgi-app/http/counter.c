#include <stdatomic.h>
#include <stdbool.h>

#include "base/config.h"
#include "http/counter.h"
#include "http/shared.h"

#define LAYOUT UINT64_C(0x6e636e7400000000)
#define CLASS_FIRST 1
#define CLASSES 5

static struct shared *shared;
static size_t table_rows;

static size_t
size(void)
{
	return (table_rows + 1) * CLASSES * sizeof(_Atomic uint64_t);
}

void
counter_start(const struct config *config, size_t rows)
{
	char path[512];
	bool fits = config_path(config, "run/counters", path, sizeof(path));

	counter_stop();
	table_rows = rows;
	shared = shared_map(fits ? path : NULL, LAYOUT | rows, size());
}

void
counter_stop(void)
{
	shared_unmap(shared, size());
	shared = NULL;
	table_rows = 0;
}

static _Atomic uint64_t *
cell(size_t row, unsigned class)
{
	_Atomic uint64_t *cells = (void *)shared->bytes;

	if (row > table_rows || class < CLASS_FIRST || class > CLASSES)
		return NULL;
	return &cells[row * CLASSES + class - CLASS_FIRST];
}

void
counter_add(size_t row, unsigned status)
{
	_Atomic uint64_t *count = shared == NULL ?
	    NULL : cell(row, status / 100);

	if (count != NULL)
		atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

size_t
counter_rows(void)
{
	return table_rows;
}

uint64_t
counter_value(size_t row, unsigned class)
{
	_Atomic uint64_t *count = shared == NULL ? NULL : cell(row, class);

	return count == NULL ?
	    0 : atomic_load_explicit(count, memory_order_relaxed);
}
