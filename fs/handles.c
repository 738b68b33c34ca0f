#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/handles.h"

#define PAGE_MAGIC	UINT64_C(0x3230736c646e616a)	/* "jandls02" */

struct slot {
	_Atomic uint32_t generation;	/* odd: open */
	struct handle handle;
};

struct page {
	_Atomic uint64_t magic;
	_Atomic uint64_t init_len;	/* set last */
	unsigned char init[HANDLES_INIT];
	struct {
		_Atomic uint64_t request;	/* set last, cleared first; 0: none */
		_Atomic uint64_t last;		/* stays */
		uint64_t node, fh;
	} taken[HANDLES_THREADS];
	struct slot slots[HANDLES_SLOTS];
};

struct handles {
	struct page *page;
	pthread_mutex_t lock;
	uint32_t free[HANDLES_SLOTS];	/* a stack of free slots */
	size_t nfree;
};

static bool slot_open(const struct slot *s)
{
	return atomic_load(&s->generation) & 1;
}

/* What a server that died in its first moment left is begun once more. */
static int page_begin(struct page *p, struct diag *diag)
{
	uint64_t magic = atomic_load(&p->magic);

	if (magic == 0)
		atomic_store(&p->magic, PAGE_MAGIC);
	else if (magic != PAGE_MAGIC)
		return diag_fail(diag, -EBADMSG, "handle page: of another version of judgefs");
	return 0;
}

int handles_open(int fd, struct handles **ret, struct diag *diag)
{
	struct handles *h = NULL;
	struct stat st;
	void *at;
	int r;

	if (fstat(fd, &st) < 0)
		return diag_fail(diag, -errno, "handle page");
	if (st.st_size != 0 && st.st_size != sizeof(struct page))
		return diag_fail(diag, -EBADMSG, "handle page: of another version of judgefs");
	if (st.st_size == 0 && ftruncate(fd, sizeof(struct page)) < 0)
		return diag_fail(diag, -errno, "size the handle page");
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return -ENOMEM;
	pthread_mutex_init(&h->lock, NULL);
	at = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED) {
		r = diag_fail(diag, -errno, "map the handle page");
		goto out;
	}
	h->page = at;
	r = page_begin(h->page, diag);
	if (r < 0)
		goto out;
	for (uint32_t i = HANDLES_SLOTS; i-- > 0;)
		if (!slot_open(&h->page->slots[i]))
			h->free[h->nfree++] = i;
	*ret = h;
	h = NULL;		/* transferred */
out:
	handles_close(h);
	return r;
}

void handles_close(struct handles *h)
{
	if (h == NULL)
		return;
	if (h->page != NULL)
		munmap(h->page, sizeof(struct page));
	pthread_mutex_destroy(&h->lock);
	free(h);
}

size_t handles_init_request(const struct handles *h, const void **ret)
{
	*ret = h->page->init;
	return atomic_load(&h->page->init_len);
}

int handles_keep_init(struct handles *h, const void *request, size_t len)
{
	if (len > HANDLES_INIT)
		return -E2BIG;
	memcpy(h->page->init, request, len);
	atomic_store(&h->page->init_len, len);
	return 0;
}

void handles_begin(struct handles *h, int thread, const struct taken *t)
{
	h->page->taken[thread].node = t->node;
	h->page->taken[thread].fh = t->fh;
	atomic_store(&h->page->taken[thread].last, t->request);
	atomic_store(&h->page->taken[thread].request, t->request);
}

void handles_end(struct handles *h, int thread)
{
	atomic_store(&h->page->taken[thread].request, 0);
}

size_t handles_orphans(struct handles *h, struct taken ret[HANDLES_THREADS])
{
	size_t n = 0;

	for (int i = 0; i < HANDLES_THREADS; i++) {
		uint64_t request = atomic_exchange(&h->page->taken[i].request, 0);

		if (request != 0)
			ret[n++] = (struct taken){ request, h->page->taken[i].node,
						   h->page->taken[i].fh };
	}
	return n;
}

uint64_t handles_newest(const struct handles *h)
{
	uint64_t newest = 0;

	for (int i = 0; i < HANDLES_THREADS; i++) {
		uint64_t last = atomic_load(&h->page->taken[i].last);

		newest = last > newest ? last : newest;
	}
	return newest;
}

/* ------------------------------------------------------------- slots */

static uint64_t make_fh(const struct handles *h, uint32_t i)
{
	return (uint64_t)atomic_load(&h->page->slots[i].generation) << 32 | i;
}

