/* reading languages, choosing one for a file, the names that Java wants */
#include "tests/unit/folder.h"

#include "base/strv.h"
#include "judge/lang.h"

#define HEAD "[language]\nsuffixes = x\ntools = true\n"

static struct langs *load(struct folder *f)
{
	struct diag diag = { "" };
	struct langs *ls = NULL;
	int r = langs_load(f->fd, "l", &ls, &diag);

	if (r < 0)
		fail_msg("langs_load: %s", diag.text);
	return ls;
}

static const struct { const char *text, *why; } broken[] = {
	{ "[language]\nsuffixes = x\ntools = a\n", "l/z.ini: [language] needs run" },
	{ HEAD "run = {exe}\nnmae = Z\n", "l/z.ini:5: unknown key 'nmae'" },
	{ HEAD "run = {exe} {file}\n", "l/z.ini:4: run: unknown placeholder in '{file}'" },
	{ HEAD "run = 'x\n", "l/z.ini:4: " },
	{ HEAD "run = x\nenv = A\n", "l/z.ini:5: env: 'A' is not NAME=VALUE" },
	{ HEAD "run = x\nexe = main\n", "l/z.ini: exe needs compile" },
	{ HEAD "run = x\nsource = a/b\n", "l/z.ini:5: source: 'a/b'" },
	{ "[language]\nrun = x\nsuffixes = .x\n", "l/z.ini:3: suffixes: '.x'" },
	{ HEAD "run = x\n[limits]\nprocesses = 0\n", "l/z.ini:6: processes" },
	{ HEAD "run = x\n[limits]\ntime-factor = 0\n", "l/z.ini:6: time-factor" },
	{ HEAD "run = x\n[limits]\nmemory-extra = lots\n", "l/z.ini:6: memory-extra" },
	{ HEAD "run = x\n[lmits]\n a = b\n", "l/z.ini:6: unknown section [lmits]" },
};

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct folder f = folder_new();
		struct langs *ls = NULL;
		struct diag diag = { "" };

		folder_write(&f, "l/z.ini", broken[i].text);
		CHECK_INT(langs_load(f.fd, "l", &ls, &diag), -EINVAL);
		CHECK_HAS(diag.text, broken[i].why);
		CHECK(ls == NULL);
		folder_remove(&f);
	}
}

static void test_same_priority(void **state)
{
	struct folder f = folder_new();
	struct langs *ls = NULL;
	struct diag diag = { "" };

	(void)state;
	folder_write(&f, "l/a.ini", HEAD "run = x\npriority = 3\n");
	folder_write(&f, "l/b.ini", "[language]\nsuffixes = y x\ntools = a\nrun = x\npriority = 3\n");
	CHECK_INT(langs_load(f.fd, "l", &ls, &diag), -EINVAL);
	CHECK_HAS(diag.text, "l/a.ini and l/b.ini: suffix 'x' with the same priority 3");
	folder_write(&f, "l/b.ini", "[language]\nsuffixes = y x\ntools = a\nrun = x\npriority = 4\n");
	CHECK_INT(langs_load(f.fd, "l", &ls, &diag), 0);
	langs_free(ls);
	folder_remove(&f);
}

static void test_none(void **state)
{
	struct folder f = folder_new();
	struct langs *ls = NULL;
	struct diag diag = { "" };

	(void)state;
	CHECK_INT(langs_load(f.fd, "l", &ls, &diag), -ENOENT);
	folder_write(&f, "l/README", "");
	folder_write(&f, "l/.hidden.ini", "junk");
	CHECK_INT(langs_load(f.fd, "l", &ls, &diag), -EINVAL);
	CHECK_HAS(diag.text, "no language");
	folder_write(&f, "l/Bad Name.ini", HEAD "run = x\n");
	CHECK_INT(langs_load(f.fd, "l", &ls, &diag), -EINVAL);
	CHECK_HAS(diag.text, "Bad Name.ini");
	folder_remove(&f);
}

