/*
 * natter config, natter migrate: by the time they are called, instance_open()
 * has read the settings and said what is wrong with them.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/migrate.h"
#include "cli/safety.h"

int
config_check(struct instance *in, const struct arguments *a)
{
	(void)a;
	if (instance_take_port(in) != OK)
		return 1;
	puts("the settings are right");
	return 0;
}

int
config_print(struct instance *in, const struct arguments *a)
{
	(void)a;
	config_dump(&in->config, stdout);
	return 0;
}

int
migrate_now(struct instance *in, const struct arguments *a)
{
	uint64_t version = 0;
	unsigned applied = 0;
	enum err e;

	e = safety_check(in);
	if (e == OK)
		e = a->plan ? migrate_plan(in) :
		    migrate(in, &applied, &version);
	if (e == ERR_CONFLICT)
		return 1;
	if (e != OK)
		return failed(e, "migrate");
	if (!a->plan)
		printf("schema %llu%s\n", (unsigned long long)version,
		    applied == 0 ? ", nothing to do" : "");
	return 0;
}