static struct slot *find(struct handles *h, uint64_t fh)
{
	uint32_t i = (uint32_t)fh;
	struct slot *s;

	if (i >= HANDLES_SLOTS)
		return NULL;
	s = &h->page->slots[i];
	return slot_open(s) && atomic_load(&s->generation) == fh >> 32 ? s : NULL;
}

static bool find_request(struct handles *h, const struct handle *want, uint64_t *ret_fh)
{
	for (uint32_t i = 0; i < HANDLES_SLOTS; i++) {
		const struct slot *s = &h->page->slots[i];

		if (slot_open(s) && s->handle.request == want->request &&
		    s->handle.node == want->node) {
			*ret_fh = make_fh(h, i);
			return true;
		}
	}
	return false;
}

static size_t held_by(const struct handles *h, uint32_t uid)
{
	size_t n = 0;

	for (uint32_t i = 0; i < HANDLES_SLOTS; i++)
		n += slot_open(&h->page->slots[i]) && h->page->slots[i].handle.uid == uid;
	return n;
}

/* Nobody may hold more than their share, nor than what is free: so there is some for the next. */
static int may_take(const struct handles *h, const struct handle *want)
{
	size_t room = want->flags & HANDLE_JUDGE ? h->nfree :
		      h->nfree > HANDLES_KEPT ? h->nfree - HANDLES_KEPT : 0;
	size_t most = room < HANDLES_USER ? room : HANDLES_USER;

	if (room == 0)
		return -ENFILE;
	if (want->flags & HANDLE_JUDGE || HANDLES_SLOTS - h->nfree < most)
		return 0;
	return held_by(h, want->uid) < most ? 0 : -EMFILE;
}

static int take(struct handles *h, const struct handle *want, uint64_t *ret_fh)
{
	struct slot *s;
	uint32_t i;
	int r;

	r = may_take(h, want);
	if (r < 0)
		return r;
	i = h->free[--h->nfree];
	s = &h->page->slots[i];
	s->handle = *want;
	atomic_fetch_add(&s->generation, 1);
	*ret_fh = make_fh(h, i);
	return 0;
}

int handles_take(struct handles *h, const struct handle *want, bool again, uint64_t *ret_fh,
		 bool *ret_again)
{
	int r = 0;

	pthread_mutex_lock(&h->lock);
	*ret_again = again && find_request(h, want, ret_fh);
	if (!*ret_again)
		r = take(h, want, ret_fh);
	pthread_mutex_unlock(&h->lock);
	return r;
}

/* The open slot of @fh under the lock; NULL, without it, when it is not open. */
static struct slot *hold(struct handles *h, uint64_t fh)
{
	struct slot *s;

	pthread_mutex_lock(&h->lock);
	s = find(h, fh);
	if (s == NULL)
		pthread_mutex_unlock(&h->lock);
	return s;
}

static int let_go(struct handles *h)
{
	pthread_mutex_unlock(&h->lock);
	return 0;
}

int handles_get(struct handles *h, uint64_t fh, struct handle *ret)
{
	const struct slot *s = hold(h, fh);

	if (s == NULL)
		return -EBADF;
	*ret = s->handle;
	return let_go(h);
}

int handles_sure(struct handles *h, uint64_t fh)
{
	struct slot *s = hold(h, fh);

	if (s == NULL)
		return -EBADF;
	s->handle.flags |= HANDLE_SURE;
	return let_go(h);
}

int handles_failed(struct handles *h, uint64_t fh, int error)
{
	struct slot *s = hold(h, fh);

	if (s == NULL)
		return -EBADF;
	s->handle.error = error;
	return let_go(h);
}

int handles_write_for(struct handles *h, uint64_t fh, uint64_t submission)
{
	struct slot *s = hold(h, fh);

	if (s == NULL)
		return -EBADF;
	s->handle.submission = submission;
	return let_go(h);
}

void handles_drop(struct handles *h, uint64_t fh)
{
	struct slot *s = hold(h, fh);

	if (s == NULL)
		return;
	atomic_fetch_add(&s->generation, 1);
	h->free[h->nfree++] = (uint32_t)fh;
	let_go(h);
}

void handles_each(struct handles *h, void (*fn)(void *ctx, uint64_t fh, const struct handle *hd),
		  void *ctx)
{
	for (uint32_t i = 0; i < HANDLES_SLOTS; i++)
		if (slot_open(&h->page->slots[i]))
			fn(ctx, make_fh(h, i), &h->page->slots[i].handle);
}
