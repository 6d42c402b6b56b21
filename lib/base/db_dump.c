/*
 * The one place that writes values into SQL, for a script is nothing else: what
 * is no number stands escaped between quotes, or in hexadecimal digits.
 */
#include "base/db_private.h"
#include "base/log.h"

#define SCRIPT_BYTES (512u * 1024)	/* and what the last row has more */
#define BINARY_CHARSET 63
#define QUERY_SIZE 4096

/* One snapshot for all that is read: InnoDB's REPEATABLE READ. */
static const char *const opening[] = {
	"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
	"START TRANSACTION WITH CONSISTENT SNAPSHOT",
};

struct dump {
	MYSQL *mysql;
	const struct db_table *table;
	db_take *take;
	void *argument;
	/* The script that is being filled; out NULL: none. */
	FILE *out;
	char *text;
	size_t length;
	uint64_t rows;
};

static enum err
dump_failed(const struct dump *d, const char *what)
{
	log_error("dump: %u %s in: %s", mysql_errno(d->mysql),
	    mysql_error(d->mysql), what);
	return ERR_UNAVAILABLE;
}

static const char *
escape_of(char c)
{
	switch (c) {
	case '\0': return "\\0";
	case '\n': return "\\n";
	case '\'': return "\\'";
	case '\\': return "\\\\";
	default: return NULL;
	}
}

/* A row is a line: line ends inside are escaped too. */
static void
write_text(FILE *out, const char *bytes, size_t length)
{
	size_t plain = 0;

	putc('\'', out);
	for (size_t i = 0; i < length; i++) {
		const char *escape = escape_of(bytes[i]);

		if (escape == NULL)
			continue;
		fwrite(bytes + plain, 1, i - plain, out);
		fputs(escape, out);
		plain = i + 1;
	}
	fwrite(bytes + plain, 1, length - plain, out);
	putc('\'', out);
}

static void
write_bytes(FILE *out, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	fputs("x'", out);
	for (size_t i = 0; i < length; i++) {
		putc(digits[(unsigned char)bytes[i] >> 4], out);
		putc(digits[bytes[i] & 15], out);
	}
	putc('\'', out);
}

static void
write_value(FILE *out, const MYSQL_FIELD *field, const char *bytes,
    size_t length)
{
	if (bytes == NULL)
		fputs("NULL", out);
	else if (IS_NUM(field->type))
		fwrite(bytes, 1, length, out);
	else if (field->charsetnr == BINARY_CHARSET)
		write_bytes(out, bytes, length);
	else
		write_text(out, bytes, length);
}

static enum err
begin_script(struct dump *d)
{
	d->rows = 0;
	d->out = open_memstream(&d->text, &d->length);
	if (d->out == NULL)
		return ERR_INTERNAL;
	/* As any client is to read it, and in whatever order tables come. */
	fprintf(d->out, "SET NAMES utf8mb4;\nSET SESSION foreign_key_checks = 0;"
	    "\nINSERT INTO `%s` (%s) VALUES", d->table->name,
	    d->table->columns);
	return OK;
}

static enum err
end_script(struct dump *d)
{
	enum err e = ERR_INTERNAL;
	FILE *out = d->out;

	if (out == NULL)
		return OK;
	d->out = NULL;
	fputs(";\n", out);
	if (fclose(out) == 0)
		e = d->take(d->argument, d->table, d->rows, d->text,
		    d->length);
	free(d->text);
	d->text = NULL;
	return e;
}

static enum err
add_row(struct dump *d, MYSQL_RES *result, MYSQL_ROW row)
{
	const unsigned long *lengths = mysql_fetch_lengths(result);
	const MYSQL_FIELD *fields = mysql_fetch_fields(result);
	unsigned count = mysql_num_fields(result);
	enum err e = OK;

	if (d->out == NULL)
		e = begin_script(d);
	if (e != OK)
		return e;
	fputs(d->rows++ == 0 ? "\n" : ",\n", d->out);
	for (unsigned i = 0; i < count; i++) {
		putc(i == 0 ? '(' : ',', d->out);
		write_value(d->out, &fields[i], row[i], lengths[i]);
	}
	putc(')', d->out);
	return ftello(d->out) < (off_t)SCRIPT_BYTES ? OK : end_script(d);
}

static enum err
dump_table(struct dump *d)
{
	const struct db_table *t = d->table;
	bool some = t->except != NULL;
	char sql[QUERY_SIZE];
	MYSQL_RES *result;
	MYSQL_ROW row;
	enum err e = OK;
	int length;

	length = snprintf(sql, sizeof(sql),
	    "SELECT %s FROM `%s`%s%s%s ORDER BY %s", t->columns, t->name,
	    some ? " WHERE NOT (" : "", some ? t->except : "",
	    some ? ")" : "", t->order);
	if (length < 0 || (size_t)length >= sizeof(sql)) {
		log_error("dump: the table %s has too many columns", t->name);
		return ERR_INTERNAL;
	}
	if (mysql_query(d->mysql, sql) != 0)
		return dump_failed(d, sql);
	result = mysql_use_result(d->mysql);
	if (result == NULL)
		return dump_failed(d, sql);
	while (e == OK) {
		row = mysql_fetch_row(result);
		if (row == NULL)
			break;
		e = add_row(d, result, row);
	}
	if (e == OK && mysql_errno(d->mysql) != 0)
		e = dump_failed(d, sql);
	if (e == OK)
		e = end_script(d);
	/* Reads what is left of it, unless the connection is given up. */
	mysql_free_result(result);
	return e;
}

enum err
db_dump(const struct db_table *tables, size_t count, db_take *take,
    void *argument)
{
	struct dump d = {.take = take, .argument = argument};
	enum err e = OK;
	size_t i;

	d.mysql = db_connection_open(0, DB_SCRIPT_LOCK_S);
	if (d.mysql == NULL)
		return ERR_UNAVAILABLE;
	for (i = 0; i < sizeof(opening) / sizeof(opening[0]) && e == OK; i++) {
		if (mysql_query(d.mysql, opening[i]) != 0)
			e = dump_failed(&d, opening[i]);
	}
	for (i = 0; i < count && e == OK; i++) {
		d.table = &tables[i];
		e = dump_table(&d);
	}
	if (d.out != NULL) {
		fclose(d.out);
		free(d.text);
	}
	mysql_close(d.mysql);
	return e;
}