static void test_read_and_copy(void **state)
{
	struct folder f = folder_new();
	struct lang *copy = NULL;
	struct langs *ls;

	(void)state;
	folder_write(&f, "l/java.ini",
		     "[language]\nname = Java\nsuffixes = java jav\nsource = {class}.java\n"
		     "compile = javac {sources}\nexe = *.class\nrun = java -Xmx{memory-mib}m {class}\n"
		     "tools = sh\nenv = A=1 'B=2 3'\nout-of-memory = 'no heap' bad\n"
		     "[limits]\ntime-factor = 1.5\ntime-extra = 100ms\nmemory-extra = 1MiB\n"
		     "processes = 64\ncompile-time = 9s\ncompile-memory = 2MiB\n");
	ls = load(&f);
	CHECK_INT(ls->n, 1);
	CHECK_INT(lang_copy(ls->v[0], &copy), 0);
	langs_free(ls);
	CHECK_TEXT(copy->id, "java");
	CHECK_TEXT(copy->name, "Java");
	CHECK_TEXT(copy->source, "{class}.java");
	CHECK_TEXT(copy->exe, "*.class");
	CHECK_TEXT(copy->suffixes.v[1], "jav");
	CHECK_TEXT(copy->run.v[1], "-Xmx{memory-mib}m");
	CHECK_TEXT(copy->env.v[1], "B=2 3");
	CHECK_TEXT(copy->out_of_memory.v[0], "no heap");
	CHECK(copy->time_factor == 1.5);
	CHECK_INT(copy->time_extra_us, 100000);
	CHECK_INT(copy->memory_extra_bytes, 1 << 20);
	CHECK_INT(copy->processes, 64);
	CHECK_INT(copy->compile_time_us, 9000000);
	CHECK_INT(copy->compile_memory_bytes, 2 << 20);
	CHECK(copy->version == NULL && copy->missing == NULL);
	lang_free(copy);
	folder_remove(&f);
}

static void few_languages(struct folder *f)
{
	static const char *const rows[][4] = {
		{ "c17", "c", "17", "c" },		{ "cpp17", "cpp C", "17", "cpp c++" },
		{ "cpp20", "cpp C", "20", "cpp c++" },	{ "python3", "py", "1", "python" },
	};
	char path[64], text[256];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(path, sizeof(path), "l/%s.ini", rows[i][0]);
		snprintf(text, sizeof(text), "[language]\nsuffixes = %s\npriority = %s\n"
			 "aliases = %s\ntools = true\nrun = x\n", rows[i][1], rows[i][2], rows[i][3]);
		folder_write(f, path, text);
	}
}

static const struct { const char *name, *head, *allowed, *id, *why; } files[] = {
	{ "a.c", "", "", "c17", "" },
	{ "a.C", "", "", "cpp20", "" },
	{ "A.CPP", "", "", "cpp20", "" },
	{ "a.cpp", "", "cpp17 python3", "cpp17", "" },
	{ "a.cpp", "", "c++", "cpp20", "" },
	{ "a.cpp", "", "python3", "cpp20", "" },
	{ "a.b.py", "", "", "python3", "" },
	{ "dir.c/a.py", "", "", "python3", "" },
	{ "a.cpp", "// judgefs: language=cpp17\n", "", "cpp17", "" },
	{ "a.cpp", "/* judgefs:  language=cpp17 */", "", "cpp17", "" },
	{ "a.py", "\xef\xbb\xbf# judgefs: language=cpp\n", "", "cpp20", "" },
	{ "a.txt", "#!/usr/bin/python3\n# judgefs: language=python\n", "", "python3", "" },
	{ "noend", "-- judgefs: language=python3\r\n", "", "python3", "" },
	{ "a.c", "\n// judgefs: language=cpp17\n", "", "c17", "" },
	{ "a.c", "\"judgefs: language=cpp17\"\n", "", "c17", "" },
	{ "a.c", "x // judgefs: language=cpp17\n", "", "c17", "" },
	{ "a.c", "judgefs: language=cpp17\n", "", "c17", "" },
	{ "a.c", "// judgefs: language=\n", "", "c17", "" },
	{ "a.c", "// judgefs: lang", "", "c17", "" },
	{ "a.c", "// judgefs: language=fortran\n", "", NULL, "'fortran' on the first line" },
	{ "a.xyz", "", "", NULL, "'.xyz'" },
	{ "a.\x1b[1m", "", "", NULL, "\\x1b[1m" },
	{ "noend", "", "", NULL, "no suffix" },
	{ ".c", "", "", NULL, "no suffix" },
	{ "a.", "", "", NULL, "no suffix" },
};

