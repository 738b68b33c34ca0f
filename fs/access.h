/*
 * access.h - who comes by, whose place it is, and what is refused there
 *
 * The kernel has checked modes already (default_permissions); here is what
 * modes can not say, as the errno that the student's program prints.
 */
#ifndef FS_ACCESS_H
#define FS_ACCESS_H

#include "fs/fs.h"

/* All that hangs on a place. */
struct where {
	struct place_row place;
	struct user_row user;
	struct problem_row problem;
};

int access_where(struct fs *fs, int64_t place, struct where *ret);

/** access_user() - the caller's row, made when the first comes by
 * A uid without passwd entry, or whose name is another's, is called by its digits.
 */
int access_user(struct fs *fs, uid_t uid, struct user_row *ret);

/** access_may_be() - is this what access_user() would call the uid? */
bool access_may_be(uid_t uid, const char *name);

/** access_gid() - the primary group of a uid, the number of the uid without passwd entry */
gid_t access_gid(uid_t uid);

/**
 * access_change() - may this user change something in this place now?
 * Return: 0; -EACCES not the owner's, or not open yet; -EROFS closed or removed.
 */
int access_change(const struct where *w, uid_t uid);

/** access_server() - is it an NFS server, whose open handles say nothing? */
bool access_server(pid_t pid);

#endif
