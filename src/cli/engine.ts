// Which engine a command talks to: the one that is named, else DOCKER_HOST's, else gantry's own, started when need be.
import type { Env } from '../base/env.ts';
import { enginePaths } from '../base/paths.ts';
import { VERSION } from '../base/version.ts';
import { Docker } from '../client/docker.ts';
import { isOlder, probeEngine } from './engine-probe.ts';

/** What the choice is made from. */
export interface EngineChoice {
  /** `--host`. */
  readonly host: string | undefined;
  readonly env: Env;
  /** Nothing may be changed in the engine. */
  readonly readOnly: boolean;
  readonly signal: AbortSignal;
  /** Says in one line that another tool's variable was followed. */
  readonly say: (line: string) => void;
}

/** A client of the chosen engine. */
export async function chooseEngine(choice: EngineChoice): Promise<Docker> {
  const { readOnly } = choice;
  const named = choice.host ?? choice.env['GANTRY_HOST'];
  if (named !== undefined && named !== '') return new Docker({ host: named, readOnly });
  const docker = choice.env['DOCKER_HOST'];
  if (docker !== undefined && docker !== '') {
    choice.say(`gantry: using the engine at ${docker} (DOCKER_HOST)\n`);
    return new Docker({ host: docker, readOnly });
  }
  const { socket } = enginePaths(choice.env);
  const probe = await probeEngine(socket);
  if (probe.state !== 'answers' || isOlder(probe.version, VERSION)) {
    const { ensureEngine } = await import('./engine-start.ts');
    await ensureEngine({ env: choice.env, signal: choice.signal });
  }
  return new Docker({ host: `unix://${socket}`, readOnly });
}
