/* gantry-fs: one job per run, named by a verb. On success one line of numbers on stdout and status 0;
 * on failure "STEP ERRNO PATH" on stderr and status 1; 2 for a wrong command line. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "fs.h"
#include "verbs.h"

enum { BUFFER = 256 * 1024 };

/* Overridden by --max-bytes and --max-entries. */
static const uint64_t MAX_BYTES = UINT64_C(1) << 40;
static const uint64_t MAX_ENTRIES = 4000000;

static int report(struct fs_err *e)
{
	for (char *p = e->path; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	dprintf(STDERR_FILENO, "%s %d %s\n", e->step, e->eno, e->path);
	return 1;
}

static int usage(void)
{
	static const char text[] =
		"usage: gantry-fs unpack --root DIR [--max-bytes N] [--max-entries N] [--recipe FILE] <TAR\n"
		"       gantry-fs snapshot --root DIR [--recipe FILE] >TAR\n"
		"       gantry-fs pack --root DIR --recipe FILE|- >TAR\n"
		"       gantry-fs remove DIR...\n"
		"       gantry-fs size DIR\n"
		"       gantry-fs sync DIR\n"
		"ROOT (see root.h): --root DIR | --pid N --cgroup NAME |\n"
		"      --layer DIR... [--upper DIR --work DIR] [--bind|--bind-ro SOURCE TARGET]...\n"
		"       gantry-fs stat ROOT --path PATH [--follow]\n"
		"       gantry-fs get ROOT --path PATH [--follow] [--name NAME] [--alone] >STAT+TAR\n"
		"       gantry-fs put ROOT --path PATH [--keep-kinds] [--rename NAME]\n"
		"                 [--owner USER[:GROUP]|--own] <TAR\n"
		"       gantry-fs delete ROOT -- PATH...\n"
		"       gantry-fs changes --upper DIR --layer DIR... >LIST\n"
		"       gantry-fs digest ROOT [--owners] -- PATTERN... >LIST\n"
		"       gantry-fs copy ROOT --into ROOT [--owner USER[:GROUP]|--keep-owners] [--mode OCTAL]\n"
		"                 [--make DIR] -- SOURCE TARGET ...\n";
	dprintf(STDERR_FILENO, "%s", text);
	return 2;
}

static int open_folder(const char *path, struct fs_err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? fs_fail(e, "open-folder", path) : fd;
}

struct archive_args {
	const char *root;
	const char *recipe;
	struct unpack job;
};

static bool parse_count(const char *text, uint64_t *out)
{
	char *end;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

static bool parse_archive(char **args, struct archive_args *out)
{
	for (; *args != NULL; args += 2) {
		if (args[1] == NULL)
			return false;
		if (strcmp(*args, "--root") == 0)
			out->root = args[1];
		else if (strcmp(*args, "--recipe") == 0)
			out->recipe = args[1];
		else if (strcmp(*args, "--max-bytes") == 0 && parse_count(args[1], &out->job.max_bytes))
			;
		else if (strcmp(*args, "--max-entries") == 0 && parse_count(args[1], &out->job.max_entries))
			;
		else
			return false;
	}
	return out->root != NULL;
}

/* What follows the archive's end is read too, so that the writer never meets a closed pipe. */
static int unpack_all(int root, struct input *in, struct unpack *job, struct fs_err *e)
{
	if (unpack_tar(root, in, job, e) < 0 || input_drain(in, e) < 0)
		return -1;
	return recipe_flush(in->recipe, e);
}

static int open_recipe(const char *path, struct recipe *recipe, struct fs_err *e)
{
	recipe->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return recipe->fd < 0 ? fs_fail(e, "recipe", path) : 0;
}

static int run_unpack(char **args, struct fs_err *e)
{
	static struct recipe recipe = {.fd = -1};
	static unsigned char buf[BUFFER];
	struct archive_args a = {.job = {.max_bytes = MAX_BYTES, .max_entries = MAX_ENTRIES}};
	struct input in = {.fd = STDIN_FILENO, .buf = buf, .cap = sizeof buf};
	if (!parse_archive(args, &a))
		return usage();
	if (a.recipe != NULL && open_recipe(a.recipe, &recipe, e) < 0)
		return report(e);
	in.recipe = a.recipe != NULL ? &recipe : NULL;
	_close_ int root = open_folder(a.root, e);
	umask(0);
	if (root < 0 || unpack_all(root, &in, &a.job, e) < 0)
		return report(e);
	dprintf(STDOUT_FILENO, "entries=%" PRIu64 " bytes=%" PRIu64 " recipe=%d\n", a.job.entries, a.job.bytes,
		a.recipe != NULL && !recipe.lost);
	return 0;
}

/* stdout is the archive, so the numbers go to stderr. */
static int run_snapshot(char **args, struct fs_err *e)
{
	static struct recipe recipe = {.fd = -1};
	struct archive_args a = {0};
	uint64_t bytes = 0;
	if (!parse_archive(args, &a))
		return usage();
	if (a.recipe != NULL && open_recipe(a.recipe, &recipe, e) < 0)
		return report(e);
	_close_ int root = open_folder(a.root, e);
	if (root < 0 || snapshot_tar(root, a.recipe != NULL ? &recipe : NULL, &bytes, e) < 0)
		return report(e);
	dprintf(STDERR_FILENO, "bytes=%" PRIu64 "\n", bytes);
	return 0;
}

static int run_pack(char **args, struct fs_err *e)
{
	static unsigned char buf[BUFFER];
	struct archive_args a = {0};
	struct input in = {.buf = buf, .cap = sizeof buf};
	if (!parse_archive(args, &a) || a.recipe == NULL)
		return usage();
	_close_ int root = open_folder(a.root, e);
	if (root < 0)
		return report(e);
	in.fd = strcmp(a.recipe, "-") == 0 ? STDIN_FILENO : open(a.recipe, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (in.fd < 0) {
		(void)fs_fail(e, "recipe", a.recipe);
		return report(e);
	}
	return recipe_pack(root, &in, e) < 0 ? report(e) : 0;
}

/* The parent is opened by its path as the engine names it; from there on only names below it count. */
static int remove_path(char *path, struct fs_err *e)
{
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return fs_fail_with(e, "path", EINVAL, path);
	if (slash != NULL)
		*slash = '\0';
	const char *parent = slash == NULL ? "." : slash == path ? "/" : path;
	_close_ int dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? 0 : fs_fail(e, "open-folder", parent);
	return tree_remove(dir, name, e);
}

static int run_remove(char **paths, struct fs_err *e)
{
	if (*paths == NULL)
		return usage();
	for (; *paths != NULL; paths++)
		if (remove_path(*paths, e) < 0)
			return report(e);
	return 0;
}

static int run_size(char **paths, struct fs_err *e)
{
	if (paths[0] == NULL || paths[1] != NULL)
		return usage();
	uint64_t bytes = 0;
	_close_ int dir = open_folder(paths[0], e);
	if (dir < 0 || tree_size(dir, &bytes, e) < 0)
		return report(e);
	dprintf(STDOUT_FILENO, "bytes=%" PRIu64 "\n", bytes);
	return 0;
}

/* Everything written to the file system of a folder is on its disk when this returns. */
static int run_sync(char **paths, struct fs_err *e)
{
	if (paths[0] == NULL || paths[1] != NULL)
		return usage();
	_close_ int dir = open_folder(paths[0], e);
	if (dir >= 0 && syncfs(dir) < 0)
		(void)fs_fail(e, "sync", paths[0]);
	else if (dir >= 0)
		return 0;
	return report(e);
}

/* Deep trees hold a descriptor per level. */
static void raise_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static const struct {
	const char *name;
	int (*run)(char **args, struct fs_err *e);
} VERBS[] = {
	{"unpack", run_unpack},
	{"snapshot", run_snapshot},
	{"pack", run_pack},
	{"remove", run_remove},
	{"size", run_size},
	{"sync", run_sync},
};

static const struct {
	const char *name;
	int (*run)(char **args, struct fs_err *e);
} ROOT_VERBS[] = {
	{"stat", verb_stat},
	{"get", verb_get},
	{"put", verb_put},
	{"delete", verb_delete},
	{"changes", verb_changes},
	{"digest", verb_digest},
	{"copy", verb_copy},
};

static int run_root_verb(int (*run)(char **args, struct fs_err *e), char **args, struct fs_err *e)
{
	int result = run(args, e);
	return result == VERB_USAGE ? usage() : result < 0 ? report(e) : 0;
}

int main(int argc, char **argv)
{
	static struct fs_err e;
	raise_descriptors();
	for (size_t i = 0; argc >= 2 && i < sizeof VERBS / sizeof *VERBS; i++)
		if (strcmp(argv[1], VERBS[i].name) == 0)
			return VERBS[i].run(argv + 2, &e);
	for (size_t i = 0; argc >= 2 && i < sizeof ROOT_VERBS / sizeof *ROOT_VERBS; i++)
		if (strcmp(argv[1], ROOT_VERBS[i].name) == 0)
			return run_root_verb(ROOT_VERBS[i].run, argv + 2, &e);
	return usage();
}
