/*
 * cli/database.h -- the private MariaDB of an instance.
 *
 * In VAR/db, reached by VAR/run/db.sock only, small, and durable: an answered
 * COMMIT is on disk.  Its one account "natter" has a random password in
 * VAR/secrets/db_password and rights on the one database.
 * Source  mariadb-install-db(1); the flags were measured: 54 MB at rest.
 */
#ifndef CLI_DATABASE_H
#define CLI_DATABASE_H

#include "base/err.h"
#include "cli/instance.h"
#include "cli/supervise.h"

/**
 * database_install(in): make VAR/db when there is none.  All or nothing: what
 * was cut short is begun anew.
 */
enum err database_install(const struct instance *in);

/** database_child(in, c): how it is run.  Texts live as long as the process. */
enum err database_child(const struct instance *in, struct child *c);

/** database_answers(in): somebody listens on the socket that the settings say;
 * the private one also greets, and so can be told to end.
 * Over TCP the client library finds out, within its time-out: true. */
bool database_answers(const struct instance *in);

#endif
