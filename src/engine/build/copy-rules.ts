// Where COPY and ADD put what they find: Docker's rules for targets. Pure.
import { posix } from 'node:path';
import type { ContainerConfig } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { absolute } from './metadata.ts';

/** `COPY` or `ADD`. */
export type CopyKeyword = 'COPY' | 'ADD';

/** The target within the image; a slash at its end says "folder" and stays. */
export function targetOf(config: ContainerConfig, written: string): string {
  const path = absolute(config, written);
  const isFolder = written.endsWith('/') || written === '.' || written.endsWith('/.') || written === '';
  return isFolder && !path.endsWith('/') ? `${path}/` : path;
}

/** A source within its tree: always from its root, never above it. */
export function sourceOf(written: string): string {
  return posix.join('/', written).replace(/^\/+/, '').replace(/\/+$/, '');
}

/** Several sources need a folder. Throws engine/bad-parameter with Docker's text. */
export function checkTarget(keyword: CopyKeyword, target: string, count: number): void {
  if (count === 0) throw new GantryError('engine/bad-parameter', `${keyword} failed: no source files were specified`);
  if (count === 1 || target.endsWith('/')) return;
  throw new GantryError(
    'engine/bad-parameter',
    `When using ${keyword} with more than one source file, the destination must be a directory and end with a /`,
  );
}

/** How the history names sources: `file:…`, `dir:…`, `multi:…` with their digest. */
export function sourceName(found: readonly { readonly kind: string; readonly digest: string }[], all: string): string {
  const [only] = found;
  if (only !== undefined && found.length === 1) return `${only.kind === 'folder' ? 'dir' : 'file'}:${only.digest}`;
  return `multi:${all}`;
}

/** True for an address that ADD fetches. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** The file name that a URL gives. Throws engine/bad-parameter when the target is a folder and there is none. */
export function nameOfUrl(url: string, target: string): string {
  const name = posix.basename(new URL(url).pathname);
  if (name !== '' && name !== '/') return decodeURIComponent(name);
  if (!target.endsWith('/')) return posix.basename(target);
  throw new GantryError('engine/bad-parameter', `cannot determine filename for source ${url}`, {
    hint: 'name the target file in the instruction',
  });
}
