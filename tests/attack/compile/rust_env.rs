/*
 * attack: the compiler's environment in the program
 * problem: hidden
 * expect: Wrong answer | Compile error
 */
fn main() { println!("{:?}{:?}{:?}", option_env!("LD_PRELOAD"), option_env!("SUDO_USER"), option_env!("SECRET")); }
