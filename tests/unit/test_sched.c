/*
 * judge/sched/: a real scheduler in a process of its own; serve, workers and the publisher
 * are played by the test, over the real socket and the real store
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "judge/job.h"
#include "judge/link.h"
#include "judge/sched/sched.h"
#include "judge/store.h"
#include "tests/unit/folder.h"

#define PATIENCE_MS	15000

struct judge {
	struct folder state;
	int listener;
	pid_t pid;
	struct store *store;
	struct user_row user;
	struct problem_row problem;
	struct place_row place;
	int serve, publisher;
	const char *slack;		/* sched_slack_us of the next one */
};

/* Nothing that must be installed; only its version is asked for. */
static const char language[] =
	"[language]\nname = Shell\nsuffixes = sh\nrun = true {main}\ntools = true\n"
	"version = true --version\n";
static const char missing[] =
	"[language]\nname = Cobol\nsuffixes = cob\nrun = cob {main}\ntools = no-such-tool\n"
	"version = no-such-tool\n";

/* By exec: an open SQLite must not be carried over a fork. */
static void sched_start(struct judge *j)
{
	char state[16], listener[16];

	snprintf(state, sizeof(state), "%d", j->state.fd);
	snprintf(listener, sizeof(listener), "%d", j->listener);
	j->pid = fork();
	CHECK(j->pid >= 0);
	if (j->pid == 0) {
		fcntl(j->state.fd, F_SETFD, 0);
		fcntl(j->listener, F_SETFD, 0);
		execl("/proc/self/exe", "test_sched", state, listener, j->slack, NULL);
		_exit(127);
	}
}

static int sched_main(const char *state, const char *listener, const char *slack)
{
	struct diag diag = { "" };
	int r;

	sched_slack_us = atoll(slack);
	r = sched_run(atoi(state), atoi(listener), &diag);
	if (r < 0)
		fprintf(stderr, "# sched: %s\n", diag.text);
	return r < 0;
}

