/*
 * supervise.h - the programs of a judge: started, started again, ended in order
 *
 *	                     STATE   /dev/fuse   handle page   socket   box   runs as
 *	judgefs-sched          x                                 x             user
 *	judgefs-serve          x         x            x                        user
 *	judgefs-publish        x       (path)                                  root, then user
 *	judgefs-worker i       x                                         x     worker user
 *	judgefs-prepare        x                                         x     worker user; it ends
 *	judgefs-box i                                                    x     root
 *
 * Descriptors that must outlive a program are kept here and handed to the next
 * one: so a dead judgefs-serve costs its clients a wait and nothing else.
 */
#ifndef FS_SUPERVISE_H
#define FS_SUPERVISE_H

#include "base/base.h"
#include "fs/state.h"
#include "judge/settings.h"

struct judge {
	char *state;			/* absolute */
	int statefd;			/* locked; every program gets it, and with it the lock */
	int hold;			/* box_hold() of settings.cgroup */
	const char *mount;		/* absolute; mountpoint_check() was content */
	unsigned long mount_flags;	/* MS_RDONLY, MS_NOATIME, ... */
	struct settings settings;	/* read again on SIGHUP */
	struct account user, worker;
	void (*ready)(void *ctx);	/* called once, when the mount answers and workers are there */
	void *ctx;
};

/**
 * supervise() - mount, start everything, and keep it up until SIGTERM or SIGINT
 *
 * SIGHUP reads judge.ini again: sched is told, serve and idle pairs of box and
 * worker are started anew. A program that dies is started again, at once the first
 * time, then more and more slowly; when sched, serve or the publisher die too often in a
 * row, the judge gives up. judgefs-prepare runs once the judge is up, at a low priority, and
 * again after SIGHUP. A program that dies before the judge is ready ends it as well.
 *
 * On return nothing is left: no process, mount, group, socket or pid file.
 *
 * Return: 0 after a signal; -EINVAL or -errno with @diag when it could not start or gave up.
 */
int supervise(struct judge *j, struct diag *diag);

#endif
