#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/manifest.h"
#include "cli/migrations.h"

int
verify(struct instance *in, const struct arguments *a)
{
	bool piped = strcmp(a->name, "-") == 0;
	struct manifest m;
	enum err e;
	FILE *f;

	f = piped ? stdin : fopen(a->name, "re");
	if (f == NULL) {
		complain("can't read %s: %s", a->name, strerror(errno));
		return 1;
	}
	e = manifest_check(f, &m);
	if (!piped)
		fclose(f);
	if (e == OK)
		e = manifest_fits(&m, migrations_last(in));
	if (e == OK)
		manifest_print(stdout, &m);
	return e == OK ? 0 : 1;
}
