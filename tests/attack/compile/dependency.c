/*
 * attack: ask the preprocessor for ages of files
 * problem: hidden
 * expect: Compile error
 */
#pragma GCC dependency "@SECRET@" it is there
#pragma GCC dependency "/etc/shadow" it is there
int main(void) { return 0; }
