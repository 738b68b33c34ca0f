/*
 * init.h - process 1 of a cell: mounts, kills, hears of forbidden calls; its threads start the
 * runs (starter.h)
 */
#ifndef SANDBOX_INIT_H
#define SANDBOX_INIT_H

#include "sandbox/box.h"
#include "sandbox/inside.h"

/**
 * init_main() - what the first process in a cell's fresh namespaces does; never returns
 * @sock:	to judgefs-box; when it closes the cell ends
 * @state:	on a page that is shared with judgefs-box
 */
_Noreturn void init_main(const struct box_settings *settings, uid_t uid, int sock,
			 struct inside_state *state);

#endif
