// Failures of API calls as one error type that also has dockerode's fields; wording for people belongs to the callers.
import { GantryError, type ErrorExtra } from '../base/error.ts';
import { CODES, type ErrorCode } from '../base/codes.ts';

/** An answer outside the accepted statuses. `statusCode`, `reason` and `json` are named as dockerode names them. */
export class HttpError extends GantryError {
  readonly statusCode: number;
  /** What the status means for this call, for example `no such container`. */
  readonly reason: string;
  /** The parsed body, or null when it was no JSON. */
  readonly json: unknown;

  constructor(statusCode: number, body: string, extra: ErrorExtra & { readonly call: string }) {
    const json = parseJson(body);
    const message = messageIn(json) ?? (body.trim() || `${extra.call}: the engine answered ${statusCode}`);
    const hint = field(json, 'hint');
    super(codeIn(json), message, {
      ...(hint === undefined ? {} : { hint }),
      ...extra,
      details: { call: extra.call, statusCode },
    });
    this.statusCode = statusCode;
    this.reason = REASONS[statusCode] ?? 'unexpected';
    this.json = json;
  }
}

/** True for an answer with this status. */
export function isHttpError(error: unknown, ...statuses: readonly number[]): error is HttpError {
  return error instanceof HttpError && (statuses.length === 0 || statuses.includes(error.statusCode));
}

const BROKEN: readonly unknown[] = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'];

/** A connection that broke in the middle of a stream, in words; any other error as it is. */
export function explainLoss(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof GantryError) return error;
  if (!('code' in error) || !BROKEN.includes(error.code)) return error;
  return new GantryError('client/unreachable', 'the connection to the engine was lost', {
    cause: error,
    hint: 'containers go on without the engine; run the command again to go on with them',
  });
}

const REASONS: Readonly<Record<number, string>> = {
  304: 'not modified',
  400: 'bad parameter',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  409: 'conflict',
  500: 'server error',
  501: 'not implemented',
  503: 'unavailable',
};

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // a body that is no JSON is shown as the text it is
    return null;
  }
}

function field(json: unknown, name: string): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const value: unknown = Reflect.get(json, name);
  return typeof value === 'string' ? value : undefined;
}

const messageIn = (json: unknown): string | undefined => field(json, 'message')?.trim();

/** gantry's engine names its own code beside the message; other engines do not. */
function codeIn(json: unknown): ErrorCode {
  const code = field(json, 'code');
  return code !== undefined && code in CODES ? (code as ErrorCode) : 'client/http';
}
