/*
 * ids.h - a uid, held by one cell at a time; box_hold() is here too
 *
 * Equal uids share counters of the kernel even across cells. So a cell holds a lock on its
 * uid, whatever judge it belongs to.
 */
#ifndef SANDBOX_IDS_H
#define SANDBOX_IDS_H

#include <sys/types.h>

#include "base/base.h"

#define IDS_DIR		"/run/judgefs-box"

/** ids_hold() - Return: a descriptor to keep; -EBUSY when another cell has this uid */
int ids_hold(uid_t uid, struct diag *diag);
void ids_release(int fd, uid_t uid);		/* accepts -1 */

#endif
