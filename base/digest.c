#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

static void digest_hex(const unsigned char *bytes, struct digest *ret)
{
	for (int i = 0; i < 32; i++)
		snprintf(ret->hex + 2 * i, 3, "%02x", bytes[i]);
}

int digest_fd(int fd, struct digest *ret, int64_t *ret_size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char chunk[65536], bytes[EVP_MAX_MD_SIZE];
	int64_t at = 0;
	ssize_t n = 0;
	int r = -ENOMEM;

	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
		goto out;
	while ((n = pread(fd, chunk, sizeof(chunk), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -errno : -EIO;
		if (n < 0 || !EVP_DigestUpdate(ctx, chunk, n))
			goto out;
		at += n;
	}
	r = -EIO;
	if (!EVP_DigestFinal_ex(ctx, bytes, NULL))
		goto out;
	digest_hex(bytes, ret);
	if (ret_size)
		*ret_size = at;
	r = 0;
out:
	EVP_MD_CTX_free(ctx);
	return r;
}

int digest_data(const void *data, size_t len, struct digest *ret)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];

	if (!EVP_Digest(data, len, bytes, NULL, EVP_sha256(), NULL))
		return -ENOMEM;
	digest_hex(bytes, ret);
	return 0;
}

bool digest_valid(const char *hex)
{
	return strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}
