// Pulls base images for builds, with the credentials a build was sent.
import { parseReference, withDefaultTag } from '../images/reference.ts';
import type { TransferStore } from '../images/transfer/store.ts';
import { ANONYMOUS, credentialsFrom, type Credentials } from '../registry/credentials.ts';
import type { PullImage } from './types.ts';

/** A pull through the engine's registries; what does the work is loaded by the first one. */
export function pullBase(transfer: TransferStore): PullImage {
  return async (reference, { platform, credentials, lines, signal }) => {
    const ref = withDefaultTag(parseReference(reference));
    const { beginPull } = await import('../images/transfer/pull.ts');
    const asked = { ref, platform: platform ?? '', credentials: credentialsFor(credentials, ref.domain) };
    using started = await beginPull(transfer, asked, { signal });
    await started.finish(lines);
  };
}

/** `X-Registry-Config` maps registries to credentials; one that cannot be read counts as none. */
function credentialsFor(header: string | undefined, domain: string): Credentials {
  if (header === undefined) return ANONYMOUS;
  try {
    const all: unknown = JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
    if (typeof all !== 'object' || all === null) return ANONYMOUS;
    const names = domain === 'docker.io' ? ['https://index.docker.io/v1/', 'index.docker.io', domain] : [domain];
    const own: unknown = Object.entries(all).find(([name]) => names.includes(name))?.[1];
    return own === undefined ? ANONYMOUS : credentialsFrom(own);
  } catch {
    return ANONYMOUS;
  }
}
