/* The container's view of files, built by the process itself in its own mount namespace. */
#ifndef GANTRY_ROOTFS_H
#define GANTRY_ROOTFS_H
#include "err.h"

/* Overlay, pivot, mounts, devices and symlinks of the plan. Afterwards nothing of the host's tree is reachable. */
int rootfs_build(struct cur plan, struct err *e) MUST_CHECK;
/* Masks, read-only paths and the read-only root: the last changes, after the working folder was made. */
int rootfs_seal(struct cur plan, struct err *e) MUST_CHECK;

/* mounts.c: sources are opened while the host's tree is in view and mounted when it is gone. */
#define MAX_MOUNTS 512
struct mount_sources {
	uint32_t count;
	int fd[MAX_MOUNTS]; /* a detached tree per bind of the plan, -1 for other mounts */
};
int mounts_open(struct cur plan, struct mount_sources *sources, struct err *e) MUST_CHECK;
int mounts_attach(struct cur plan, struct mount_sources *sources, int root, struct err *e) MUST_CHECK;
/* Makes a new file system and mounts it detached; options are a comma list. Gives its descriptor. */
int mount_new(const char *fstype, const char *source, const char *options, uint32_t attr);

/* masks.c: `null` is a detached bind of the host's /dev/null. */
int masks_open(struct err *e) MUST_CHECK;
int masks_apply(struct cur plan, int root, int null, struct err *e) MUST_CHECK;

/* devices.c */
int devices_make(struct cur plan, int root, struct err *e) MUST_CHECK;

/* copy_up.c: fills an empty folder with what the image has at `target` below root; a filled one stays as it is. */
int copy_up(int root, const char *target, int into, struct err *e) MUST_CHECK;
#endif
