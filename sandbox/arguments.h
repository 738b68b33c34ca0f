/*
 * arguments.h - what box_spawn() tells judgefs-box on its command line
 *
 * One table of options for both directions.
 */
#ifndef SANDBOX_ARGUMENTS_H
#define SANDBOX_ARGUMENTS_H

#include "sandbox/box.h"

struct arguments {
	int sock, slot;
	struct box_settings settings;	/* its texts lie in argv; release with arguments_release() */
};

int arguments_write(const struct arguments *a, struct strv *ret);
int arguments_read(int argc, char **argv, struct arguments *ret, struct diag *diag);
void arguments_release(struct arguments *a);

#endif
