/*
 * root.h - the root directory of a new mount namespace
 */
#ifndef BASE_ROOT_H
#define BASE_ROOT_H

#include "base.h"

/**
 * root_private() - after unshare(CLONE_NEWNS): nothing done to mounts is seen outside
 *
 * In a chroot "/" is no mount point, which pivot_root(2) wants as well: there the chroot
 * becomes the root of the namespace first, and what is outside of it is gone. The working
 * directory is "/" then. Needs /proc, CAP_SYS_ADMIN and CAP_SYS_CHROOT.
 */
int root_private(struct diag *diag);

#endif