static void sched_end(struct judge *j, int signal)
{
	int status;

	kill(j->pid, signal);
	CHECK_INT(waitpid(j->pid, &status, 0), j->pid);
	j->pid = 0;
	if (signal == SIGTERM)
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int hello(struct judge *j, const char *role, int slot)
{
	struct diag diag = { "" };
	int sock = link_connect(j->state.fd, role, slot, 0, &diag);

	CHECK(sock >= 0);
	return sock;
}

static void sched_again(struct judge *j)
{
	sched_start(j);
	io_close(j->serve);
	j->serve = hello(j, "serve", 0);
}

static void say(int sock, const char *fmt, ...)
{
	char text[8192];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	CHECK_INT(link_send(sock, text, strlen(text)), 0);
}

/* The next frame; NULL at the end of the stream. */
static json_t *hear(int sock)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	struct diag diag = { "" };
	json_t *o = NULL;

	if (poll(&p, 1, check_slow() * PATIENCE_MS) != 1)
		fail_msg("the scheduler says nothing");
	if (link_recv(sock, &o, &diag) < 0)
		return NULL;
	return o;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static int64_t number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void wait_for(struct judge *j, bool (*condition)(struct judge *j), const char *what)
{
	int64_t until = clock_mono_us() + check_slow() * PATIENCE_MS * INT64_C(1000);

	while (!condition(j)) {
		if (clock_mono_us() > until)
			fail_msg("waited for %s", what);
		poll(NULL, 0, 5);
	}
}

static bool has_problem(struct judge *j)
{
	return store_problem_by_name(j->store, "sum", &j->problem) == 0 && j->problem.installed;
}

static void write_problem(struct judge *j)
{
	folder_write(&j->state, "problems/sum/1.in", "1 2\n");
	folder_write(&j->state, "problems/sum/1.ans", "3\n");
	folder_write(&j->state, "problems/sum/2.in", "5 6\n");
	folder_write(&j->state, "problems/sum/2.ans", "11\n");
}

static int setup(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct judge *j = calloc(1, sizeof(*j));
	struct diag diag = { "" };

	*state = j;
	j->state = folder_new();
	j->serve = j->publisher = -1;
	j->slack = "60000000";
	folder_write(&j->state, "languages.d/sh.ini", language);
	folder_write(&j->state, "languages.d/cobol.ini", missing);
	folder_write(&j->state, "judge.ini", "[judge]\nretries = 1\ncontact = Ms Smith\n");
	folder_write(&j->state, "run/mount", "/somewhere\n");
	write_problem(j);
	j->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/run/sched", j->state.fd);
	CHECK_INT(bind(j->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_INT(listen(j->listener, 16), 0);
	if (store_open(j->state.fd, &j->store, &diag) < 0)
		fail_msg("%s", diag.text);
	sched_start(j);
	wait_for(j, has_problem, "the problem to be installed");
	CHECK_INT(store_user_add(j->store, 1001, "alice", &j->user), 0);
	CHECK_INT(store_place_get(j->store, j->user.id, j->problem.id, true, &j->place), 0);
	j->serve = hello(j, "serve", 0);
	return 0;
}

static int teardown(void **state)
{
	struct judge *j = *state;
	struct buf faults = { 0 };

	if (j->pid > 0)
		sched_end(j, SIGTERM);
	CHECK_INT(store_check(j->store, &faults), 0);
	CHECK_TEXT(buf_text(&faults), "");
	buf_release(&faults);
	store_close(j->store);
	io_close(j->serve);
	io_close(j->publisher);
	io_close(j->listener);
	folder_remove(&j->state);
	free(j);
	return 0;
}

static int64_t store_in(struct judge *j, int64_t place, const char *name, const char *text,
			int64_t young_us, int64_t *ret_replaced)
{
	struct file_row file;
	struct blob_ref blob;
	int64_t id;
	char spool[32];
	int fd;

	if (store_file_lookup(j->store, place, name, &file) < 0)
		CHECK_INT(store_file_create(j->store, 0, place, name, true, 0644, &file), 0);
	CHECK_INT(store_file_dirty(j->store, file.id), 0);
	snprintf(spool, sizeof(spool), "%lld", (long long)file.id);
	fd = openat(store_spool_dir(j->store), spool, O_WRONLY | O_TRUNC | O_CLOEXEC);
	CHECK_INT(io_write(fd, text, strlen(text)), 0);
	close(fd);
	CHECK_INT(blobs_put_data(store_blobs(j->store), text, strlen(text), &blob), 0);
	CHECK_INT(store_file_received(j->store, file.id, strlen(text), 1), 0);
	CHECK_INT(store_submit(j->store, file.id, &blob, young_us, &id, ret_replaced), 0);
	return id;
}

static int64_t hand_in_stored(struct judge *j, const char *name, const char *text)
{
	int64_t replaced;

	return store_in(j, j->place.id, name, text, 0, &replaced);
}

/* What serve does when a file is closed; Return: the submission. */
static int64_t hand_in_for(struct judge *j, int64_t place, const char *name, const char *text,
			   int64_t young_us)
{
	int64_t replaced, id = store_in(j, place, name, text, young_us, &replaced);

	if (replaced)
		say(j->serve, "{\"op\":\"replaced\",\"id\":%lld}", (long long)replaced);
	say(j->serve, "{\"op\":\"bell\"}");
	return id;
}

static int64_t hand_in(struct judge *j, const char *name, const char *text)
{
	return hand_in_for(j, j->place.id, name, text, 0);
}

/* A job for this submission comes, in this attempt. */
static void expect_job(int worker, int64_t id, int64_t attempt)
{
	struct diag diag = { "" };
	struct job *job = NULL;
	json_t *o = hear(worker);
	char *text;

	CHECK(o != NULL);
	CHECK_TEXT(text_of(o, "op"), "job");
	CHECK_INT(number_of(o, "id"), id);
	CHECK_INT(number_of(o, "attempt"), attempt);
	text = json_dumps(json_object_get(o, "job"), JSON_COMPACT);
	if (job_decode(text, strlen(text), &job, &diag) < 0)
		fail_msg("%s", diag.text);
	CHECK_INT(job->id, id);
	CHECK_TEXT(job->program.lang->id, "sh");
	CHECK_INT(job->problem->ntests, 2);
	CHECK_INT(job->program.nsources, 1);
	job_free(job);
	free(text);
	json_decref(o);
}

static void judged_tests(int worker, int64_t id, int64_t attempt, enum verdict verdict,
			 const char *const names[2], const char *group)
{
	struct test_result tests[2] = {
		{ .name = (char *)names[0], .group = (char *)group, .verdict = verdict },
		{ .name = (char *)names[1], .group = (char *)group, .verdict = verdict },
	};
	struct outcome o = { .verdict = verdict, .max_score = 1, .tests = tests, .ntests = 2,
			     .score = verdict == VERDICT_AC, .lang_id = (char *)"sh",
			     .compile_text = (char *)"a warning",
			     .message = verdict == VERDICT_JE ? (char *)"the checker crashed" : NULL };
	struct buf text = { 0 };

	CHECK_INT(outcome_encode(&o, &text), 0);
	say(worker, "{\"op\":\"outcome\",\"id\":%lld,\"attempt\":%lld,\"outcome\":%s}",
	    (long long)id, (long long)attempt, buf_text(&text));
	buf_release(&text);
}

static void judged(int worker, int64_t id, int64_t attempt, enum verdict verdict)
{
	static const char *const names[2] = { "1", "2" };

	judged_tests(worker, id, attempt, verdict, names, "");
}

static int64_t watched;			/* by the conditions below */

static bool is_done(struct judge *j)
{
	struct submission_row row;

	return store_submission(j->store, watched, &row) == 0 && row.state == SUBMISSION_DONE;
}

static struct submission_row done(struct judge *j, int64_t id)
{
	struct submission_row row;

	watched = id;
	wait_for(j, is_done, "a verdict");
	CHECK_INT(store_submission(j->store, id, &row), 0);
	return row;
}

/* The publisher's next frame for this submission; those of the root are answered on the way. */
static json_t *shown(struct judge *j, int64_t id)
{
	json_t *o;

	while ((o = hear(j->publisher)) != NULL) {
		CHECK_TEXT(text_of(o, "op"), "publish");
		if (json_object_get(o, "root") == NULL && number_of(o, "id") == id)
			return o;
		if (json_object_get(o, "root") != NULL)
			say(j->publisher, "{\"op\":\"published\",\"root\":\"%s\"}", text_of(o, "root"));
		else
			say(j->publisher, "{\"op\":\"published\",\"id\":%lld,\"change\":%lld}",
			    (long long)number_of(o, "id"), (long long)number_of(o, "change"));
		json_decref(o);
	}
	fail_msg("the scheduler hung up on the publisher");
	return NULL;
}

static const char *line_of(const json_t *o)
{
	return text_of(json_object_get(o, "texts"), "verdict");
}

static void answer(struct judge *j, json_t *o)
{
	say(j->publisher, "{\"op\":\"published\",\"id\":%lld,\"change\":%lld}",
	    (long long)number_of(o, "id"), (long long)number_of(o, "change"));
	json_decref(o);
}

/* ------------------------------------------------------------- the way of one */

static bool is_published(struct judge *j)
{
	struct submission_row row;

	return store_submission(j->store, watched, &row) == 0 && row.published == row.change;
}

static void test_one(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	struct buf name = { 0 };
	struct submission_row row;
	json_t *o;
	int64_t id;

	j->publisher = hello(j, "publisher", 0);
	id = hand_in(j, "a.sh", "echo 3");
	expect_job(worker, id, 1);
	o = shown(j, id);
	CHECK_TEXT(line_of(o), "Compiling\n");
	CHECK(!json_is_true(json_object_get(o, "final")));
	CHECK_TEXT(text_of(o, "user"), "alice");
	CHECK_TEXT(text_of(o, "problem"), "sum");
	CHECK_INT(link_unhex(text_of(o, "name"), &name), 0);
	CHECK_TEXT(buf_text(&name), "a.sh");
	answer(j, o);
	say(worker, "{\"op\":\"progress\",\"id\":%lld,\"attempt\":1,\"stage\":\"running\","
	    "\"test\":2,\"tests\":2}", (long long)id);
	o = shown(j, id);
	CHECK_TEXT(line_of(o), "Running test 2 of 2\n");
	answer(j, o);
	judged(worker, id, 1, VERDICT_WA);
	o = shown(j, id);
	CHECK(json_is_true(json_object_get(o, "final")));
	CHECK_HAS(line_of(o), "Wrong answer");
	CHECK_HAS(line_of(o), "Ms Smith");
	CHECK_HAS(text_of(json_object_get(o, "texts"), "result.json"), "\"WA\"");
	CHECK_TEXT(text_of(json_object_get(o, "texts"), "compile.txt"), "a warning");
	row = done(j, id);
	CHECK_INT(row.verdict, VERDICT_WA);
	CHECK_TEXT(row.language, "sh");
	CHECK_INT(row.published, 0);
	CHECK_INT(number_of(o, "change"), row.change);
	answer(j, o);
	wait_for(j, is_published, "it to be published");
	close(worker);
	buf_release(&name);
}

/* On which test it fails is not to be seen on the way either. */
static void test_progress_tells_no_more(void **state)
{
	static const struct { const char *ini, *compiling, *running; } rows[] = {
		{ "[problem]\nfeedback = verdict\n", "Compiling\n", "Running\n" },
		{ "[problem]\nfeedback = none\n", "Running\n", NULL },
	};
	struct judge *j = *state;
	int control = hello(j, "control", 0), worker = hello(j, "worker", 0);

	j->publisher = hello(j, "publisher", 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t id;
		json_t *o;

		folder_write(&j->state, "problems/sum/problem.ini", rows[i].ini);
		say(control, "{\"op\":\"scan\"}");
		json_decref(hear(control));
		id = hand_in(j, i == 0 ? "a.sh" : "b.sh", "x");
		expect_job(worker, id, 1);
		o = shown(j, id);
		CHECK_TEXT(line_of(o), rows[i].compiling);
		answer(j, o);
		say(worker, "{\"op\":\"progress\",\"id\":%lld,\"attempt\":1,\"stage\":\"running\","
		    "\"test\":2,\"tests\":2}", (long long)id);
		if (rows[i].running) {
			o = shown(j, id);
			CHECK_TEXT(line_of(o), rows[i].running);
			answer(j, o);
		}
		judged(worker, id, 1, VERDICT_WA);
		o = shown(j, id);
		CHECK(json_is_true(json_object_get(o, "final")));
		answer(j, o);
	}
	close(worker);
	close(control);
}

static const struct { const char *name, *text, *says; } refused[] = {
	{ "a.xyz", "text", "no suffix of one; languages: Shell (.sh)" },
	{ "b.cob", "text", "not available" },
	{ "noext", "text", "unknown language" },
	{ "\xff\xfe.zzz", "\xff\xff", "unknown language" },
	{ "c.xyz", "# judgefs: language=cobol\n", "not available" },
};

static void test_refused(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	struct buf text = { 0 };
	int64_t id;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		id = hand_in(j, refused[i].name, refused[i].text);
		CHECK_INT(done(j, id).verdict, VERDICT_CE);
		CHECK_INT(store_shown(j->store, id, RESULT_VERDICT, &text), 0);
		CHECK_HAS(buf_text(&text), refused[i].says);
		buf_release(&text);
	}
	/* No worker was bothered. */
	id = hand_in(j, "a.sh", "x");
	expect_job(worker, id, 1);
	judged(worker, id, 1, VERDICT_AC);
	CHECK_INT(done(j, id).verdict, VERDICT_AC);
	close(worker);
}

/* ------------------------------------------------------------- what goes wrong */

/* Be the publisher, and take what comes until a file of the root says @has. */
static void expect_root(struct judge *j, const char *has)
{
	bool found = false;

	while (!found) {
		json_t *o = hear(j->publisher);

		CHECK(o != NULL);
		if (json_object_get(o, "root") != NULL) {
			found = strstr(text_of(o, "text"), has) != NULL;
			say(j->publisher, "{\"op\":\"published\",\"root\":\"%s\"}", text_of(o, "root"));
		} else {
			say(j->publisher, "{\"op\":\"published\",\"id\":%lld,\"change\":%lld}",
			    (long long)number_of(o, "id"), (long long)number_of(o, "change"));
		}
		json_decref(o);
	}
}

static void test_judge_error(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	int64_t id = hand_in(j, "a.sh", "x");

	/* retries = 1: the second one is final. */
	expect_job(worker, id, 1);
	judged(worker, id, 1, VERDICT_JE);
	expect_job(worker, id, 2);
	say(worker, "{\"op\":\"outcome\",\"id\":%lld,\"attempt\":2,\"failed\":\"out of luck\"}",
	    (long long)id);
	CHECK_INT(done(j, id).verdict, VERDICT_JE);

	id = hand_in(j, "b.sh", "x");
	expect_job(worker, id, 1);
	say(worker, "{\"op\":\"outcome\",\"id\":%lld,\"attempt\":1,\"outcome\":{\"x\":1}}",
	    (long long)id);
	expect_job(worker, id, 2);
	judged(worker, id, 2, VERDICT_AC);
	CHECK_INT(done(j, id).verdict, VERDICT_AC);

	/* Well formed, but not of this problem. */
	id = hand_in(j, "c.sh", "x");
	expect_job(worker, id, 1);
	say(worker, "{\"op\":\"outcome\",\"id\":%lld,\"attempt\":1,\"outcome\":{\"version\":1,"
	    "\"verdict\":\"AC\",\"score\":1,\"max_score\":1,\"lang_id\":\"sh\",\"tests\":[]}}",
	    (long long)id);
	expect_job(worker, id, 2);
	judged(worker, id, 2, VERDICT_AC);
	CHECK_INT(done(j, id).verdict, VERDICT_AC);
	j->publisher = hello(j, "publisher", 0);
	expect_root(j, "could not be judged");
	close(worker);
}

static void test_worker_lost(void **state)
{
	struct judge *j = *state;
	int64_t id = hand_in(j, "a.sh", "x");

	for (int attempt = 1; attempt <= 3; attempt++) {
		int worker = hello(j, "worker", 0);

		expect_job(worker, id, attempt);
		close(worker);
	}
	CHECK_INT(done(j, id).verdict, VERDICT_JE);

	/* A worker's successor is there before its end is noticed. */
	id = hand_in(j, "b.sh", "x");
	{
		int old = hello(j, "worker", 0), new;

		expect_job(old, id, 1);
		new = hello(j, "worker", 0);
		expect_job(new, id, 2);
		CHECK(hear(old) == NULL);
		judged(new, id, 2, VERDICT_AC);
		CHECK_INT(done(j, id).verdict, VERDICT_AC);
		close(old);
		close(new);
	}
}

static void test_replaced(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	int64_t old = hand_in(j, "a.sh", "x"), new;
	struct submission_row row;
	json_t *o;

	expect_job(worker, old, 1);
	new = hand_in_for(j, j->place.id, "a.sh", "y", INT64_C(60000000));
	o = hear(worker);
	CHECK_TEXT(text_of(o, "op"), "cancel");
	CHECK_INT(number_of(o, "id"), old);
	json_decref(o);
	/* It was done before it heard of that: its outcome goes nowhere. */
	judged(worker, old, 1, VERDICT_AC);
	expect_job(worker, new, 1);
	judged(worker, new, 1, VERDICT_WA);
	CHECK_INT(done(j, new).verdict, VERDICT_WA);
	CHECK_INT(store_submission(j->store, old, &row), -ENOENT);

	/* The same without the word of serve, which died after its commit. */
	old = hand_in(j, "b.sh", "x");
	expect_job(worker, old, 1);
	io_close(j->serve);
	j->serve = hello(j, "control", 0);
	new = 0;
	{
		struct file_row file;
		struct blob_ref blob;
		int64_t replaced;

		CHECK_INT(store_file_lookup(j->store, j->place.id, "b.sh", &file), 0);
		CHECK_INT(blobs_put_data(store_blobs(j->store), "yy", 2, &blob), 0);
		CHECK_INT(store_file_dirty(j->store, file.id), 0);
		CHECK_INT(store_file_received(j->store, file.id, 2, 1), 0);
		CHECK_INT(store_submit(j->store, file.id, &blob, INT64_C(60000000), &new,
				       &replaced), 0);
		CHECK_INT(replaced, old);
	}
	judged(worker, old, 1, VERDICT_AC);
	expect_job(worker, new, 1);	/* found without a bell */
	judged(worker, new, 1, VERDICT_AC);
	CHECK_INT(done(j, new).verdict, VERDICT_AC);
	close(worker);
}

static void test_sched_killed(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	int64_t running = hand_in(j, "a.sh", "x"), finished, queued;
	json_t *o;

	expect_job(worker, running, 1);
	judged(worker, running, 1, VERDICT_AC);
	done(j, running);
	finished = running;
	running = hand_in(j, "b.sh", "x");
	expect_job(worker, running, 1);
	queued = hand_in(j, "c.sh", "x");
	sched_end(j, SIGKILL);
	CHECK(hear(worker) == NULL);
	close(worker);
	close(j->serve);
	sched_start(j);
	j->serve = hello(j, "serve", 0);
	j->publisher = hello(j, "publisher", 0);
	o = shown(j, finished);
	CHECK_HAS(line_of(o), "Accepted");
	answer(j, o);
	worker = hello(j, "worker", 0);
	expect_job(worker, running, 2);
	judged(worker, running, 2, VERDICT_AC);
	expect_job(worker, queued, 1);
	judged(worker, queued, 1, VERDICT_WA);
	CHECK_INT(done(j, running).verdict, VERDICT_AC);
	CHECK_INT(done(j, queued).verdict, VERDICT_WA);
	close(worker);
}

/* A publisher that is slow, fails, or dies: the newest text wins, verdicts come again. */
static void test_publisher(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	int64_t id = hand_in(j, "a.sh", "x");
	json_t *o;

	expect_job(worker, id, 1);
	for (int test = 1; test <= 50; test++)
		say(worker, "{\"op\":\"progress\",\"id\":%lld,\"attempt\":1,\"stage\":\"running\","
		    "\"test\":%d,\"tests\":50}", (long long)id, test);
	judged(worker, id, 1, VERDICT_AC);
	done(j, id);
	j->publisher = hello(j, "publisher", 0);
	o = shown(j, id);
	CHECK_HAS(line_of(o), "Accepted");
	say(j->publisher, "{\"op\":\"published\",\"id\":%lld,\"change\":%lld,\"failed\":\"no\"}",
	    (long long)id, (long long)number_of(o, "change"));
	json_decref(o);
	o = shown(j, id);			/* again, later */
	CHECK_HAS(line_of(o), "Accepted");
	json_decref(o);
	close(j->publisher);
	j->publisher = hello(j, "publisher", 0);
	o = shown(j, id);			/* it had not answered */
	CHECK_HAS(line_of(o), "Accepted");
	answer(j, o);
	watched = id;
	wait_for(j, is_published, "it to be published");
	close(worker);
}

static int64_t place_of(struct judge *j, uid_t uid, const char *name)
{
	struct place_row place;
	struct user_row user;

	CHECK_INT(store_user_add(j->store, uid, name, &user), 0);
	CHECK_INT(store_place_get(j->store, user.id, j->problem.id, true, &place), 0);
	return place.id;
}

/* The publisher's next frame for a user; those of the root are answered on the way. */
static json_t *shown_to(struct judge *j)
{
	json_t *o;

	while ((o = hear(j->publisher)) != NULL && json_object_get(o, "root") != NULL) {
		say(j->publisher, "{\"op\":\"published\",\"root\":\"%s\"}", text_of(o, "root"));
		json_decref(o);
	}
	CHECK(o != NULL);
	return o;
}

/* Whoever writes to alice's folder hangs there: bob sees his verdict. */
static void test_publisher_hangs(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	int64_t bobs = place_of(j, 1002, "bob"), first, id;
	json_t *hangs, *o;
	bool final;

	j->publisher = hello(j, "publisher", 0);
	first = hand_in(j, "0.sh", "x");
	hangs = shown_to(j);
	CHECK_TEXT(text_of(hangs, "user"), "alice");
	expect_job(worker, first, 1);
	judged(worker, first, 1, VERDICT_AC);
	for (int i = 1; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d.sh", i);
		id = hand_in(j, name, "x");
		expect_job(worker, id, 1);
		judged(worker, id, 1, VERDICT_AC);
		done(j, id);
	}
	id = hand_in_for(j, bobs, "b.sh", "x", 0);
	expect_job(worker, id, 1);
	judged(worker, id, 1, VERDICT_WA);
	do {
		o = shown_to(j);
		CHECK_TEXT(text_of(o, "user"), "bob");
		final = json_is_true(json_object_get(o, "final"));
		answer(j, o);
	} while (!final);
	/* Alice's come when she lets go, with what is true then. */
	answer(j, hangs);
	o = shown_to(j);
	CHECK_INT(number_of(o, "id"), first);
	CHECK_HAS(line_of(o), "Accepted");
	answer(j, o);
	close(worker);
}

static void test_queue(void **state)
{
	struct judge *j = *state;
	struct place_row bobs;
	struct user_row bob;
	int64_t ids[4], bobs_id;
	json_t *o;
	int worker;

	CHECK_INT(store_user_add(j->store, 1002, "bob", &bob), 0);
	CHECK_INT(store_place_get(j->store, bob.id, j->problem.id, true, &bobs), 0);
	for (int i = 0; i < 4; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d.sh", i);
		ids[i] = hand_in(j, name, "x");
	}
	bobs_id = hand_in_for(j, bobs.id, "b.sh", "x", 0);
	j->publisher = hello(j, "publisher", 0);
	o = shown(j, ids[3]);
	CHECK_TEXT(line_of(o), "Queued, 4 before it\n");
	answer(j, o);
	worker = hello(j, "worker", 0);
	expect_job(worker, ids[0], 1);
	judged(worker, ids[0], 1, VERDICT_AC);
	expect_job(worker, bobs_id, 1);
	judged(worker, bobs_id, 1, VERDICT_AC);
	for (int i = 1; i < 4; i++) {
		expect_job(worker, ids[i], 1);
		judged(worker, ids[i], 1, VERDICT_AC);
	}
	done(j, ids[3]);
	close(worker);
}

/* ------------------------------------------------------------- clients that misbehave */

static const char *const misdeeds[] = {
	"{\"op\":\"outcome\",\"id\":1,\"attempt\":1,\"failed\":\"x\"}",	/* nothing was asked */
	"{\"op\":\"scan\"}",				/* not a worker's to say */
	"{\"op\":\"published\",\"id\":1,\"change\":1}",
	"{\"op\":\"no such\"}",
	"{\"op\":7}",
	"{}",
	"[]",
	"7",
	"{\"op\":\"outcome\",\"attempt\":{}}",
	"{\"op\":\"hello\",\"role\":\"serve\"}",	/* it is a worker already */
};

static int socket_to(struct judge *j)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "/proc/self/fd/%d/run/sched", j->state.fd);
	CHECK_INT(connect(sock, (struct sockaddr *)&to, sizeof(to)), 0);
	return sock;
}

