// Routes that speak to registries. What does the work is loaded by the first of them: most engines never pull.
import { GantryError, messageOf } from '../../../base/error.ts';
import { parseReference, type ImageReference } from '../../images/reference.ts';
import type { TransferLines } from '../../images/transfer/progress.ts';
import type { TransferStore } from '../../images/transfer/store.ts';
import { credentialsOf, type Credentials } from '../../registry/credentials.ts';
import type { ApiRequest, StreamAnswer } from '../types.ts';

/** POST /images/create?fromImage=…: a refusal of the registry is the status, what fails later a line of the stream. */
export async function pullAnswer(transfer: TransferStore, request: ApiRequest): Promise<StreamAnswer> {
  const { query, signal } = request;
  const { beginPull } = await import('../../images/transfer/pull.ts');
  const started = await beginPull(
    transfer,
    {
      ref: pulledReference(query.text('fromImage') ?? '', query.text('tag') ?? ''),
      platform: query.text('platform') ?? '',
      credentials: credentialsIn(request),
    },
    { signal },
  );
  return await transferAnswer(started, async (lines) => {
    await started.finish(lines);
  });
}

/** An answer of progress lines; `held` is let go at its end. */
async function transferAnswer(held: Disposable, work: (lines: TransferLines) => Promise<void>): Promise<StreamAnswer> {
  const { transferLines } = await import('../../images/transfer/progress.ts');
  return {
    headers: { 'Content-Type': 'application/json' },
    write: async (out, signal) => {
      const lines = transferLines(out);
      using _held = held;
      try {
        await work(lines);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof GantryError)) throw error;
        lines.fail({ message: messageOf(error), code: error.code, hint: error.hint });
      }
    },
  };
}

function credentialsIn({ headers }: ApiRequest): Credentials {
  const header = headers['x-registry-auth'];
  return credentialsOf(typeof header === 'string' ? header : header?.[0]);
}

/** The tag may stand in either; one with a colon is a digest. No tag at all means all of them. */
function pulledReference(image: string, tag: string): ImageReference {
  const ref = parseReference(image.replace(/:$/, ''));
  if (tag === '') return ref;
  const { domain, path } = ref;
  return parseReference(`${domain}/${path}${tag.includes(':') ? '@' : ':'}${tag}`);
}
