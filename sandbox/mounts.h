/*
 * mounts.h - what the cell can see
 */
#ifndef SANDBOX_MOUNTS_H
#define SANDBOX_MOUNTS_H

#include <sys/types.h>

#include "base/base.h"
#include "base/strv.h"

/**
 * mounts_build() - by the cell's init, in its own fresh namespaces: a new root
 * @binds:	paths of the host (patterns as for glob(3)), seen read-only, without devices and
 *		set-uid; links are made again as links; what is missing is left out. FROM:TO is
 *		seen under another name.
 * @scratch:	mount descriptor of the first scratch space
 * @ret_proc:	a /proc of the cell that can be written to, attached nowhere
 *
 * Afterwards the host's tree is gone from this namespace.
 */
int mounts_build(const struct strv *binds, int scratch, uid_t uid, int *ret_proc,
		 struct diag *diag);

/** mounts_scratch() - take away the scratch space that is mounted and mount this one */
int mounts_scratch(int scratch, struct diag *diag);

#endif
