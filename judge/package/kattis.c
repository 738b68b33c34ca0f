#include "judge/package/package.h"
void kattis_read(struct package *pkg) { package_unsupported(pkg, "problem.yaml", 0, "soon"); }
