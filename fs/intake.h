/*
 * intake.h - from bytes in sub/ to submissions
 *
 * Keeps for each file with open handles or something pending its struct upload
 * (upload.h), and runs the thread whose timers make complete files into
 * submissions. All of it can be rebuilt from the store and the handle page.
 */
#ifndef FS_INTAKE_H
#define FS_INTAKE_H

#include "base/base.h"
#include "fs/upload.h"

struct fs;
struct file_row;
struct intake;

int intake_new(struct intake **ret);
void intake_free(struct intake *in);		/* accepts NULL; ends the thread */

/**
 * intake_start() - take up what a server before us left, then start the thread
 * The handle page says which handles are still open.
 */
int intake_start(struct fs *fs, struct diag *diag);

/**
 * intake_event() - something happened to a file; what it asks for is done
 * @row:	the file; its state is brought up to date
 * @error:	of UPLOAD_FAILED
 *
 * The caller holds the file's lock. When this fails nothing has happened.
 *
 * Return: 0; of UPLOAD_SYNCED and others that accept: 0 only when all is on the disk;
 * the errno of a refused write, again.
 */
int intake_event(struct fs *fs, struct file_row *row, enum upload_what what, bool server,
		 int64_t size, int error);

/** intake_handle() - a handle of the file was opened (1) or closed (-1) */
int intake_handle(struct fs *fs, int64_t file, int step);

/** intake_idle() - no local writer, nothing accepted or written that waits for its turn */
bool intake_idle(struct fs *fs, int64_t file);

/**
 * intake_settle() - accepted and closed, only its turn has not come: submit it now
 * Before it is renamed, removed, or written by the next. The caller holds the lock.
 */
int intake_settle(struct fs *fs, struct file_row *row);

/** intake_forget() - the file is gone: its spool too, when nobody has it open. Locked. */
void intake_forget(struct fs *fs, const struct file_row *row);

/* The working copy in STATE/spool. */
int spool_open(struct fs *fs, int64_t file, int flags);		/* descriptor or -errno */
struct stat;
int spool_stat(struct fs *fs, int64_t file, struct stat *ret);

#endif
