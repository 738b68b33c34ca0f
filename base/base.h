/*
 * base.h - what every file may use: sizes of arrays and the diagnosis
 *
 * Errors travel as 0 or -errno; results go through `ret`, untouched on
 * failure. A struct diag carries one line for a human beside the number: the
 * place where it went wrong, the file and the line when there is one.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, a)	__attribute__((format(printf, f, a)))

struct diag {
	char text[1024];	/* one line without a newline; "" at first */
};

/**
 * diag_fail() - note why, and hand the number back
 * @diag:	may be NULL: then nothing is noted
 * @r:		a negative errno
 * @fmt:	the step that failed and on what. ": strerror(-r)" is added
 *		unless @r is -EINVAL or -EBADMSG, where the text says it all.
 *
 * Return: @r, so that `return diag_fail(...)` reads well.
 */
int diag_fail(struct diag *diag, int r, const char *fmt, ...) PRINTF(3, 4);

struct buf;
/**
 * diag_collect() - from now on readers of files go on after a fault, and put each into @faults
 * One for each thread; NULL ends it. Return: where they went before, for who comes after.
 */
struct buf *diag_collect(struct buf *faults);

/** diag_collected() - a reader's fault: collect it (a line), if that is asked for
 * Return: whether to go on to the next fault.
 */
bool diag_collected(const struct diag *diag);

/** diag_prefix() - put "fmt: " before what was noted, to say where */
void diag_prefix(struct diag *diag, const char *fmt, ...) PRINTF(2, 3);

#endif
