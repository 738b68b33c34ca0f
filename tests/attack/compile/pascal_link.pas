(*
 * attack: link an object by its path
 * problem: hidden
 * expect: Compile error
*)
program a;
{$L /etc/shadow}
{$LINKLIB /tmp/x}
procedure f; external;
begin
  f;
end.
