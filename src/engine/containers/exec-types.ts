// An exec while the daemon lives.
import type { CreateExecBody } from '../../api/containers.ts';

/** One exec of a container; execs do not outlive the daemon, what they run does. */
export interface Exec {
  /** 64 hex digits. */
  readonly id: string;
  readonly containerId: string;
  readonly request: CreateExecBody;
  status: 'created' | 'running' | 'exited';
  pid: number;
  /** null until it has ended. */
  exitCode: number | null;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  end(exitCode: number): void;
}

/** The name an exec has towards the shim: short, for it is part of a socket's path (108 bytes at most). */
export function execKey(id: string): string {
  return id.slice(0, 16);
}
