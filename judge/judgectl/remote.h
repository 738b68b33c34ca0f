/*
 * remote.h - for the verbs that speak with a running judge, or look at its STATE
 */
#ifndef JUDGECTL_REMOTE_H
#define JUDGECTL_REMOTE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/json.h"

/** ctl_state_open() - STATE (NULL: CTL_STATE) as an O_PATH descriptor; Return: it or -errno */
int ctl_state_open(const char *path, struct diag *diag);

/**
 * ctl_ask() - one question, one answer, of STATE's scheduler
 * @ret:	json_decref() it
 * Return: 0; -ENOENT or -ECONNREFUSED when no judge runs; -errno.
 */
int ctl_ask(int statefd, const char *question, json_t **ret, struct diag *diag);

/** ctl_mount() - @given, else where STATE's judge is mounted, else "/judge" */
int ctl_mount(const char *given, const char *state, struct buf *ret);

/**
 * ctl_wait() - wait until the verdict of @path in a sub/ folder is final, and print it
 * @path:	the source, its .verdict or its .result.json
 * @timeout_us:	0: for ever
 * @heading:	print the path before it
 * Return: an exit status; what went wrong is on stderr
 */
int ctl_wait(const char *verb, const char *path, int64_t timeout_us, bool heading);

#endif
