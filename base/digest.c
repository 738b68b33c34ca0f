#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

static void finish(struct sha256_ctx *ctx, struct digest *ret)
{
	uint8_t bytes[SHA256_DIGEST_SIZE];

	sha256_digest(ctx, sizeof(bytes), bytes);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ret->hex + 2 * i, 3, "%02x", bytes[i]);
}

int digest_fd(int fd, struct digest *ret, int64_t *ret_size)
{
	uint8_t chunk[65536];
	struct sha256_ctx ctx;
	int64_t at = 0;
	ssize_t n;

	sha256_init(&ctx);
	while ((n = pread(fd, chunk, sizeof(chunk), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		sha256_update(&ctx, n, chunk);
		at += n;
	}
	finish(&ctx, ret);
	if (ret_size)
		*ret_size = at;
	return 0;
}

int digest_data(const void *data, size_t len, struct digest *ret)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	finish(&ctx, ret);
	return 0;
}

bool digest_valid(const char *hex)
{
	return strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}
