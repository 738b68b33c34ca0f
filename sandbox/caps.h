/*
 * caps.h - what is left of root
 */
#ifndef SANDBOX_CAPS_H
#define SANDBOX_CAPS_H

#include "base/base.h"

/**
 * caps_trim() - of a cell's init: keep what it needs to start and end runs
 * Its bounding set is emptied: no program that it executes can gain one back.
 * Return: 0; -EPERM when one that it can not do without is not there.
 */
int caps_trim(void);

/** caps_drop() - of the run: none at all; async-signal-safe */
int caps_drop(void);

/** caps_missing() - which a judge can not do without we lack: "CAP_KILL CAP_CHOWN"; Return: any? */
bool caps_missing(char *ret, size_t size);

#endif
