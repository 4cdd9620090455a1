// A watch of a project from start to end: rules, one watcher, one worker a service, the engine's events.
import { lstat } from 'node:fs/promises';
import { aborted } from '../base/aborted.ts';
import type { Docker } from '../client/docker.ts';
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import type { ServiceActions } from './actions.ts';
import type { WatchReport } from './report.ts';
import { isSync, isWithin, type Rule } from './rule.ts';
import { openTargets } from './targets.ts';
import { startWatcher } from './watcher.ts';
import { ServiceWorker } from './worker.ts';

/** What a watch needs. */
export interface SessionInput {
  readonly docker: Docker;
  readonly project: Project;
  /** Of `rulesOf`. */
  readonly rules: readonly Rule[];
  readonly actions: ServiceActions;
  readonly report: WatchReport;
}

/** Watches until the signal is aborted; resolves when all that was begun has ended. */
export async function watchProject(
  { docker, project, rules, actions, report }: SessionInput,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const notice = (text: string): void => report({ kind: 'notice', text });
  const workers = new Map<string, ServiceWorker>();
  const targets = await openTargets({
    docker,
    project: project.name,
    signal,
    notice,
    started: (service, id) => {
      for (const [name, worker] of workers) if (service === undefined || service === name) worker.started(id);
    },
  });
  for (const [service, own] of Map.groupBy(rules, (rule) => rule.service)) {
    const volatile = hasTmpfsTarget(project.services[service], own);
    const input = { service, rules: own, docker, targets, actions, report, volatile, signal };
    workers.set(service, new ServiceWorker(input));
  }
  const change = (path: string): void => workers.forEach((worker) => worker.change(path));
  await tellAbsent(rules, notice);
  const watcher = await startWatcher({ rules, change, notice });
  try {
    await Promise.all([...workers.values()].map(async (worker) => await worker.begin()));
    report({ kind: 'watching', services: [...workers.keys()] });
    await aborted(signal);
  } finally {
    await watcher.close();
    await Promise.all([...workers.values()].map(async (worker) => await worker.idle()));
    await targets.ended;
  }
}

async function tellAbsent(rules: readonly Rule[], notice: (text: string) => void): Promise<void> {
  for (const { service, path } of rules) {
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) notice(`${service}: ${path} does not exist; it is watched for from now on`);
  }
}

/** A tmpfs is empty after each start. */
function hasTmpfsTarget(service: Service | undefined, rules: readonly Rule[]): boolean {
  const mounts = [
    ...(service?.tmpfs ?? []).map((text) => text.split(':', 1)[0] ?? ''),
    ...(service?.volumes ?? []).filter(({ type }) => type === 'tmpfs').map(({ target }) => target),
  ];
  return rules.some((rule) => isSync(rule) && mounts.some((mount) => isWithin(mount, rule.target)));
}
