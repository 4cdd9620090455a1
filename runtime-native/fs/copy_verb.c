/* The command line of `copy`: a root to read, a root to write, and pairs of paths. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "copy.h"
#include "owner.h"
#include "root.h"
#include "verbs.h"

struct args {
	struct root_spec from, into;
	const char *owner;
	const char *mode;
	const char *make;
	char **pairs;
	bool keep_owners;
};

static bool parse(char **args, struct args *a)
{
	struct root_spec *spec = &a->from;
	while (*args != NULL && strcmp(*args, "--") != 0) {
		const char **value = strcmp(*args, "--owner") == 0  ? &a->owner
				     : strcmp(*args, "--mode") == 0 ? &a->mode
				     : strcmp(*args, "--make") == 0 ? &a->make
								    : NULL;
		if (strcmp(*args, "--into") == 0) {
			spec = &a->into;
			args++;
		} else if (strcmp(*args, "--keep-owners") == 0) {
			a->keep_owners = true;
			args++;
		} else if (value != NULL && args[1] != NULL) {
			*value = args[1];
			args += 2;
		} else if (!root_option(&args, spec)) {
			return false;
		}
	}
	a->pairs = *args == NULL ? args : args + 1;
	return true;
}

/* The tree to read is opened first: the host's files are out of reach once the other one is entered. */
static int open_source(const struct root_spec *spec, struct fs_err *e)
{
	if (spec->layer_count > 0)
		return overlay_open(spec, e);
	return root_open(spec, e);
}

static int set_job(struct copy_job *job, const struct args *a, struct fs_err *e)
{
	unsigned int mode;
	int end = 0;
	job->mode = -1;
	job->keep_owners = a->keep_owners;
	if (a->mode != NULL) {
		if (sscanf(a->mode, "%5o%n", &mode, &end) != 1 || a->mode[end] != '\0' || mode > 07777)
			return fs_fail_with(e, "mode", EINVAL, a->mode);
		job->mode = (int)mode;
	}
	return a->owner == NULL ? 0 : owner_find(job->into, a->owner, &job->uid, &job->gid, e);
}

static int copy_all(struct copy_job *job, const struct args *a, struct fs_err *e)
{
	if (set_job(job, a, e) < 0)
		return -1;
	_close_ int made = a->make == NULL ? -1 : copy_make_folder(job, a->make, e);
	if (a->make != NULL && made < 0)
		return -1;
	for (char **pair = a->pairs; *pair != NULL && pair[1] != NULL; pair += 2)
		if (copy_path(job, pair[0], pair[1], e) < 0)
			return -1;
	return 0;
}

int verb_copy(char **args, struct fs_err *e)
{
	static struct args a;
	struct copy_job job = {0};
	if (!parse(args, &a))
		return VERB_USAGE;
	bool reads = a.from.dir != NULL || a.from.layer_count > 0;
	_close_ int from = reads ? open_source(&a.from, e) : -1;
	if (reads && from < 0)
		return -1;
	_close_ int into = root_open(&a.into, e);
	umask(0);
	job.from = from;
	job.into = into;
	int result = into < 0 ? -1 : copy_all(&job, &a, e);
	links_seen_free(&job.links);
	return result;
}
