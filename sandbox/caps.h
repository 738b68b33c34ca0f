/*
 * caps.h - what is left of root
 */
#ifndef SANDBOX_CAPS_H
#define SANDBOX_CAPS_H

/**
 * caps_trim() - of a cell's init: keep what it needs to start and end runs
 * Its bounding set is emptied: no program that it executes can gain one back.
 */
int caps_trim(void);

/** caps_drop() - of the run: none at all; async-signal-safe */
int caps_drop(void);

#endif
