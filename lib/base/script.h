/*
 * base/script.h -- take a file of SQL apart, as the mysql client does.
 *
 * Knows quotes, comments and lines `DELIMITER //`, so that schema.sql can be
 * run by the client and by us.  Comments in front of a statement are left out.
 */
#ifndef BASE_SCRIPT_H
#define BASE_SCRIPT_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct script {
	const char *at;		/* borrowed */
	const char *end;
	struct text delimiter;	/* ";" until a line says otherwise */
};

void script_start(struct script *script, const char *sql, size_t length);

/** script_next(script, statement): false at the end. */
bool script_next(struct script *script, struct text *statement);

#endif