static void test_misdeeds(void **state)
{
	static const char long_text[8192];
	struct judge *j = *state;
	int64_t id;
	int worker, other;

	for (size_t i = 0; i < ARRAY_SIZE(misdeeds); i++) {
		worker = hello(j, "worker", 7);
		say(worker, "%s", misdeeds[i]);
		CHECK(hear(worker) == NULL);
		close(worker);
	}
	worker = hello(j, "nobody", 0);
	CHECK(hear(worker) == NULL);
	close(worker);
	worker = hello(j, "worker", 7);
	CHECK_INT(io_write(worker, "this is no frame", 16), 0);
	CHECK(hear(worker) == NULL);
	close(worker);
	worker = hello(j, "worker", SETTINGS_MAX_WORKERS);
	CHECK(hear(worker) == NULL);
	close(worker);
	/* Who has not said who he is has no room for more than that. */
	worker = socket_to(j);
	CHECK_INT(io_write(worker, "1mfj\0\0\x10\0", 8), 0);
	CHECK_INT(io_write(worker, long_text, sizeof(long_text)), 0);
	CHECK(hear(worker) == NULL);
	close(worker);
	/* Half a frame makes nobody wait; an outcome of another attempt is not taken. */
	other = hello(j, "control", 0);
	CHECK_INT(io_write(other, "1mfj\x40\0\0\0{", 9), 0);
	worker = hello(j, "worker", 0);
	id = hand_in(j, "a.sh", "x");
	expect_job(worker, id, 1);
	judged(worker, id, 9, VERDICT_AC);
	CHECK(hear(worker) == NULL);
	close(worker);
	worker = hello(j, "worker", 0);
	expect_job(worker, id, 2);
	judged(worker, id, 2, VERDICT_WA);
	CHECK_INT(done(j, id).verdict, VERDICT_WA);
	close(worker);
	close(other);
}

