/*
 * cli/instance.h -- the instance a command is about: its folder and settings.
 *
 * An instance is a folder VAR.  While it runs, VAR/run/natter.lock is locked
 * by its supervisor, and VAR/run/environment keeps the NATTER_* variables it
 * was started with, so that `natter user add` in another shell means the same
 * database and prints the same address.
 */
#ifndef CLI_INSTANCE_H
#define CLI_INSTANCE_H

#include "base/config.h"
#include "base/err.h"
#include "cli/files.h"

#include <stdbool.h>
#include <sys/types.h>

/* Of the command itself; the other roles have their own. */
#define INSTANCE_LOG "log/natter.log"

struct instance {
	struct config config;
	char programs[PATH_SIZE];	/* natter-app, natter-pushd */
	char share[PATH_SIZE];		/* htdocs/ nginx/ sql/ docs/ */
};

/**
 * instance_open(in, var, starting): find the programs and load the settings.
 * var NULL: VAR or NATTER_VAR of the environment, else "var".  starting: this
 * is `natter up`: PORT of the environment counts, and a running instance's
 * variables don't.  Everything that fails is said.
 */
enum err instance_open(struct instance *in, const char *var, bool starting);

/** instance_take_port(in): PORT=8081 of the environment is short for another
 * listen address and the site's url on it; what is wrong is said. */
enum err instance_take_port(struct instance *in);

void instance_close(struct instance *in);

/** instance_file(in, name, out): "VAR/name"; out. Names are ours and short;
 * instance_open() has refused a VAR that is too long for them. */
const char *instance_file(const struct instance *in, const char *name,
    char out[static PATH_SIZE]);

/** instance_folders(in): make what is missing of VAR; said. */
enum err instance_folders(const struct instance *in);

/** instance_lock(in): become its supervisor.  ERR_CONFLICT: somebody is. */
enum err instance_lock(const struct instance *in);

/** instance_lock_role(in, role): the same for one role of `natter run`. */
enum err instance_lock_role(const struct instance *in, const char *role);

/** instance_lock_roles(in): and all those that were ever run, so that nothing
 * of `natter run` is running.  ERR_CONFLICT: something is; said. */
enum err instance_lock_roles(const struct instance *in);

/** instance_supervisor(in): pid of its supervisor; 0: it is not running. */
pid_t instance_supervisor(const struct instance *in);

/** instance_keep_environment(in): write VAR/run/environment. */
enum err instance_keep_environment(const struct instance *in);

/** instance_database(in): open the database with all models.  ERR_UNAVAILABLE:
 * not running, or not complete; said. */
enum err instance_database(const struct instance *in);

#endif
