/*
 * ops.h - FUSE requests: decode, ask the tree, reply exactly once
 */
#ifndef FS_OPS_H
#define FS_OPS_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

extern const struct fuse_lowlevel_ops serve_ops;	/* userdata: struct fs * */

#endif