/* ------------------------------------------------------------- problems, control */

static void scan(struct judge *j, int control, struct buf *report)
{
	json_t *o;

	(void)j;
	say(control, "{\"op\":\"scan\"}");
	o = hear(control);
	CHECK_TEXT(text_of(o, "op"), "scan");
	buf_puts(report, text_of(o, "report"));
	json_decref(o);
}

static void test_problems(void **state)
{
	struct judge *j = *state;
	int control = hello(j, "control", 0);
	struct problem_row row;
	struct buf report = { 0 };

	/* A broken new version keeps the old one shown. */
	folder_write(&j->state, "problems/sum/problem.ini", "[problem]\nnonsense = 1\n");
	folder_write(&j->state, "problems/empty/readme", "no tests");
	folder_write(&j->state, "problems/bad name/1.in", "");
	folder_write(&j->state, "problems/SUM/1.in", "");
	folder_write(&j->state, "problems/SUM/1.ans", "");
	folder_write(&j->state, "problems/.new/1.in", "");
	CHECK_INT(symlinkat("sum", j->state.fd, "problems/link"), 0);
	scan(j, control, &report);
	CHECK_HAS(buf_text(&report), "sum: not shown: problem.ini:2");
	CHECK_HAS(buf_text(&report), "empty: not shown: ");
	CHECK_HAS(buf_text(&report), "bad name: not shown: ");
	CHECK_HAS(buf_text(&report), "SUM: not shown: its name differs only in case from 'sum'");
	CHECK_HAS(buf_text(&report), "link: not shown: it is a link");
	CHECK(strstr(buf_text(&report), ".new") == NULL);
	CHECK_INT(store_problem_by_name(j->store, "sum", &row), 0);
	CHECK(row.installed);
	CHECK_INT(row.changed_us, j->problem.changed_us);
	CHECK_INT(store_problem_by_name(j->store, "empty", &row), -ENOENT);
	buf_release(&report);

	folder_write(&j->state, "problems/sum/problem.ini", "[problem]\ntitle = Sums\n");
	CHECK_INT(io_remove_tree(j->state.fd, "problems/empty"), 0);
	CHECK_INT(unlinkat(j->state.fd, "problems/link", 0), 0);
	CHECK_INT(io_remove_tree(j->state.fd, "problems/bad name"), 0);
	CHECK_INT(io_remove_tree(j->state.fd, "problems/SUM"), 0);
	scan(j, control, &report);
	CHECK_TEXT(buf_text(&report), "sum: installed\n");
	CHECK_INT(store_problem_by_name(j->store, "sum", &row), 0);
	CHECK_TEXT(row.title, "Sums");
	buf_release(&report);

	CHECK_INT(io_remove_tree(j->state.fd, "problems/sum"), 0);
	scan(j, control, &report);
	CHECK_TEXT(buf_text(&report), "");
	CHECK_INT(store_problem_by_name(j->store, "sum", &row), 0);
	CHECK(!row.installed);
	buf_release(&report);

	/* Without being told, once it has looked the same twice. */
	write_problem(j);
	wait_for(j, has_problem, "the problem to be found");
	close(control);
}

