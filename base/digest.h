/*
 * digest.h - SHA-256 by nettle, as 64 hexadecimal digits
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/base.h"

struct digest {
	char hex[65];		/* "" = none */
};

int digest_fd(int fd, struct digest *ret, int64_t *ret_size);	/* from offset 0, by pread */
int digest_data(const void *data, size_t len, struct digest *ret);
bool digest_valid(const char *hex);

#endif
