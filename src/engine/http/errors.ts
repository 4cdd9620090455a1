// Failures as Docker clients read them: a status and `{"message": …}`. gantry's own client also gets code and hint apart.
import type { IncomingHttpHeaders } from 'node:http';
import { GantryError, messageOf } from '../../base/error.ts';
import { tellDiskFull } from '../disk-full.ts';

/** A failure, ready to be sent. 304 has no body. */
export interface FailureAnswer {
  readonly status: number;
  readonly body: { readonly message: string; readonly code: string; readonly hint?: string };
}

/** What is answered for a thrown error. The hint stands in the message for clients that show nothing else. */
export function failureAnswer(thrown: unknown, own: boolean): FailureAnswer {
  const error = tellDiskFull(thrown);
  if (!(error instanceof GantryError)) {
    return { status: 500, body: { message: messageOf(error), code: 'engine/internal' } };
  }
  const { code, hint, message } = error;
  if (hint === undefined) return { status: error.status, body: { message, code } };
  return { status: error.status, body: { message: own ? message : `${message} (${hint})`, code, hint } };
}

/** True when the request comes from gantry's own client. */
export function isOwnClient(headers: IncomingHttpHeaders): boolean {
  return headers['user-agent']?.startsWith('gantry/') === true;
}