static bool has_closed(struct judge *j)
{
	return store_problem_by_name(j->store, "sum", &j->problem) == 0 &&
	       j->problem.close_us > 0 && j->problem.changed_us >= j->problem.close_us;
}

/* README.txt is made anew when the deadline passes. */
static void test_closing(void **state)
{
	struct judge *j = *state;
	time_t close_s = time(NULL) + 2;
	int control = hello(j, "control", 0);
	struct buf report = { 0 }, readme = { 0 };
	struct pfile_row row;
	char text[64];
	int fd;

	strftime(text, sizeof(text), "[problem]\nclose = %F %TZ\n", gmtime(&close_s));
	folder_write(&j->state, "problems/sum/problem.ini", text);
	scan(j, control, &report);
	wait_for(j, has_closed, "the README of a closed problem");
	CHECK_INT(store_pfile_lookup(j->store, j->problem.id, 0, "README.txt", &row), 0);
	fd = blobs_get(store_blobs(j->store), &row.blob.digest);
	CHECK_INT(io_read_fd(fd, 1 << 16, &readme), 0);
	CHECK_HAS(buf_text(&readme), "Closed since");
	io_close(fd);
	buf_release(&readme);
	buf_release(&report);
	close(control);
}

static void calibrated(int worker, const json_t *job, enum verdict verdict, int64_t cpu_us)
{
	const json_t *problem = json_object_get(json_object_get(job, "job"), "problem");
	struct test_result tests[2] = {
		{ .name = (char *)"secret/1", .group = (char *)"secret", .verdict = verdict },
		{ .name = (char *)"secret/2", .group = (char *)"secret", .verdict = verdict },
	};
	struct outcome o = { .verdict = verdict, .max_score = 1, .cpu_us = cpu_us,
			     .test = (char *)"secret/1", .lang_id = (char *)"sh", .tests = tests,
			     .ntests = json_array_size(json_object_get(problem, "tests")) };
	struct buf text = { 0 };

	CHECK_INT(outcome_encode(&o, &text), 0);
	say(worker, "{\"op\":\"outcome\",\"id\":%lld,\"attempt\":%lld,\"outcome\":%s}",
	    (long long)number_of(job, "id"), (long long)number_of(job, "attempt"),
	    buf_text(&text));
	buf_release(&text);
}

