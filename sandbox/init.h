/*
 * init.h - process 1 of a cell: mounts, kills, hears of forbidden calls; its threads start the
 * runs (starter.h)
 */
#ifndef SANDBOX_INIT_H
#define SANDBOX_INIT_H

#include <sys/types.h>

#include "sandbox/box.h"
#include "sandbox/inside.h"

#define NAMESPACES	6

struct namespaces {
	ino_t v[NAMESPACES];
};

/** namespaces_read() - the numbers of the caller's */
int namespaces_read(struct namespaces *ret);

/**
 * init_main() - what the first process in a cell's fresh namespaces does; never returns
 * @outside:	those of who made it: none of them may be ours
 * @sock:	to judgefs-box; when it closes the cell ends
 * @state:	on a page that is shared with judgefs-box
 */
_Noreturn void init_main(const struct box_settings *settings, const struct namespaces *outside,
			 uid_t uid, int sock, struct inside_state *state);

#endif
