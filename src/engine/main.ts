// The daemon as a process: environment, log, signals, readiness and exit status. The engine itself is daemon.ts.
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processEnv, type Env } from '../base/env.ts';
import { isGantryError, messageOf } from '../base/error.ts';
import { createLogger, type LogLevel, type Logger } from '../base/log.ts';
import { enginePaths } from '../base/paths.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import { openLogFile } from './log-file.ts';

/** A starter waits on this descriptor, a socket: `ready\n`, or one line of JSON {code, message, hint}, then its end. */
const READY_FD = 3;
const DEFAULT_IDLE_SECONDS = 180;
/** How long closing may take; what is left then is mended by the next start. */
const CLOSE_MS = 15_000;

async function main(env: Env): Promise<number> {
  process.chdir('/');
  process.umask(0o022);
  const paths = enginePaths(env);
  let log: Logger | undefined;
  const openLog = (): Logger => (log = createLogger(openLogFile(paths.data), logLevel(env)));
  guard(() => log);
  const starter = openStarter();
  let daemon: Daemon;
  try {
    daemon = await startDaemon({ paths, openLog, idleSeconds: idleSeconds(env) });
  } catch (error) {
    log?.error('engine did not start', { error });
    starter.say(failureLine(error));
    process.stderr.write(`gantry engine: ${messageOf(error)}\n`);
    return 1;
  }
  starter.say('ready\n');
  log?.info('engine ends', { why: await endReason(daemon) });
  await Promise.race([daemon.close(), delay(CLOSE_MS)]);
  return 0;
}

function logLevel(env: Env): LogLevel {
  const asked = env['GANTRY_LOG'];
  return asked === 'error' || asked === 'warn' || asked === 'debug' ? asked : 'info';
}

function idleSeconds(env: Env): number {
  const asked = Number(env['GANTRY_IDLE_SECONDS'] ?? DEFAULT_IDLE_SECONDS);
  return Number.isFinite(asked) && asked >= 0 ? asked : DEFAULT_IDLE_SECONDS;
}

/** A mistake in the engine ends it at once; shims keep the containers, and the next command starts another engine. */
function guard(log: () => Logger | undefined): void {
  const die = (error: unknown): void => {
    log()?.error('engine failed', { error });
    process.stderr.write(`gantry engine: ${messageOf(error)}\n`);
    process.exit(70);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

async function endReason(daemon: Daemon): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  process.on('SIGHUP', () => undefined);
  return await Promise.race([promise, daemon.wantsToEnd]);
}

function failureLine(error: unknown): string {
  const known = isGantryError(error) ? { code: error.code, hint: error.hint } : { code: 'engine/internal' };
  return `${JSON.stringify({ ...known, message: messageOf(error) })}\n`;
}

/** The starter's end of descriptor 3; nobody waits when it is no socket, for example under systemd. */
function openStarter(): { say(line: string): void } {
  const isWaiting = isSocket(READY_FD);
  return {
    say(line) {
      if (!isWaiting) return;
      try {
        writeSync(READY_FD, line);
      } catch {
        // the starter has gone; the engine serves whoever comes next
      }
      closeSync(READY_FD);
    },
  };
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false; // not open
  }
}

// no top-level await: the bundle is CommonJS
void main(processEnv()).then((status) => process.exit(status));
