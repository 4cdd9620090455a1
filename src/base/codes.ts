// The closed list of error codes: the HTTP status the engine answers with, and the exit code of the CLI
// (docker compose's own: reference 1.4). The finer class of a failure is its code.

interface CodeRow {
  readonly status: number;
  readonly exit: number;
}

const row = (status: number, exit = 1): CodeRow => ({ status, exit });

/** Every code a GantryError may carry. */
export const CODES = {
  'usage/invalid-flag': row(400),
  'usage/unknown-command': row(400),
  'usage/invalid-template': row(400, 64),
  'cli/interrupted': row(500, 130),
  'compose/file-not-found': row(404),
  'compose/invalid-file': row(400),
  'compose/invalid-project-name': row(400),
  'compose/unknown-service': row(404),
  'compose/dependency-cycle': row(400),
  'compose/interpolation': row(400),
  'project/dependency-failed': row(500),
  'project/timeout': row(500),
  'project/operation-failed': row(500),
  'project/build-failed': row(500, 17),
  'project/build-refused': row(400),
  'client/unreachable': row(503),
  'client/http': row(500),
  'client/protocol': row(500),
  'client/bad-context': row(400),
  'client/build-failed': row(500),
  'client/config': row(500),
  'engine/bad-parameter': row(400),
  'engine/invalid-dockerfile': row(400),
  'engine/build-failed': row(500),
  'engine/unauthorized': row(401),
  'engine/forbidden': row(403),
  'engine/not-found': row(404),
  'engine/not-modified': row(304),
  'engine/conflict': row(409),
  'engine/internal': row(500),
  'engine/not-implemented': row(501),
  'engine/unavailable': row(503),
  'engine/port-taken': row(500),
  'engine/already-running': row(500),
  'engine/unsupported-host': row(500),
  'engine/not-root': row(500),
  'engine/disk-full': row(500),
  'registry/unreachable': row(500),
  'registry/unauthorized': row(500),
  'registry/denied': row(404),
  'registry/not-found': row(404),
  'registry/rate-limited': row(500),
  'registry/protocol': row(500),
  'runtime/start-failed': row(500),
  'runtime/exec-failed': row(500),
  'runtime/shim-lost': row(500),
  'runtime/protocol': row(500),
  'base/process-failed': row(500),
  'base/aborted': row(500, 130),
} as const satisfies Record<string, CodeRow>;

/** One of the codes. */
export type ErrorCode = keyof typeof CODES;
