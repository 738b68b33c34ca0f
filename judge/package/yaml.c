/*
 * yaml.c - libyaml's document as a tree of our own
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "judge/package/yaml.h"

#define MAX_NODES	10000		/* aliases of aliases grow without an end */
#define MAX_DEPTH	64

struct growing {
	yaml_document_t *doc;
	const char *file;
	struct diag *diag;
	size_t nodes;
	int depth;
};

static void release(struct ynode *n)
{
	for (size_t i = 0; i < n->n; i++)
		release(&n->v[i]);
	free(n->v);
	free(n->key);
	free(n->text);
}

void ynode_free(struct ynode *root)
{
	if (!root)
		return;
	release(root);
	free(root);
}

static int line_of(const yaml_node_t *n)
{
	return (int)n->start_mark.line + 1;
}

static bool is_null(const yaml_node_t *n)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp((const char *)n->data.scalar.value, words[i]) == 0)
			return true;
	return false;
}

static int grow(struct growing *g, const yaml_node_t *from, struct ynode *ret);

static int grow_scalar(struct growing *g, const yaml_node_t *from, struct ynode *ret)
{
	const char *text = (const char *)from->data.scalar.value;

	if (strlen(text) != from->data.scalar.length)
		return diag_fail(g->diag, -EINVAL, "%s:%d: a NUL byte in a text", g->file, ret->line);
	ret->kind = is_null(from) ? YNODE_NULL : YNODE_TEXT;
	ret->text = strdup(text);
	return ret->text ? 0 : -ENOMEM;
}

static int grow_list(struct growing *g, const yaml_node_t *from, struct ynode *ret)
{
	yaml_node_item_t *start = from->data.sequence.items.start;
	size_t n = from->data.sequence.items.top - start;
	int r = 0;

	ret->kind = YNODE_LIST;
	ret->v = calloc(n ? n : 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (; ret->n < n && r == 0; ret->n++)
		r = grow(g, yaml_document_get_node(g->doc, start[ret->n]), &ret->v[ret->n]);
	return r;
}

static int grow_pair(struct growing *g, const yaml_node_pair_t *pair, struct ynode *map)
{
	const yaml_node_t *key = yaml_document_get_node(g->doc, pair->key);
	struct ynode *n = &map->v[map->n++];

	if (key->type != YAML_SCALAR_NODE)
		return diag_fail(g->diag, -EINVAL, "%s:%d: a key is not a text", g->file, line_of(key));
	n->key = strdup((const char *)key->data.scalar.value);
	if (!n->key)
		return -ENOMEM;
	for (size_t i = 0; i + 1 < map->n; i++)
		if (strcmp(map->v[i].key, n->key) == 0)
			return diag_fail(g->diag, -EINVAL, "%s:%d: '%s' stands here twice", g->file,
					 line_of(key), n->key);
	return grow(g, yaml_document_get_node(g->doc, pair->value), n);
}

static int grow_map(struct growing *g, const yaml_node_t *from, struct ynode *ret)
{
	yaml_node_pair_t *start = from->data.mapping.pairs.start;
	size_t n = from->data.mapping.pairs.top - start;
	int r = 0;

	ret->kind = YNODE_MAP;
	ret->v = calloc(n ? n : 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		r = grow_pair(g, &start[i], ret);
	return r;
}

static int grow(struct growing *g, const yaml_node_t *from, struct ynode *ret)
{
	int r;

	ret->line = line_of(from);
	if (++g->nodes > MAX_NODES || ++g->depth > MAX_DEPTH)
		return diag_fail(g->diag, -EINVAL, "%s:%d: too much or too deep", g->file, ret->line);
	r = from->type == YAML_SEQUENCE_NODE ? grow_list(g, from, ret) :
	    from->type == YAML_MAPPING_NODE ? grow_map(g, from, ret) : grow_scalar(g, from, ret);
	g->depth--;
	return r;
}

static int parse_fault(const yaml_parser_t *p, const char *text, size_t len, const char *file,
		       struct diag *diag)
{
	int line = (int)p->problem_mark.line + 1;

	if (p->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (p->error == YAML_READER_ERROR) {
		line = 1;
		for (size_t i = 0; i < p->problem_offset && i < len; i++)
			line += text[i] == '\n';
	}
	return diag_fail(diag, -EINVAL, "%s:%d: not YAML: %s%s%s", file, line,
			 p->problem ? p->problem : "broken", p->context ? " " : "",
			 p->context ? p->context : "");
}

int yaml_tree(const char *text, size_t len, const char *file, struct ynode **ret,
	      struct diag *diag)
{
	struct ynode *root = calloc(1, sizeof(*root));
	yaml_document_t doc;
	yaml_parser_t parser;
	struct growing g = { .doc = &doc, .file = file, .diag = diag };
	yaml_node_t *top;
	int r = 0;

	if (!root || !yaml_parser_initialize(&parser)) {
		free(root);
		return -ENOMEM;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &doc)) {
		r = parse_fault(&parser, text, len, file, diag);
	} else {
		top = yaml_document_get_root_node(&doc);
		if (top)
			r = grow(&g, top, root);
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
	if (r < 0) {
		ynode_free(root);
		return r;
	}
	*ret = root;
	return 0;
}

const struct ynode *ynode_get(const struct ynode *map, const char *key)
{
	if (!map || map->kind != YNODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (strcmp(map->v[i].key, key) == 0)
			return map->v[i].kind == YNODE_NULL ? NULL : &map->v[i];
	return NULL;
}

const char *ynode_kind_name(enum ynode_kind kind)
{
	static const char *const names[] = {
		[YNODE_NULL] = "nothing", [YNODE_TEXT] = "a text", [YNODE_LIST] = "a list",
		[YNODE_MAP] = "a map",
	};

	return names[kind];
}

bool ynode_words(const struct ynode *n, struct strv *ret)
{
	if (n->kind == YNODE_TEXT)
		return strv_split(ret, n->text) == 0;
	if (n->kind != YNODE_LIST)
		return n->kind == YNODE_NULL;
	for (size_t i = 0; i < n->n; i++)
		if (n->v[i].kind != YNODE_TEXT || strv_add(ret, n->v[i].text) < 0)
			return false;
	return true;
}