static void test_for_file(void **state)
{
	struct folder f = folder_new();
	struct langs *ls;

	(void)state;
	few_languages(&f);
	ls = load(&f);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct lang *got = NULL;
		struct strv allowed = { 0 };
		struct diag diag = { "" };

		CHECK_INT(strv_split(&allowed, files[i].allowed), 0);
		CHECK_INT(langs_for_file(ls, files[i].name, files[i].head, strlen(files[i].head),
					 &allowed, &got, &diag), files[i].id ? 0 : -ENOENT);
		if (files[i].id)
			CHECK_TEXT(got->id, files[i].id);
		CHECK_HAS(diag.text, files[i].why);
		strv_release(&allowed);
	}
	CHECK_TEXT(langs_by_id(ls, "cpp")->id, "cpp20");
	CHECK_TEXT(langs_by_id(ls, "cpp17")->id, "cpp17");
	CHECK(langs_by_id(ls, "C") == NULL);
	langs_free(ls);
	folder_remove(&f);
}

static const struct { const char *text, *class, *file; } javas[] = {
	{ "public class Main {}", "Main", "Main.java" },
	{ "package a.b ;\npublic final class X {}", "a.b.X", "X.java" },
	{ "// public class No {}\n/* public class No {} */ public class Yes {}", "Yes", "Yes.java" },
	{ "class A { String s = \"public class B {\"; }\npublic class C {}", "C", "C.java" },
	{ "class A { char c = '{'; char d = '\\''; }\npublic enum D { X }", "D", "D.java" },
	{ "class A { String t = \"\"\"\n } \" public class B {\n\"\"\"; }\npublic class E {}", "E",
	  "E.java" },
	{ "class A {} class B { public static void main(String[] a) {} }", "B", "B.java" },
	{ "class A { void f() {} }\nclass B {}", "A", "A.java" },
	{ "@Foo(a = Bar.class)\npublic strictfp abstract class F<T> {}", "F", "F.java" },
	{ "public sealed interface G permits H {}\nfinal class H implements G {}", "G", "G.java" },
	{ "public record R(int x) {}", "R", "R.java" },
	{ "class A { public static class Inner {} public record Q() {} }", "A", "A.java" },
	{ "public class L\xc3\xb6sung {}", "L\xc3\xb6sung", "L\xc3\xb6sung.java" },
	{ "\xef\xbb\xbfimport java.util.*; public class K {}", "K", "K.java" },
	{ "class A { String s = \"open\n } public class M {}", "M", "M.java" },
	{ "public /* class */ // class\nclass N {}", "N", "N.java" },
	{ "import x.class_y; public @interface P {}", "P", "P.java" },
	{ "public class \"", NULL, "Main.java" },
	{ "/* open", NULL, "Main.java" },
	{ "\"\"\" open \\", NULL, "Main.java" },
	{ "", NULL, "Main.java" },
};

