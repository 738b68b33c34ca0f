(*
 * attack: include a file of the host
 * problem: hidden
 * expect: Compile error
*)
program a;
{$I @SECRET@}
{$I /etc/shadow}
{$R /etc/shadow}
begin
end.
