/*
 * streams.h - what a client handed over, made fit to be held by a hostile program
 *
 * A descriptor gives more than it seems to: /proc/self/fd/0 can be opened again for writing
 * when the file's mode allows it, and a memfd's does. So files without a name are opened anew
 * with just the right that is needed, and get a mode to match.
 */
#ifndef SANDBOX_STREAMS_H
#define SANDBOX_STREAMS_H

#include "base/base.h"

/** stream_input() - replace *@fd: readable, also as /dev/stdin, and not writable
 * Keeps its offset. A regular file that the box's uid could not open is copied. -1 stays.
 */
int stream_input(int *fd);

/**
 * stream_output() - replace *@fd: a file without a name becomes writable and not readable
 * O_APPEND is kept: one such file may be both stdout and stderr.
 */
int stream_output(int *fd);

/** stream_program() - *@fd: executable and not writable; else it is copied, and replaced */
int stream_program(int *fd);

#endif