static void test_java(void **state)
{
	struct lang java = { .source = "{class}.java" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(javas); i++) {
		/* Without its NUL, so that reading on is seen. */
		size_t len = strlen(javas[i].text);
		char *text = len ? memcpy(malloc(len), javas[i].text, len) : NULL;
		char *class = NULL, *file = NULL;

		CHECK_INT(lang_main_class(text, len, &class), javas[i].class ? 0 : -ENOENT);
		if (javas[i].class)
			CHECK_TEXT(class, javas[i].class);
		CHECK_INT(lang_source_name(&java, "any.java", text, len, &file), 0);
		CHECK_TEXT(file, javas[i].file);
		free(class);
		free(file);
		free(text);
	}
}

static const struct { const char *source, *name; int r; const char *file; } names[] = {
	{ "main.c", "-o.c", 0, "main.c" },
	{ "", "good name.c", 0, "good name.c" },
	{ "", "-o.c", -EINVAL, NULL },		{ "", "@x.c", -EINVAL, NULL },
	{ "", ".c", -EINVAL, NULL },		{ "", "a\nb.c", -EINVAL, NULL },
	{ "", "a/b.c", -EINVAL, NULL },		{ "", "", -EINVAL, NULL },
};

static void test_source_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct lang l = { .source = (char *)names[i].source };
		char *file = NULL;

		CHECK_INT(lang_source_name(&l, names[i].name, "", 0, &file), names[i].r);
		if (names[i].file)
			CHECK_TEXT(file, names[i].file);
		else
			CHECK(file == NULL);
		free(file);
	}
}

static void test_probe_and_table(void **state)
{
	struct folder f = folder_new();
	struct buf table = { 0 };
	struct langs *ls;

	(void)state;
	folder_write(&f, "l/a.ini", "[language]\nsuffixes = a\ntools = env\nrun = x\n"
				    "version = env printf \\nfirst\\nsecond\n");
	folder_write(&f, "l/b.ini", "[language]\nsuffixes = b\ntools = env no-such-tool\nrun = x\n"
				    "package = no-such-package\nversion = env true\n");
	folder_write(&f, "l/c.ini", "[language]\nsuffixes = c\ntools = env ../bin/env\nrun = x\n");
	folder_write(&f, "l/d.ini", "[language]\nsuffixes = d\ntools = env\nrun = x\n"
				    "version = env false\n");
	folder_write(&f, "l/e1.ini", "[language]\nsuffixes = e\npriority = 1\ntools = env\nrun = x\n");
	folder_write(&f, "l/e2.ini", "[language]\nsuffixes = e\npriority = 2\ntools = env\nrun = x\n");
	folder_write(&f, "l/e3.ini", "[language]\nsuffixes = e\npriority = 3\nrun = x\n"
				     "tools = no-such-tool\n");
	ls = load(&f);
	langs_probe(ls);
	langs_probe(ls);
	CHECK_TEXT(ls->v[0]->version, "nfirstnsecond");
	CHECK(ls->v[0]->missing == NULL);
	CHECK_TEXT(ls->v[1]->missing, "needs no-such-tool: apt install no-such-package");
	CHECK(ls->v[1]->version == NULL);
	CHECK_TEXT(ls->v[2]->missing, "needs ../bin/env");
	CHECK_TEXT(ls->v[3]->missing, "broken: fails on env false");
	langs_table(ls, &table);
	CHECK_HAS(buf_text(&table), "LANGUAGE  NAME  SUFFIXES");
	CHECK_HAS(buf_text(&table), "not available: needs no-such-tool: apt install");
	CHECK_HAS(buf_text(&table), "nfirstnsecond");
	CHECK_HAS(buf_text(&table), "language=NAME\nWithout one .e is e2.\n\n");
	buf_release(&table);
	langs_free(ls);
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_same_priority),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_read_and_copy),
		cmocka_unit_test(test_for_file),
		cmocka_unit_test(test_java),
		cmocka_unit_test(test_source_name),
		cmocka_unit_test(test_probe_and_table),
	};

	return cmocka_run_group_tests_name("lang", tests, NULL, NULL);
}
