/*
 * attack: terminal codes in the file's name that errors begin with
 * problem: hidden
 * expect: Compile error
 */
#line 1 "\033[2J\033]0;mine\a\r\nAccepted\n"
int main(void) { return x; }
