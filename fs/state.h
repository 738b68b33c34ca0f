/*
 * state.h - the folder STATE as the supervisor finds, makes and locks it
 *
 *	r = state_open("/var/lib/judgefs", &fd, &diag);
 *	r = state_lock(fd, 10 * 1000000, &diag);	from here on no second judge
 *	r = state_tree(fd, judge, worker, &diag);
 *	...
 *	r = state_note_mount(fd, mount, &diag); ... r = state_note_pid(fd, &diag);
 *	...
 *	state_forget(fd);
 *
 * Only the supervisor, as root, uses this; the layout is in docs/ARCHITECTURE.md.
 */
#ifndef FS_STATE_H
#define FS_STATE_H

#include <sys/types.h>

#include "base/base.h"
#include "base/strv.h"

struct account {
	uid_t uid;
	gid_t gid;
};

/** state_account() - a system user by name; -EINVAL with how to make it, also for root */
int state_account(const char *name, struct account *ret, struct diag *diag);

/**
 * state_open() - open STATE, making it (0755) when it is missing
 * @create:	false: -ENOENT then
 * Refuses (-EPERM) a folder that is not root's or that others can write to:
 * who can place judge.ini there is root.
 * Return: a descriptor through *ret; 0 or -errno.
 */
int state_open(const char *path, bool create, int *ret, struct diag *diag);

/**
 * state_lock() - take STATE for this judge
 * The lock is on the open file description of @fd and of those who inherit it: it is free
 * when the last process of a judge is gone, not before. Waits so long for the children of
 * one that was killed.
 * Return: 0; -EINVAL and the other's pid in @diag.
 */
int state_lock(int fd, int64_t wait_us, struct diag *diag);

/** state_tree() - make the folders that are missing, and set owners and modes of ours */
int state_tree(int fd, struct account judge, struct account worker, struct diag *diag);

/** state_bind_prepared() - for the boxes: what is prepared in STATE, by its path; 0 or -ENOMEM */
int state_bind_prepared(const char *path, struct strv *binds);

/** state_languages() - languages.d as it came with us, when STATE has none */
int state_languages(int fd, struct diag *diag);

/**
 * state_listen() - the socket run/sched, new; owner @judge, also for the group of @worker
 */
int state_listen(int fd, struct account judge, struct account worker, int *ret,
		 struct diag *diag);

/** state_note_mount() - write run/mount; state_note_pid() - run/judgefs.pid: the judge is up */
int state_note_mount(int fd, const char *mount, struct diag *diag);
int state_note_pid(int fd, struct diag *diag);

/** state_noted_pid() - of the judge that has or had STATE; 0 when there is none */
pid_t state_noted_pid(int fd);
/** state_noted_mount() - where it is mounted; free() it; -ENOENT */
int state_noted_mount(int fd, char **ret);
int state_note_host(int fd, const char *text, struct diag *diag);	/* for health.txt */
void state_forget(int fd);			/* removes what is in run/ */

#endif