static json_t *expect_calibration(int worker)
{
	json_t *o = hear(worker), *limits;

	CHECK(o != NULL);
	CHECK_TEXT(text_of(o, "op"), "job");
	CHECK(number_of(o, "id") < 0);
	CHECK(json_is_true(json_object_get(json_object_get(o, "job"), "run_all")));
	limits = json_object_get(json_object_get(json_object_get(o, "job"), "problem"), "limits");
	CHECK_INT(number_of(limits, "cpu_us"), 60000000);
	return o;
}

static bool has_calibrated(struct judge *j)
{
	struct problem_row row;

	return store_problem_by_name(j->store, "timed", &row) == 0;
}

static bool is_read_again(struct judge *j)
{
	struct package_row row;

	return store_package(j->store, "timed", &row) == 0 && row.broken && row.digest[0] == '\0';
}

/* A package without a limit: from its accepted submissions, by the workers. */
static void test_calibration(void **state)
{
	struct judge *j = *state;
	int control = hello(j, "control", 0), worker = hello(j, "worker", 0);
	struct problem_row row;
	struct buf spec = { 0 }, report = { 0 };
	struct diag diag = { "" };
	struct job *job = NULL;
	json_t *o;

	folder_write(&j->state, "problems/timed/problem.yaml", "name: Timed\n");
	folder_write(&j->state, "problems/timed/data/secret/1.in", "1\n");
	folder_write(&j->state, "problems/timed/data/secret/1.ans", "1\n");
	folder_write(&j->state, "problems/timed/submissions/accepted/a.sh", "x");
	folder_write(&j->state, "problems/timed/submissions/accepted/b.sh", "y");
	folder_write(&j->state, "problems/timed/submissions/wrong_answer/c.sh", "z");
	say(control, "{\"op\":\"scan\"}");
	o = expect_calibration(worker);
	json_decref(o);
	/* A worker dies on the way. */
	close(worker);
	worker = hello(j, "worker", 0);
	o = expect_calibration(worker);
	calibrated(worker, o, VERDICT_AC, 300000);
	json_decref(o);
	o = expect_calibration(worker);
	calibrated(worker, o, VERDICT_AC, 1000);
	json_decref(o);
	o = hear(control);		/* answered when all is done */
	CHECK_HAS(text_of(o, "report"), "timed: installed");
	json_decref(o);
	CHECK(has_calibrated(j));
	CHECK_INT(store_problem_by_name(j->store, "timed", &row), 0);
	CHECK_INT(store_problem_spec(j->store, row.id, &spec), 0);
	CHECK_INT(job_decode(spec.data, spec.len, &job, &diag), 0);
	CHECK_INT(job->problem->limits.cpu_us, problem_limit_from(job->problem, 300000));
	job_free(job);
	buf_release(&spec);

	/* What should be accepted is not: the new version is not shown, the old one is. */
	folder_write(&j->state, "problems/timed/data/secret/2.in", "2\n");
	folder_write(&j->state, "problems/timed/data/secret/2.ans", "2\n");
	say(control, "{\"op\":\"scan\"}");
	o = expect_calibration(worker);
	calibrated(worker, o, VERDICT_WA, 1000);
	json_decref(o);
	o = hear(control);
	CHECK_HAS(text_of(o, "report"), "timed: not shown: submissions/accepted/a.sh: it should be"
		  " accepted and is not: Wrong answer on test secret/1");
	json_decref(o);
	CHECK_INT(store_problem_by_name(j->store, "timed", &row), 0);
	CHECK(row.installed);
	/* It may have been this host's fault: it is tried again when asked, once for all who ask. */
	say(control, "{\"op\":\"scan\"}");
	o = expect_calibration(worker);
	say(control, "{\"op\":\"scan\"}");
	wait_for(j, is_read_again, "it to be taken as never read");
	calibrated(worker, o, VERDICT_JE, 1000);
	json_decref(o);
	for (int i = 0; i < 2; i++) {
		o = expect_calibration(worker);
		calibrated(worker, o, VERDICT_JE, 1000);
		json_decref(o);
	}
	o = hear(control);
	CHECK_HAS(text_of(o, "report"), "timed: not shown: ");
	json_decref(o);
	/* And at the next start. */
	close(worker);
	close(control);
	sched_end(j, SIGTERM);
	sched_start(j);
	worker = hello(j, "worker", 0);
	control = hello(j, "control", 0);
	for (int i = 0; i < 2; i++) {
		o = expect_calibration(worker);
		calibrated(worker, o, VERDICT_AC, 1000);
		json_decref(o);
	}
	scan(j, control, &report);
	CHECK_HAS(buf_text(&report), "timed: installed");
	buf_release(&report);
	/* It goes away while it is measured. */
	folder_write(&j->state, "problems/timed/data/secret/2.ans", "2 \n");
	say(control, "{\"op\":\"scan\"}");
	o = expect_calibration(worker);
	CHECK_INT(io_remove_tree(j->state.fd, "problems/timed"), 0);
	say(control, "{\"op\":\"scan\"}");
	json_decref(hear(control));
	calibrated(worker, o, VERDICT_AC, 1000);
	json_decref(o);
	scan(j, control, &report);
	CHECK_TEXT(buf_text(&report), "sum: installed\n");
	buf_release(&report);
	close(worker);
	close(control);
}

