// Routes that speak to registries. What does the work is loaded by the first of them: most engines never pull.
import { GantryError, messageOf } from '../../../base/error.ts';
import { tellDiskFull } from '../../disk-full.ts';
import { parseReference, type ImageReference } from '../../images/reference.ts';
import type { TransferLines } from '../../images/transfer/progress.ts';
import type { TransferStore } from '../../images/transfer/store.ts';
import { credentialsFrom, credentialsOf, type Credentials } from '../../registry/credentials.ts';
import type { ApiRequest, Handlers, StreamAnswer } from '../types.ts';

/** Handlers that need a registry. */
export function registryRoutes(transfer: TransferStore): Handlers {
  return {
    imagePush: async (request) => await pushAnswer(transfer, request),
    auth: async (request) => {
      const { login } = await import('../../registry/login.ts');
      return { json: await login(transfer.env, credentialsFrom(await request.json()), { signal: request.signal }) };
    },
    distribution: async (request) => {
      const { inspectDistribution } = await import('../../images/transfer/distribution.ts');
      const ref = parseReference(request.params['name'] ?? '');
      const asked = { credentials: credentialsIn(request), signal: request.signal };
      return { json: await inspectDistribution(transfer.env, ref, asked) };
    },
    imageSearch: async (request) => ({ json: await search(transfer, request) }),
  };
}

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

async function pushAnswer(transfer: TransferStore, request: ApiRequest): Promise<StreamAnswer> {
  const { params, query, signal, headers } = request;
  if (headers['x-registry-auth'] === undefined) {
    throw new GantryError(
      'engine/bad-parameter',
      'bad parameters and missing X-Registry-Auth: invalid X-Registry-Auth header: EOF',
    );
  }
  const named = parseReference(params['name'] ?? '');
  const tag = query.text('tag') ?? '';
  const ref = tag === '' ? named : parseReference(`${named.domain}/${named.path}:${tag}`);
  if (ref.digest !== undefined) throw new GantryError('engine/bad-parameter', 'cannot push a digest reference');
  const { pushImages } = await import('../../images/transfer/push.ts');
  return await transferAnswer(undefined, async (lines) => {
    await pushImages(transfer, { ref, credentials: credentialsIn(request) }, { lines, signal });
  });
}

const SEARCH_FILTERS = ['is-automated', 'is-official', 'stars'];
const DEFAULT_LIMIT = 25;

async function search(transfer: TransferStore, request: ApiRequest): Promise<readonly unknown[]> {
  const { query, signal } = request;
  const filters = query.filters(SEARCH_FILTERS);
  const limit = query.integer('limit') || DEFAULT_LIMIT;
  if (limit < 1 || limit > 100) {
    throw new GantryError('engine/bad-parameter', `Limit ${limit} is outside the range of [1, 100]`);
  }
  const term = query.text('term') ?? '';
  const { searchIndex } = await import('../../registry/search.ts');
  const found = await searchIndex(transfer.env, { term, limit, credentials: credentialsIn(request), signal });
  const wanted = (name: string): boolean | undefined => {
    const value = filters.get(name)?.[0];
    return value === undefined ? undefined : ['true', '1'].includes(value);
  };
  const [official, automated] = [wanted('is-official'), wanted('is-automated')];
  const stars = Math.max(0, ...(filters.get('stars') ?? []).map(Number));
  return found.filter(
    (item) =>
      (official ?? item.is_official) === item.is_official &&
      (automated ?? item.is_automated) === item.is_automated &&
      item.star_count >= stars,
  );
}

/** An answer of progress lines; `held` is let go at its end. */
async function transferAnswer(
  held: Disposable | undefined,
  work: (lines: TransferLines) => Promise<void>,
): Promise<StreamAnswer> {
  const { transferLines } = await import('../../images/transfer/progress.ts');
  return {
    headers: { 'Content-Type': 'application/json' },
    write: async (out, signal) => {
      const lines = transferLines(out);
      using _held = held;
      try {
        await work(lines);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = tellDiskFull(thrown);
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
