/*
 * attack: rename main, for graders that are included
 * problem: aplusb
 * expect: Compile error
 */
#define main grader_main
#include <stdio.h>
int main(void) { puts("3"); return 0; }
