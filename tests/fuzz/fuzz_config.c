/*
 * Files of settings: whatever they hold, loading ends, and what was accepted
 * is accepted again when it is dumped.
 */
#include <stdint.h>

#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char *
dump(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	config_dump(config, out);
	fclose(out);
	return text;
}

static char *
load(const void *bytes, size_t size)
{
	struct config config;
	FILE *in = fmemopen((void *)bytes, size, "r");
	char *text = NULL;
	enum err e;

	if (in == NULL)
		abort();
	e = config_read(&config, "/tmp", in, "fuzz");
	fclose(in);
	if (e == OK)
		text = dump(&config);
	config_free(&config);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *first, *second;

	if (size == 0)
		return 0;
	first = load(bytes, size);
	if (first == NULL)
		return 0;
	second = load(first, strlen(first));
	if (second == NULL || strcmp(first, second) != 0)
		abort();
	free(first);
	free(second);
	return 0;
}
