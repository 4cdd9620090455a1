// Follows the progress lines of a pull or push and sums up how far all of it is.
import type { Readable } from 'node:stream';
import { failureIn, followJson, type ProgressLine } from '../client/follow.ts';

interface Bytes {
  readonly current: number;
  readonly total: number;
}

/** Layers counted at most. */
const MAX_LAYERS = 1000;

/** Reads a stream to its end; `tell` gets texts such as `12.3MB / 40.1MB`. Throws the failure it ends with. */
export async function followTransfer(stream: Readable, tell?: (text: string) => void): Promise<void> {
  const layers = new Map<string, Bytes>();
  for await (const line of followJson<ProgressLine>(stream)) {
    const failure = failureIn(line);
    if (failure !== undefined) throw failure;
    if (tell !== undefined && note(layers, line)) tell(sumText([...layers.values()]));
  }
}

/** True when the sum changed. */
function note(layers: Map<string, Bytes>, { id, status, progressDetail }: ProgressLine): boolean {
  const { current, total } = progressDetail ?? {};
  if (id === undefined || current === undefined || total === undefined) return false;
  if (status !== 'Downloading' && status !== 'Pushing') return false;
  if (!layers.has(id) && layers.size >= MAX_LAYERS) return false;
  layers.set(id, { current, total });
  return true;
}

function sumText(layers: readonly Bytes[]): string {
  const sum = (key: keyof Bytes): number => layers.reduce((all, layer) => all + layer[key], 0);
  return `${megabytes(sum('current'))} / ${megabytes(sum('total'))}`;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)}MB`;