/* ------------------------------------------------------------- over restarts */

/* What an older program left in the store. */
static void make_spec_old(struct judge *j)
{
	sqlite3 *db = NULL;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/db/judge.db", j->state.fd);
	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db, "UPDATE problem SET spec = '{\"version\":0}'", NULL, NULL, NULL),
		  SQLITE_OK);
	sqlite3_close(db);
}

/* Whatever it does to whom: attempts are counted over all restarts. */
static void test_poison(void **state)
{
	struct judge *j = *state;
	int64_t id, attempt;
	int worker;

	sched_end(j, SIGTERM);
	id = hand_in_stored(j, "a.sh", "x");
	for (int i = 0; i < SCHED_TRIES + 1; i++) {	/* retries = 1 */
		CHECK_INT(store_lease(j->store, id, "sh", 0, 1, &attempt), 0);
		CHECK_INT(store_requeue(j->store, id, attempt), 0);
	}
	sched_again(j);
	worker = hello(j, "worker", 0);
	CHECK_INT(done(j, id).verdict, VERDICT_JE);
	id = hand_in_stored(j, "b.sh", "x");
	expect_job(worker, id, 1);
	judged(worker, id, 1, VERDICT_AC);
	CHECK_INT(done(j, id).verdict, VERDICT_AC);
	close(worker);
}

static bool is_newer(struct judge *j)
{
	struct problem_row row;

	return store_problem_by_name(j->store, "sum", &row) == 0 &&
	       row.changed_us > j->problem.changed_us;
}

/* A worker that does not answer in time has lost its attempt. */
static void test_deadline(void **state)
{
	struct judge *j = *state;
	int64_t id;
	int worker;

	sched_end(j, SIGTERM);
	folder_write(&j->state, "judge.ini", "[limits]\ntime = 1ms\nwall = 1ms\n"
		     "compile-time = 1ms\ncheck-time = 1ms\n");
	j->slack = "1000";
	sched_again(j);
	wait_for(j, is_newer, "the problem with these limits");
	worker = hello(j, "worker", 0);
	id = hand_in_stored(j, "a.sh", "x");
	expect_job(worker, id, 1);
	CHECK(hear(worker) == NULL);
	close(worker);
	/* The next one has all the time it needs. */
	sched_end(j, SIGTERM);
	j->slack = "60000000";
	sched_again(j);
	worker = hello(j, "worker", 0);
	expect_job(worker, id, 2);
	judged(worker, id, 2, VERDICT_AC);
	CHECK_INT(done(j, id).verdict, VERDICT_AC);
	close(worker);
}

