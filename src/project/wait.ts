// Waits for conditions of containers: subscribe, look once, then only listen. Never polls.
import type { ContainerInspect } from '../api/containers.ts';
import type { EngineEvent } from '../api/objects.ts';
import { GantryError } from '../base/error.ts';
import type { Docker } from '../client/docker.ts';
import { eventContainer, type EventHub } from './event-hub.ts';
import type { WaitCondition } from './plan.ts';

/** Where waits get their facts. */
export interface WaitContext {
  readonly docker: Docker;
  readonly hub: EventHub;
  readonly signal: AbortSignal;
}

/** Resolves when the container has reached the condition; rejects with project/dependency-failed when it cannot any more. */
export async function waitFor(context: WaitContext, container: string, condition: WaitCondition): Promise<void> {
  await context.hub.open();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const judge = (verdict: Verdict): void => {
    if (verdict === 'reached') resolve(undefined);
    else if (verdict !== 'open') reject(new GantryError('project/dependency-failed', verdict.failed));
  };
  const onEvent = (event: EngineEvent): void => {
    if (eventContainer(event) === container) judge(judgeEvent(event, container, condition));
  };
  const stop = context.hub.listen(onEvent, reject);
  const onAbort = (): void => reject(new GantryError('base/aborted', `waiting for ${container} was cancelled`));
  context.signal.addEventListener('abort', onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  try {
    const looked = context.docker.getContainer(container).inspect({ abortSignal: context.signal });
    looked.then((state) => judge(judgeState(state, container, condition)), reject);
    await promise;
  } finally {
    stop();
    context.signal.removeEventListener('abort', onAbort);
  }
}

type Verdict = 'reached' | 'open' | { readonly failed: string };

const failed = (text: string): Verdict => ({ failed: text });
const exited = (container: string, code: number | string): Verdict => failed(`container ${container} exited (${code})`);

function judgeState(inspect: ContainerInspect, container: string, condition: WaitCondition): Verdict {
  const { State: state } = inspect;
  const ended = state.Status === 'exited' || state.Status === 'dead';
  if (condition === 'completed') return ended ? judgeExit(container, state.ExitCode) : 'open';
  if (ended) return condition === 'ready' && state.ExitCode === 0 ? 'reached' : exited(container, state.ExitCode);
  const health = state.Health?.Status;
  if (health === undefined || health === 'none') {
    return condition === 'ready' ? 'reached' : failed(`container ${container} has no healthcheck configured`);
  }
  return judgeHealth(container, health);
}

function judgeEvent(event: EngineEvent, container: string, condition: WaitCondition): Verdict {
  const { Action: action } = event;
  if (action === 'die') {
    const code = Number(event.Actor.Attributes['exitCode'] ?? 0);
    if (condition === 'completed') return judgeExit(container, code);
    return condition === 'ready' && code === 0 ? 'reached' : exited(container, code);
  }
  if (action === 'destroy') return failed(`container ${container} was removed`);
  if (condition === 'completed' || !action.startsWith('health_status')) return 'open';
  return judgeHealth(container, action.slice('health_status:'.length).trim());
}

function judgeHealth(container: string, health: string): Verdict {
  if (health === 'healthy') return 'reached';
  return health === 'unhealthy' ? failed(`container ${container} is unhealthy`) : 'open';
}

function judgeExit(container: string, code: number): Verdict {
  return code === 0 ? 'reached' : failed(`container ${container} didn't complete successfully: exit ${code}`);
}
