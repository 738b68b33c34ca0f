/*
 * lang_table.c - languages.txt
 */
#include <stdlib.h>

#include "base/units.h"
#include "judge/lang.h"

enum { COLUMNS = 5 };

static void join(const struct strv *s, struct buf *ret)
{
	for (size_t i = 0; i < s->n; i++)
		buf_printf(ret, "%s%s", i ? " " : "", s->v[i]);
}

static void limits_text(const struct lang *l, struct buf *ret)
{
	char text[32];

	buf_printf(ret, "x%g", l->time_factor);
	if (l->time_extra_us > 0) {
		format_duration(l->time_extra_us, text);
		buf_printf(ret, " + %s", text);
	}
}

static void memory_text(const struct lang *l, struct buf *ret)
{
	char text[32];

	format_size(l->memory_extra_bytes, text);
	buf_printf(ret, l->memory_extra_bytes > 0 ? "+ %s" : "-", text);
}

static void cells_fill(const struct lang *l, struct buf cells[COLUMNS])
{
	buf_puts(&cells[0], l->id);
	buf_puts(&cells[1], l->name);
	for (size_t i = 0; i < l->suffixes.n; i++)
		buf_printf(&cells[2], "%s.%s", i ? " " : "", l->suffixes.v[i]);
	limits_text(l, &cells[3]);
	memory_text(l, &cells[4]);
}

static void row_add(const struct buf cells[COLUMNS], const size_t width[COLUMNS],
		    const char *last, struct buf *ret)
{
	for (int c = 0; c < COLUMNS; c++)
		buf_printf(ret, "%-*s  ", (int)width[c], buf_text(&cells[c]));
	buf_printf(ret, "%s\n", last);
}

/* Whether it is what a suffix means that others share. */
static bool chosen(const struct langs *ls, const struct lang *l)
{
	bool shared = false;

	for (size_t i = 0; i < ls->n; i++) {
		const struct lang *other = ls->v[i];

		if (other == l || !strv_has(&other->suffixes, l->suffixes.v[0]))
			continue;
		if (!other->missing == !l->missing ? other->priority > l->priority : !other->missing)
			return false;
		shared = true;
	}
	return shared;
}

void langs_table(const struct langs *ls, struct buf *ret)
{
	static const char *const heads[COLUMNS] = { "LANGUAGE", "NAME", "SUFFIXES", "TIME",
						    "MEMORY" };
	struct buf (*rows)[COLUMNS] = calloc(ls->n + 1, sizeof(*rows));
	size_t width[COLUMNS] = { 0 };

	if (!rows) {
		ret->failed = true;
		return;
	}
	for (int c = 0; c < COLUMNS; c++)
		buf_puts(&rows[0][c], heads[c]);
	for (size_t i = 0; i < ls->n; i++)
		cells_fill(ls->v[i], rows[i + 1]);
	for (size_t i = 0; i <= ls->n; i++)
		for (int c = 0; c < COLUMNS; c++)
			width[c] = rows[i][c].len > width[c] ? rows[i][c].len : width[c];

	row_add(rows[0], width, "VERSION", ret);
	for (size_t i = 0; i < ls->n; i++) {
		const struct lang *l = ls->v[i];

		if (l->missing) {
			struct buf why = { 0 };

			buf_printf(&why, "not available: %s", l->missing);
			row_add(rows[i + 1], width, buf_text(&why), ret);
			buf_release(&why);
		} else {
			row_add(rows[i + 1], width, l->version ? l->version : "?", ret);
		}
	}
	buf_puts(ret, "\nThe suffix names the language; where several share one, the first line of the\n"
		      "source may choose, in a comment: judgefs: language=NAME\n");
	for (size_t i = 0; i < ls->n; i++)
		if (ls->v[i]->suffixes.n > 0 && chosen(ls, ls->v[i]))
			buf_printf(ret, "Without one .%s is %s.\n", ls->v[i]->suffixes.v[0],
				   ls->v[i]->id);
	buf_puts(ret, "\n");
	for (size_t i = 0; i < ls->n; i++) {
		const struct lang *l = ls->v[i];

		buf_printf(ret, "%-*s  compile  ", (int)width[0], l->id);
		if (l->compile.n > 0)
			join(&l->compile, ret);
		else
			buf_puts(ret, "-");
		buf_printf(ret, "\n%-*s  run      ", (int)width[0], "");
		join(&l->run, ret);
		buf_puts(ret, "\n");
	}
	for (size_t i = 0; i <= ls->n; i++)
		for (int c = 0; c < COLUMNS; c++)
			buf_release(&rows[i][c]);
	free(rows);
}
