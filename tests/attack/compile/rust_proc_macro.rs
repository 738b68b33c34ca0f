/*
 * attack: code of one's own in the compiler, as a procedural macro
 * problem: hidden
 * expect: Compile error | Runtime error
 */
#![crate_type = "proc-macro"]
extern crate proc_macro;
#[proc_macro]
pub fn run(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    std::fs::read_to_string("/etc/passwd").unwrap().parse().unwrap()
}
