// What a registry has under a name, without pulling it (GET /distribution/{name}/json).
import type { Env } from '../../../base/env.ts';
import type { Credentials } from '../../registry/credentials.ts';
import { openRegistry } from '../../registry/registry.ts';
import { openRepository, type FetchedManifest, type Repository } from '../../registry/repository.ts';
import { parseImageConfig } from '../config.ts';
import { familiarRepository, withDefaultTag, type ImageReference } from '../reference.ts';

/** The answer of the route. */
export interface Distribution {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly Platforms: readonly { readonly architecture: string; readonly os: string; readonly variant?: string }[];
}

/** Asks the registry. Throws registry/… */
export async function inspectDistribution(
  env: Env,
  given: ImageReference,
  { credentials, signal }: { readonly credentials: Credentials; readonly signal: AbortSignal },
): Promise<Distribution> {
  const ref = withDefaultTag(given);
  const reference = ref.digest ?? ref.tag ?? 'latest';
  const asked = { domain: ref.domain, name: familiarRepository(ref), tag: reference };
  using client = await openRegistry(env);
  return await client.at({ domain: ref.domain, credentials, signal }, async (session) => {
    const repository = openRepository({ session, path: ref.path, asked, signal });
    const found = await repository.manifest(reference);
    const { digest, mediaType, size } = found;
    return { Descriptor: { mediaType, digest, size }, Platforms: await platformsOf(repository, found) };
  });
}

async function platformsOf(repository: Repository, { manifest }: FetchedManifest): Promise<Distribution['Platforms']> {
  if (manifest.kind === 'image') {
    const { architecture, os, variant } = parseImageConfig(await repository.config(manifest.config));
    return [{ architecture, os, ...(variant === undefined ? {} : { variant }) }];
  }
  return manifest.entries.flatMap(({ platform }) =>
    platform === undefined
      ? []
      : [
          {
            architecture: platform.architecture,
            os: platform.os,
            ...(platform.variant === '' ? {} : { variant: platform.variant }),
          },
        ],
  );
}
