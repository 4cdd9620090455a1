// Lists all that a rule names: its folder's content without what is ignored.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ruleMatches, ruleNeedsFolder, type Rule } from './rule.ts';

/** The paths of everything that the rule is about and that is there. */
export async function pathsOf(rule: Rule): Promise<readonly string[]> {
  const found: string[] = ruleMatches(rule, rule.path) ? [rule.path] : [];
  const folders = [rule.path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (ruleMatches(rule, path)) found.push(path);
      if (entry.isDirectory() && ruleNeedsFolder(rule, path)) folders.push(path);
    }
  }
  return found;
}

async function entriesOf(folder: string): Promise<readonly { readonly name: string; isDirectory(): boolean }[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // a file has no entries, and what vanished is told by the watcher
    if (error instanceof Error && 'code' in error && ['ENOTDIR', 'ENOENT', 'EACCES'].includes(String(error.code)))
      return [];
    throw error;
  }
}
