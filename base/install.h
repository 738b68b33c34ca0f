/*
 * install.h - where our own files are, installed or in the folder of a build
 *
 * Looked for from the folder of the running program, so that a build runs
 * without being installed and an installed tree may be moved.
 */
#ifndef BASE_INSTALL_H
#define BASE_INSTALL_H

#include "base.h"

/**
 * install_program() - path of one of our programs: "judgefs-box"
 * Beside the running program, in ../libexec/judgefs, in PREFIX/libexec/judgefs.
 * Return: 0 and free() it; -ENOENT.
 */
int install_program(const char *name, char **ret, struct diag *diag);

/**
 * install_data() - path of data that came with us: "languages.d", "problems"
 * examples/NAME of a build, ../share/judgefs/NAME, PREFIX/share/judgefs/NAME.
 */
int install_data(const char *name, char **ret, struct diag *diag);

#endif
