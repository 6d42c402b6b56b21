#include "base/clock.h"
#include "base/db_private.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/str.h"

/*
 * What a row needs is bound once, when the statement is prepared: integers as
 * 64 bits, everything else into a small buffer of its column.  Only a longer
 * text costs a second step, which copies it straight into the arena.
 */
#define CELL_BYTES 512

static void *
allocate(size_t count, size_t size)
{
	void *bytes = calloc(count == 0 ? 1 : count, size);

	if (bytes == NULL)
		memory_out("none left for statements");
	return bytes;
}

enum err
stmt_failed(struct stmt *stmt)
{
	MYSQL_STMT *handle = stmt->state->handle;

	return db_failed(mysql_stmt_errno(handle), mysql_stmt_error(handle),
	    stmt->sql);
}

static bool
begins_with(const char *sql, const char *word)
{
	struct text start = {.data = sql, .length = strlen(word)};

	return strlen(sql) >= start.length && text_is_nocase(start, word);
}

static void
free_columns(struct stmt_state *s)
{
	for (unsigned i = 0; i < s->column_count; i++)
		free(s->columns[i].text);
	free(s->columns);
	free(s->column_binds);
	s->columns = NULL;
	s->column_binds = NULL;
	s->column_count = 0;
}

static bool
is_integer(const MYSQL_FIELD *field)
{
	switch (field->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
		return true;
	default:
		return false;
	}
}

static void
describe_column(const MYSQL_FIELD *field, struct column *column,
    MYSQL_BIND *bind)
{
	bind->is_null = &column->is_null;
	bind->error = &column->truncated;
	bind->length = &column->length;
	if (is_integer(field)) {
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = &column->number;
		bind->buffer_length = sizeof(column->number);
		bind->is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;
		return;
	}
	column->capacity = field->length < CELL_BYTES ?
	    field->length : CELL_BYTES;
	column->text = allocate(column->capacity + 1, 1);
	bind->buffer_type = MYSQL_TYPE_STRING;
	bind->buffer = column->text;
	bind->buffer_length = column->capacity;
}

static bool
same_columns(const struct stmt_state *s, const MYSQL_FIELD *fields,
    unsigned count)
{
	if (count != s->column_count)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (is_integer(&fields[i]) != (s->columns[i].text == NULL))
			return false;
	}
	return true;
}

static enum err
bind_columns(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;
	MYSQL_RES *shape = mysql_stmt_result_metadata(s->handle);
	const MYSQL_FIELD *fields;
	unsigned count;

	if (shape == NULL)
		return stmt_failed(stmt);
	fields = mysql_fetch_fields(shape);
	count = mysql_num_fields(shape);
	if (!same_columns(s, fields, count)) {
		free_columns(s);
		s->columns = allocate(count, sizeof(*s->columns));
		s->column_binds = allocate(count, sizeof(*s->column_binds));
		s->column_count = count;
		for (unsigned i = 0; i < count; i++)
			describe_column(&fields[i], &s->columns[i],
			    &s->column_binds[i]);
	}
	mysql_free_result(shape);
	if (mysql_stmt_bind_result(s->handle, s->column_binds) != 0)
		return stmt_failed(stmt);
	return OK;
}

static enum err
prepare(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;

	s->handle = mysql_stmt_init(db.mysql);
	if (s->handle == NULL)
		return db_failed(mysql_errno(db.mysql),
		    mysql_error(db.mysql), stmt->sql);
	if (mysql_stmt_prepare(s->handle, stmt->sql,
	    (unsigned long)strlen(stmt->sql)) != 0)
		return stmt_failed(stmt);
	if (s->params == NULL) {
		s->param_count = mysql_stmt_param_count(s->handle);
		s->params = allocate(s->param_count, sizeof(*s->params));
		s->param_binds = allocate(s->param_count,
		    sizeof(*s->param_binds));
	}
	if (mysql_stmt_field_count(s->handle) == 0)
		return OK;
	return bind_columns(stmt);
}

enum err
stmt_prepare(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;
	enum err e;

	if (s == NULL) {
		s = stmt->state = allocate(1, sizeof(*s));
		s->is_select = begins_with(stmt->sql, "SELECT");
		s->is_call = begins_with(stmt->sql, "CALL");
	}
	e = prepare(stmt);
	if (e != OK)
		stmt_close(stmt);
	return e;
}

void
stmt_close(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;

	if (s == NULL || s->handle == NULL)
		return;
	mysql_stmt_close(s->handle);
	free_columns(s);
	s->handle = NULL;
	s->open = false;
}

void
stmt_free(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;

	if (s == NULL)
		return;
	stmt_close(stmt);
	free(s->params);
	free(s->param_binds);
	free(s);
	stmt->state = NULL;
}

/*
 * A NULL keeps the type that this place had before: MySQL 8 prepares a
 * statement anew when types change.
 */
static void
bind_value(MYSQL_BIND *bind, struct param *param, const struct value *value)
{
	param->is_null = value->kind == VALUE_NULL;
	bind->is_null = &param->is_null;
	bind->length = &param->length;
	switch (value->kind) {
	case VALUE_NULL:
		if (bind->buffer == NULL) {
			bind->buffer_type = MYSQL_TYPE_STRING;
			bind->buffer = &param->number;
		}
		param->length = 0;
		break;
	case VALUE_U64:
	case VALUE_I64:
		param->number = value->kind == VALUE_U64 ?
		    value->u64 : (uint64_t)value->i64;
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->is_unsigned = value->kind == VALUE_U64;
		bind->buffer = &param->number;
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		param->length = (unsigned long)value->length;
		bind->buffer_type = value->kind == VALUE_TEXT ?
		    MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		bind->buffer = value->bytes == NULL ?
		    (void *)&param->number : (void *)value->bytes;
		bind->buffer_length = param->length;
		break;
	}
}

