/*
 * compile_cache.c - what was compiled, by content
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "judge/compile_layout.h"

#define CACHE_ENTRIES	512
#define CACHE_FDS	512

/* ------------------------------------------------------------- the key */

static void key_words(struct buf *b, const char *what, const struct strv *words)
{
	buf_printf(b, "%s %zu\n", what, words->n);
	for (size_t i = 0; i < words->n; i++)
		buf_printf(b, "%s\n", words->v[i]);
}

static void key_sources(struct buf *b, const char *what, const struct source *s, size_t n,
			bool named)
{
	buf_printf(b, "%s %zu\n", what, n);
	for (size_t i = 0; i < n; i++) {
		const char *name = named ? s[i].name : "";

		buf_printf(b, "%s %zu %s\n", s[i].blob.digest.hex, strlen(name), name);
	}
}

/* One file has the name that the language gives it, whatever its author called it. */
static bool named_by_lang(const struct recipe *recipe)
{
	return recipe->program->nsources == 1 && recipe->nincludes == 0 &&
	       recipe->program->lang->source[0] != '\0';
}

int compile_key(const struct recipe *recipe, struct digest *ret)
{
	const struct program *program = recipe->program;
	const struct limits *limits = recipe->limits;
	const struct lang *lang = program->lang;
	struct buf b = { 0 };
	int r;

	buf_printf(&b, "%s\n%s\n%s\n%s\n%s\n", lang->id, lang->version ? lang->version : "",
		   lang->identity ? lang->identity : "", lang->source, lang->exe);
	key_words(&b, "suffixes", &lang->suffixes);
	key_words(&b, "aliases", &lang->aliases);
	key_words(&b, "compile", &lang->compile);
	key_words(&b, "run", &lang->run);
	key_words(&b, "env", &lang->env);
	key_words(&b, "out-of-memory", &lang->out_of_memory);
	buf_printf(&b, "limits %lld %lld %lld\n", (long long)limits->compile_time_us,
		   (long long)limits->compile_memory_bytes, (long long)lang->memory_extra_bytes);
	key_sources(&b, "sources", program->sources, program->nsources, !named_by_lang(recipe));
	key_sources(&b, "includes", recipe->includes, recipe->nincludes, true);
	r = b.failed ? -ENOMEM : digest_data(b.data, b.len, ret);
	buf_release(&b);
	return r;
}

/* ------------------------------------------------------------- the cache */

struct entry {
	struct digest key;
	struct compiled *compiled;
	uint64_t used;			/* by the cache's own clock */
};

struct compile_cache {
	struct entry entries[CACHE_ENTRIES];
	size_t n, fds;
	int64_t bytes, max_bytes;
	uint64_t clock;
};

int compile_cache_new(int64_t max_bytes, struct compile_cache **ret)
{
	struct compile_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->max_bytes = max_bytes;
	*ret = cache;
	return 0;
}

static size_t compiled_fds(const struct compiled *c)
{
	return c->nfiles + (c->exe_fd >= 0);
}

static void cache_remove(struct compile_cache *cache, size_t i)
{
	struct compiled *c = cache->entries[i].compiled;

	cache->bytes -= c->bytes;
	cache->fds -= compiled_fds(c);
	compiled_put(c);
	cache->entries[i] = cache->entries[--cache->n];
}

static void cache_remove_oldest(struct compile_cache *cache)
{
	size_t oldest = 0;

	for (size_t i = 1; i < cache->n; i++)
		if (cache->entries[i].used < cache->entries[oldest].used)
			oldest = i;
	cache_remove(cache, oldest);
}

static struct entry *cache_entry(struct compile_cache *cache, const struct digest *key)
{
	for (size_t i = 0; i < cache->n; i++)
		if (strcmp(cache->entries[i].key.hex, key->hex) == 0)
			return &cache->entries[i];
	return NULL;
}

struct compiled *compile_cache_find(struct compile_cache *cache, const struct digest *key)
{
	struct entry *e = cache_entry(cache, key);

	if (!e)
		return NULL;
	e->used = ++cache->clock;
	return compiled_get(e->compiled);
}

int compile_cache_add(struct compile_cache *cache, const struct digest *key, struct compiled *c)
{
	size_t fds = compiled_fds(c);

	if (c->bytes > cache->max_bytes || fds > CACHE_FDS)
		return -EFBIG;
	if (cache_entry(cache, key))
		return -EEXIST;
	while (cache->n == CACHE_ENTRIES || cache->fds + fds > CACHE_FDS ||
	       cache->bytes + c->bytes > cache->max_bytes)
		cache_remove_oldest(cache);
	cache->entries[cache->n++] = (struct entry){ *key, compiled_get(c), ++cache->clock };
	cache->bytes += c->bytes;
	cache->fds += fds;
	return 0;
}

void compile_cache_free(struct compile_cache *cache)
{
	while (cache && cache->n > 0)
		cache_remove(cache, cache->n - 1);
	free(cache);
}
