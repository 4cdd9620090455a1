/* Which files of a tree have been copied under which name, so that their other names become links again. Lives in the
 * short process that copies; nothing is given back. */
#ifndef GANTRY_COPY_LINKS_H
#define GANTRY_COPY_LINKS_H
#include <stdbool.h>
#include <sys/stat.h>

/* Forgets everything: another tree begins. */
void copy_links_begin(void);
/* The part of the tree that is being copied: step into an entry; gives what copy_links_leave takes. */
unsigned copy_links_enter(const char *name);
void copy_links_leave(unsigned before);
/* Remembers that the file was copied as the entry stepped into. */
void copy_links_note(const struct stat *st);
/* Makes `name` in `into` a link to the earlier copy below `root`; false when there is none, or it can't be. */
bool copy_links_make(int root, const struct stat *st, int into, const char *name);
#endif
