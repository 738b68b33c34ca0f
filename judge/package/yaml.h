/*
 * yaml.h - a YAML file as a tree that knows its lines
 *
 *	r = yaml_tree(text, len, "problem.yaml", &root, &diag);
 *	limits = ynode_get(root, "limits");
 *	ynode_free(root);
 *
 * Every scalar is text as it stands there, but for the plain null. Keys are text
 * and stand once in a map. Aliases are copied, up to a bound on the whole tree.
 */
#ifndef JUDGE_PACKAGE_YAML_H
#define JUDGE_PACKAGE_YAML_H

#include "base/base.h"
#include "base/strv.h"

enum ynode_kind { YNODE_NULL, YNODE_TEXT, YNODE_LIST, YNODE_MAP };

struct ynode {
	enum ynode_kind kind;
	int line;
	char *key;			/* in a map */
	char *text;
	struct ynode *v;		/* of a list or map */
	size_t n;
};

/** yaml_tree() - the first document; an empty one is YNODE_NULL
 * Return: 0; -EINVAL with "FILE:LINE: " in diag; -ENOMEM.
 */
int yaml_tree(const char *text, size_t len, const char *file, struct ynode **ret,
	      struct diag *diag);
void ynode_free(struct ynode *root);		/* accepts NULL */

/** ynode_get() - a key of a map; NULL when it is none, has it not, or it is null */
const struct ynode *ynode_get(const struct ynode *map, const char *key);

/** ynode_kind_name() - "a text", "a list", ... for messages */
const char *ynode_kind_name(enum ynode_kind kind);

/** ynode_words() - a list of texts as it is, or a text split into words; false for others */
bool ynode_words(const struct ynode *n, struct strv *ret);

#endif
