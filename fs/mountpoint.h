/*
 * mountpoint.h - the kernel's side of the mount, as root and without libfuse
 *
 *	r = mountpoint_check("/judge", &path, &diag);
 *	r = mountpoint_open(&fuse, &diag);
 *	r = mountpoint_mount(path, fuse, MS_NOATIME, &diag);
 *	...
 *	r = mountpoint_umount(path, 3 * 1000000);
 *
 * Looking at a mount whose server is away blocks, or for ever: what looks is
 * done in a child with a time limit, and the caller holds nothing of the mount.
 */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include "base/base.h"

#define MOUNTPOINT_TYPE	"fuse.judgefs"

/**
 * mountpoint_check() - may we mount there?
 * A dead judge's mount ("Transport endpoint is not connected") is taken away first.
 * @ret:	absolute path without links; free() it
 * Return: 0; -EINVAL with the reason: no directory, something is mounted there, ...
 */
int mountpoint_check(const char *path, char **ret, struct diag *diag);

/** mountpoint_open() - open /dev/fuse */
int mountpoint_open(int *ret, struct diag *diag);

/**
 * mountpoint_mount() - mount; nosuid and nodev always, other MS_* by @flags
 * With MS_RDONLY only this place is read-only, not the file system: the publisher mounts it
 * for itself writable.
 */
int mountpoint_mount(const char *path, int fuse, unsigned long flags, struct diag *diag);

/**
 * mountpoint_answers() - look at it and list it, in this process: may block
 * Return: 0 or -errno.
 */
int mountpoint_answers(const char *path);

/**
 * mountpoint_umount() - take it away
 * Tried for @wait_us while somebody is in it, then detached: it is gone from the tree, those
 * inside keep it until they leave or the server ends.
 * Return: 0; -errno. May block: call it in a child.
 */
int mountpoint_umount(const char *path, int64_t wait_us);

/** mountpoint_mounted() - is a judge's mount at this (absolute) path? */
bool mountpoint_mounted(const char *path);

#endif
