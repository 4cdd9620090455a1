// Whether an image of the engine's list is the one a reference means: `x`, `x:latest`, `docker.io/library/x:latest`.
import type { ImageSummary } from '../api/objects.ts';

/** True when one of the image's tags is the reference, however either is spelled. */
export function sameImage(image: ImageSummary, reference: string): boolean {
  const wanted = familiarName(reference);
  return ((image.RepoTags as readonly string[] | null) ?? []).some(
    (tag) => tag === reference || familiarName(tag) === wanted,
  );
}

/** The short form of a reference with its tag. */
export function familiarName(reference: string): string {
  const short = reference.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
  const lastPart = short.slice(short.lastIndexOf('/') + 1);
  return lastPart.includes(':') || lastPart.includes('@') ? short : `${short}:latest`;
}