/* A problem that an older version of this program stored: read anew, then judged. */
static void test_old_spec(void **state)
{
	static const char *const names[2] = { "secret/1", "secret/2" };
	struct judge *j = *state;
	int worker;
	int64_t id;
	json_t *o;

	folder_write(&j->state, "problems/sum/problem.yaml", "name: Sum\n");
	folder_write(&j->state, "problems/sum/data/secret/1.in", "1\n");
	folder_write(&j->state, "problems/sum/data/secret/1.ans", "1\n");
	folder_write(&j->state, "problems/sum/data/secret/2.in", "1\n");
	folder_write(&j->state, "problems/sum/data/secret/2.ans", "1\n");
	folder_write(&j->state, "problems/sum/submissions/accepted/a.sh", "x");
	sched_end(j, SIGTERM);
	make_spec_old(j);
	id = hand_in_stored(j, "a.sh", "x");
	sched_again(j);
	worker = hello(j, "worker", 0);
	o = expect_calibration(worker);
	calibrated(worker, o, VERDICT_AC, 1000);
	json_decref(o);
	expect_job(worker, id, 1);
	judged_tests(worker, id, 1, VERDICT_AC, names, "secret");
	CHECK_INT(done(j, id).verdict, VERDICT_AC);
	close(worker);
}

static void test_status(void **state)
{
	struct judge *j = *state;
	int control = hello(j, "control", 0), worker = hello(j, "worker", 3);
	int64_t id = hand_in(j, "a.sh", "x");
	json_t *o, *of;

	expect_job(worker, id, 1);
	say(control, "{\"op\":\"status\"}");
	o = hear(control);
	CHECK_HAS(text_of(o, "text"), "0 waiting, 1 running, 1 worker");
	CHECK_INT(json_array_size(json_object_get(o, "queue")), 1);
	of = json_array_get(json_object_get(o, "workers"), 0);
	CHECK_INT(number_of(of, "slot"), 3);
	CHECK_INT(number_of(of, "submission"), id);
	CHECK_INT(json_array_size(json_object_get(o, "problems")), 1);
	CHECK_INT(json_array_size(json_object_get(o, "languages")), 2);
	json_decref(o);
	judged(worker, id, 1, VERDICT_AC);
	done(j, id);

	say(control, "{\"op\":\"rejudge\",\"id\":%lld}", (long long)id);
	o = hear(control);
	CHECK_INT(number_of(o, "count"), 1);
	json_decref(o);
	expect_job(worker, id, 2);
	j->publisher = hello(j, "publisher", 0);
	o = shown(j, id);		/* not final any more */
	CHECK_TEXT(line_of(o), "Compiling\n");
	CHECK_HAS(text_of(json_object_get(o, "texts"), "result.json"), "\"final\":false");
	answer(j, o);
	say(control, "{\"op\":\"rejudge\",\"id\":%lld}", (long long)id);
	o = hear(control);
	CHECK(text_of(o, "error")[0] != '\0');
	json_decref(o);
	judged(worker, id, 2, VERDICT_WA);
	CHECK_INT(done(j, id).verdict, VERDICT_WA);
	say(control, "{\"op\":\"rejudge\",\"problem\":\"sum\"}");
	o = hear(control);
	CHECK_INT(number_of(o, "count"), 1);
	json_decref(o);
	expect_job(worker, id, 3);
	judged(worker, id, 3, VERDICT_AC);
	CHECK_INT(done(j, id).verdict, VERDICT_AC);
	say(control, "{\"op\":\"rejudge\",\"problem\":\"no such\"}");
	o = hear(control);
	CHECK_TEXT(text_of(o, "error"), "no such problem");
	json_decref(o);
	close(worker);
	close(control);
}

static void test_root(void **state)
{
	static const struct { const char *name, *has; } files[] = {
		{ "README.txt", "cp hello.c /somewhere/PROBLEM/sub/" },
		{ "README.txt", "Ms Smith" },
		{ "languages.txt", "Shell" },
		{ "health.txt", "Cobol" },
		{ "queue.txt", "0 waiting, 0 running, 0 workers" },
	};
	struct judge *j = *state;
	unsigned seen = 0;

	j->publisher = hello(j, "publisher", 0);
	while (seen != (1 << ARRAY_SIZE(files)) - 1) {
		json_t *o = hear(j->publisher);

		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			if (strcmp(text_of(o, "root"), files[i].name) != 0)
				continue;
			CHECK_HAS(text_of(o, "text"), files[i].has);
			seen |= 1 << i;
		}
		say(j->publisher, "{\"op\":\"published\",\"root\":\"%s\"}", text_of(o, "root"));
		json_decref(o);
	}
}

static void test_reload(void **state)
{
	struct judge *j = *state;
	int worker = hello(j, "worker", 0);
	int64_t id;

	j->publisher = hello(j, "publisher", 0);
	/* A fault keeps what there was; then a new contact. */
	folder_write(&j->state, "judge.ini", "[judge]\ntypo = 1\n");
	kill(j->pid, SIGHUP);
	id = hand_in(j, "a.sh", "x");
	expect_job(worker, id, 1);
	judged(worker, id, 1, VERDICT_AC);
	done(j, id);
	expect_root(j, "judge.ini:2: unknown key 'typo'");
	folder_write(&j->state, "judge.ini", "[judge]\ncontact = Mr Jones\n");
	kill(j->pid, SIGHUP);
	expect_root(j, "Mr Jones");
	close(worker);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(test_one), T(test_progress_tells_no_more), T(test_refused),
		T(test_judge_error), T(test_worker_lost),
		T(test_replaced), T(test_sched_killed), T(test_publisher), T(test_publisher_hangs), T(test_queue),
		T(test_misdeeds), T(test_problems), T(test_closing), T(test_calibration), T(test_status),
		T(test_root), T(test_reload), T(test_poison), T(test_deadline), T(test_old_spec),
	};

	if (argc == 4)
		return sched_main(argv[1], argv[2], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
