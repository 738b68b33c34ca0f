#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"

static const char *program = "judgefs";
static bool debug, stamps;

void log_init(const char *name)
{
	const char *env = getenv("JUDGEFS_DEBUG");

	program = name;
	prctl(PR_SET_NAME, name);	/* started by descriptor, we would be called by its number */
	debug = env && strcmp(env, "1") == 0;
	stamps = getenv(LOG_STAMPS) != NULL;
}

/* One write(2) a line: lines of several processes do not mix. */
static void log_line(const char *level, const char *fmt, va_list args)
{
	struct buf line = { 0 };
	char text[2048], now[32];

	vsnprintf(text, sizeof(text), fmt, args);
	for (char *p = text; (p = strchr(p, '\n')); p++)
		*p = ' ';
	if (stamps) {
		clock_format(clock_wall_us(), now);
		buf_printf(&line, "%s ", now);
	}
	buf_printf(&line, "%s: %s", program, level);
	buf_clean(&line, text, strlen(text));
	buf_puts(&line, "\n");
	io_write(2, buf_text(&line), line.len);
	buf_release(&line);
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line("error: ", fmt, args);
	va_end(args);
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line("warning: ", fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line("", fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	if (!debug)
		return;
	va_start(args, fmt);
	log_line("debug: ", fmt, args);
	va_end(args);
}
