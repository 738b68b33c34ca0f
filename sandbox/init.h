/*
 * init.h - process 1 of a cell: starts each run, ends it, reaps everything
 */
#ifndef SANDBOX_INIT_H
#define SANDBOX_INIT_H

#include "sandbox/box.h"
#include "sandbox/inside.h"

/* How a run ended, as DONE has it. */
enum init_end { INIT_EXITED, INIT_SIGNALED, INIT_NOT_EXECUTED, INIT_BROKEN };

/**
 * init_main() - what the first process in a cell's fresh namespaces does; never returns
 * @sock:	to judgefs-box; when it closes the cell ends
 * @scratch:	mount descriptor of the first scratch space
 * @state:	on a page that is shared with judgefs-box
 */
_Noreturn void init_main(const struct box_settings *settings, uid_t uid, int sock, int scratch,
			 struct inside_state *state);

#endif
