#include "base/arena.h"
#include "base/db_private.h"
#include "base/log.h"

bool
db_next(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;
	int rc;

	if (s == NULL || !s->open)
		return false;
	rc = mysql_stmt_fetch(s->handle);
	if (rc == 0 || rc == MYSQL_DATA_TRUNCATED)
		return true;
	if (rc != MYSQL_NO_DATA)
		stmt_failed(stmt);
	db_done(stmt);
	return false;
}

void
db_done(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;

	if (s == NULL || !s->open)
		return;
	s->open = false;
	/* The end of a CALL is read by the next statement: by then it is there,
	 * and nobody has waited for it. */
	if (db.call != stmt)
		mysql_stmt_free_result(s->handle);
}

/* A column that is not there reads as NULL. */
static const struct column *
column_at(struct stmt *stmt, unsigned column)
{
	static const struct column none = {.is_null = 1};
	const struct stmt_state *s = stmt->state;

	if (s != NULL && column < s->column_count)
		return &s->columns[column];
	log_error("database: no column %u in: %.200s", column, stmt->sql);
	return &none;
}

bool
db_is_null(struct stmt *stmt, unsigned column)
{
	return column_at(stmt, column)->is_null;
}

/* Sums come as decimal text. */
static int64_t
number_in(const struct column *c)
{
	char digits[32];
	size_t length = c->length < sizeof(digits) ?
	    c->length : sizeof(digits) - 1;

	if (length > c->capacity)
		length = c->capacity;
	memcpy(digits, c->text, length);
	digits[length] = '\0';
	if (digits[0] == '-')
		return strtoll(digits, NULL, 10);
	return (int64_t)strtoull(digits, NULL, 10);
}

uint64_t
db_u64(struct stmt *stmt, unsigned column)
{
	const struct column *c = column_at(stmt, column);

	if (c->is_null)
		return 0;
	return c->text == NULL ? c->number : (uint64_t)number_in(c);
}

int64_t
db_i64(struct stmt *stmt, unsigned column)
{
	return (int64_t)db_u64(stmt, column);
}

/* The whole of a column that is longer than its buffer. */
static bool
fetch_long(struct stmt *stmt, unsigned column, void *out, size_t size)
{
	struct stmt_state *s = stmt->state;
	unsigned long length;
	db_flag is_null, truncated;
	MYSQL_BIND bind = {
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer = out,
		.buffer_length = (unsigned long)size,
		.length = &length,
		.is_null = &is_null,
		.error = &truncated,
	};

	if (s->open &&
	    mysql_stmt_fetch_column(s->handle, &bind, column, 0) == 0)
		return true;
	log_error("database: a row was read after its end: %.200s", stmt->sql);
	return false;
}

char *
db_text(struct stmt *stmt, unsigned column, struct arena *arena)
{
	const struct column *c = column_at(stmt, column);
	const MYSQL_BIND *bind;
	char *text;

	if (c->is_null)
		return NULL;
	if (c->text == NULL) {
		bind = &stmt->state->column_binds[column];
		return bind->is_unsigned ?
		    arena_printf(arena, "%llu", (unsigned long long)c->number) :
		    arena_printf(arena, "%lld", (long long)c->number);
	}
	if (c->length <= c->capacity)
		return arena_copy(arena, c->text, c->length);
	text = arena_alloc(arena, c->length + 1);
	if (!fetch_long(stmt, column, text, c->length))
		text[0] = '\0';
	return text;
}

size_t
db_bytes(struct stmt *stmt, unsigned column, void *out, size_t size)
{
	const struct column *c = column_at(stmt, column);
	size_t length = c->length < size ? c->length : size;

	if (c->is_null || c->text == NULL)
		return 0;
	if (length > c->capacity)
		return fetch_long(stmt, column, out, length) ? length : 0;
	if (length > 0)
		memcpy(out, c->text, length);
	return length;
}
