#include "cli/alone.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/database.h"
#include "cli/leftovers.h"
#include "cli/processes.h"
#include "cli/ready.h"
#include "cli/supervise.h"

static struct processes only;	/* the database */
static bool begun;

/* What root leaves in it, its own user could not open any more. */
static enum err
check_owner(const struct instance *in)
{
	const char *var = in->config.var;
	struct stat st;

	if (stat(var, &st) == 0 && st.st_uid == geteuid())
		return OK;
	complain("%s is another user's: run this as that user", var);
	return ERR_FORBIDDEN;
}

static enum err
take_over(const struct instance *in)
{
	char path[PATH_SIZE];
	enum err e;

	umask(077);
	e = instance_folders(in);
	if (e == OK)
		e = check_owner(in);
	if (e == OK)
		e = instance_lock(in);
	if (e == ERR_CONFLICT)
		complain("%s is in use by process %d; natter down stops it",
		    in->config.var, (int)instance_supervisor(in));
	if (e == OK)
		e = instance_lock_roles(in);
	if (e != OK)
		return e;
	begun = true;
	e = leftovers_end(in);
	if (e == OK)
		e = supervise_begin(instance_file(in, "run/processes", path));
	return e;
}

enum err
alone_begin(const struct instance *in)
{
	enum err e;

	e = take_over(in);
	if (e != OK || !in->config.db_private)
		return e;
	e = database_install(in);
	if (e == OK)
		e = processes_database(in, &only);
	if (e == OK)
		e = child_start(&only.db);
	if (e == OK)
		e = ready_wait(in, database_answers, "the database");
	return e;
}

enum err
alone_if_needed(const struct instance *in)
{
	char path[PATH_SIZE];

	if (!in->config.db_private || instance_supervisor(in) != 0)
		return OK;
	if (file_exists(instance_file(in, "db/data", path)))
		return alone_begin(in);
	complain("there is no database in %s", in->config.var);
	return ERR_NOT_FOUND;
}

enum err
alone_turn(void)
{
	if (!begun)
		return OK;
	supervise_turn(0);
	if (supervise_told_to_stop() == 0)
		return OK;
	complain("told to stop");
	return ERR_CONFLICT;
}

void
alone_end(const struct instance *in)
{
	if (!begun)
		return;
	if (only.db.role != NULL)
		child_stop(&only.db, 1);
	leftovers_unlink(in);
}