/* Before it may run at all. */
static enum err
check(const struct stmt *stmt, size_t count)
{
	const struct stmt_state *s = stmt->state;

	if (db.mysql == NULL)
		return ERR_UNAVAILABLE;
	if (s == NULL) {
		log_error("database: not in the lists of db_open(): %.200s",
		    stmt->sql);
		return ERR_INTERNAL;
	}
	if (count != s->param_count) {
		log_error("database: %zu arguments for %zu places in: %.200s",
		    count, s->param_count, stmt->sql);
		return ERR_INTERNAL;
	}
	/* What the server has undone must not go on half. */
	if (db.in_transaction && db.retry)
		return ERR_UNAVAILABLE;
	return OK;
}

/* values: without the dummy. */
static enum err
execute(struct stmt *stmt, const struct value *values, size_t count)
{
	struct stmt_state *s = stmt->state;
	enum err e;

	db.duplicate = false;
	e = check(stmt, count);
	if (e != OK)
		return e;
	db.asked_at_ms = clock_monotonic_ms();
	e = db_settle();
	if (e == OK && s->handle == NULL)
		e = stmt_prepare(stmt);
	if (e != OK)
		return e;
	db_done(stmt);
	for (size_t i = 0; i < count; i++)
		bind_value(&s->param_binds[i], &s->params[i], &values[i]);
	if (count > 0 && mysql_stmt_bind_param(s->handle, s->param_binds) != 0)
		return stmt_failed(stmt);
	if (mysql_stmt_execute(s->handle) != 0)
		return stmt_failed(stmt);
	db.used_at_ms = clock_monotonic_ms();
	if (s->is_call)
		db.call = stmt;
	return OK;
}

/*
 * Steps to the next result set with columns; a CALL ends with one that has
 * none.  found is false when there is no further one.
 */
static enum err
seek_columns(struct stmt *stmt, bool *found)
{
	MYSQL_STMT *handle = stmt->state->handle;

	*found = true;
	while (mysql_stmt_field_count(handle) == 0) {
		int rc = db.call == stmt ? mysql_stmt_next_result(handle) : -1;

		if (rc > 0) {
			db.call = NULL;
			return stmt_failed(stmt);
		}
		if (rc < 0) {
			db.call = NULL;
			*found = false;
			return OK;
		}
	}
	return OK;
}

static enum err
open_rows(struct stmt *stmt)
{
	struct stmt_state *s = stmt->state;
	bool found;
	enum err e = seek_columns(stmt, &found);

	if (e != OK || !found)
		return e;
	if (s->is_call) {
		e = bind_columns(stmt);
		if (e != OK)
			return e;
	}
	if (mysql_stmt_store_result(s->handle) != 0) {
		db.call = NULL;
		return stmt_failed(stmt);
	}
	s->open = true;
	return OK;
}

enum err
db_settle(void)
{
	struct stmt *stmt = db.call;
	MYSQL_STMT *handle;
	int rc;

	if (stmt == NULL)
		return OK;
	handle = stmt->state->handle;
	stmt->state->open = false;
	db.call = NULL;
	do {
		mysql_stmt_free_result(handle);
		rc = mysql_stmt_next_result(handle);
	} while (rc == 0);
	return rc > 0 ? stmt_failed(stmt) : OK;
}

struct value
db_value_text(const char *s)
{
	if (s == NULL)
		return NONE;
	return (struct value){
		.kind = VALUE_TEXT, .bytes = s, .length = strlen(s),
	};
}

enum err
db_exec_values(struct stmt *stmt, const struct value *values, size_t count)
{
	enum err e = execute(stmt, values + 1, count - 1);

	db.first = false;
	if (e != OK)
		return e;
	db.changed = mysql_stmt_affected_rows(stmt->state->handle);
	db.insert_id = mysql_stmt_insert_id(stmt->state->handle);
	if (stmt->state->is_call)
		return db_settle();
	if (stmt->state->column_count > 0) {
		e = open_rows(stmt);
		db_done(stmt);
	}
	return e;
}

static enum err
query(struct stmt *stmt, const struct value *values, size_t count)
{
	enum err e = execute(stmt, values, count);

	return e == OK ? open_rows(stmt) : e;
}

/*
 * Reading again does no harm, so the caller need not see that a server was
 * restarted, which the first query of a request notices (one that hung is not
 * connected to at once); nor that a migration waited for a table as long as we.
 */
enum err
db_query_values(struct stmt *stmt, const struct value *values, size_t count)
{
	bool alone = !db.in_transaction, first = db.first;
	enum err e;

	if (alone)
		db.retry = false;
	e = query(stmt, values + 1, count - 1);
	if (e == ERR_UNAVAILABLE && alone && stmt->state != NULL &&
	    stmt->state->is_select) {
		if (db.mysql == NULL && first)
			e = db_connect();
		else if (db.retry)
			e = OK;
		if (e == OK)
			e = query(stmt, values + 1, count - 1);
	}
	db.first = false;
	return e;
}

uint64_t
db_changed(void)
{
	return db.changed;
}

uint64_t
db_insert_id(void)
{
	return db.insert_id;
}

bool
db_duplicate(void)
{
	return db.duplicate;
}
