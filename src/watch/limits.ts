// Says in words which limit of the kernel stands in the way of watching, its present value and how to raise it.
import { readFile } from 'node:fs/promises';

interface Limit {
  readonly sysctl: string;
  readonly what: string;
  readonly wanted: number;
}

const LIMITS: Readonly<Record<string, Limit>> = {
  ENOSPC: { sysctl: 'fs.inotify.max_user_watches', what: 'folders watched', wanted: 524_288 },
  EMFILE: { sysctl: 'fs.inotify.max_user_instances', what: 'programs that watch', wanted: 1024 },
};

/** The notice for an error of watching; undefined when it is no matter of limits. */
export async function limitNotice(error: unknown): Promise<string | undefined> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const limit = LIMITS[code];
  if (limit === undefined) return undefined;
  const value = await valueOf(limit.sysctl);
  return (
    `the system's limit of ${limit.what} is reached (${limit.sysctl} is ${value}): looking for changes every 0.3 s ` +
    `instead; raise it with: sudo sysctl -w ${limit.sysctl}=${limit.wanted}`
  );
}

async function valueOf(sysctl: string): Promise<string> {
  try {
    return (await readFile(`/proc/sys/${sysctl.replaceAll('.', '/')}`, 'utf8')).trim();
  } catch {
    return 'unknown';
  }
}
