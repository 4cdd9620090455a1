// Filters of image lists and prunes: values of a key are alternatives, except labels, which must all match.
import type { ImageSummary } from '../../api/objects.ts';
import { GantryError } from '../../base/error.ts';
import { hasLabel } from '../label-filter.ts';
import { parseDuration } from '../../base/duration.ts';
import { createdSeconds } from './inspect.ts';
import { findImage } from './find.ts';
import type { ImageRecord } from './records.ts';
import { familiarName, familiarRepository, parseReference } from './reference.ts';
import type { ImageStore } from './store.ts';

/** Filters as a query gives them. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** What GET /images/json accepts. */
export const LIST_FILTERS = ['dangling', 'label', 'before', 'since', 'until', 'reference'] as const;
/** What POST /images/prune accepts. */
export const PRUNE_FILTERS = ['dangling', 'label', 'label!', 'until'] as const;

/** The images that pass. */
export function filterImages(store: ImageStore, images: readonly ImageRecord[], filters: Filters): ImageRecord[] {
  const tests = [...filters].map(([name, values]) => testOf(store, name, values));
  return images.filter((image) => tests.every((test) => test(image)));
}

/** An image in a list by reference shows only the names that were asked for. */
export function withNamesOf(filters: Filters, image: ImageSummary): ImageSummary {
  const patterns = filters.get('reference') ?? [];
  if (patterns.length === 0) return image;
  const wanted = (name: string): boolean => patterns.some((pattern) => matches(name, pattern));
  return { ...image, RepoTags: image.RepoTags.filter(wanted), RepoDigests: image.RepoDigests.filter(wanted) };
}

/** `dangling` as a boolean, or the fallback. */
export function danglingFilter(filters: Filters, fallback: boolean): boolean {
  const value = filters.get('dangling')?.[0];
  if (value === undefined) return fallback;
  if (/^(?:1|t|true)$/i.test(value)) return true;
  if (/^(?:0|f|false)$/i.test(value)) return false;
  throw new GantryError('engine/bad-parameter', `invalid filter 'dangling=[${value}]'`);
}

type Test = (image: ImageRecord) => boolean;

function testOf(store: ImageStore, name: string, values: readonly string[]): Test {
  const created = (image: ImageRecord): number => createdSeconds(store.records.config(image).created);
  switch (name) {
    case 'dangling': {
      const wanted = danglingFilter(new Map([[name, values]]), true);
      return (image) => (store.records.tagsOf(image.id).length === 0) === wanted;
    }
    case 'label':
      return (image) => values.every((value) => hasLabel(labelsOf(store, image), value));
    case 'label!':
      return (image) => !values.some((value) => hasLabel(labelsOf(store, image), value));
    case 'before': {
      const limit = Math.min(...values.map((value) => created(findImage(store.records, value).image)));
      return (image) => created(image) < limit;
    }
    case 'since': {
      const limit = Math.max(...values.map((value) => created(findImage(store.records, value).image)));
      return (image) => created(image) > limit;
    }
    case 'until': {
      const limit = Math.min(...values.map(untilSeconds));
      return (image) => created(image) <= limit;
    }
    default:
      return (image) => store.records.tagsOf(image.id).some((ref) => values.some((value) => matches(ref, value)));
  }
}

function labelsOf(store: ImageStore, image: ImageRecord): Readonly<Record<string, string>> {
  return store.records.config(image).config?.Labels ?? {};
}

/** A date, unix seconds, or a duration that counts back from now. */
function untilSeconds(value: string): number {
  const age = parseDuration(value);
  if (age !== undefined && /[a-z]/.test(value)) return Math.floor((Date.now() - age / 1e6) / 1000);
  const seconds = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Date.parse(value) / 1000;
  if (Number.isNaN(seconds))
    throw new GantryError(
      'engine/bad-parameter',
      `failed to parse value as time or duration: ${JSON.stringify(value)}`,
    );
  return Math.floor(seconds);
}

/** A pattern matches the familiar name, with or without its tag, or the whole of it. */
function matches(ref: string, pattern: string): boolean {
  const parsed = parseReference(ref);
  return [familiarName(parsed), familiarRepository(parsed), ref].some((name) => matchesGlob(name, pattern));
}

/** `*` and `?` stay within one path component, as in Go's path.Match. */
function matchesGlob(name: string, pattern: string): boolean {
  const [names, patterns] = [name.split('/'), pattern.split('/')];
  return names.length === patterns.length && names.every((part, index) => matchesPart(part, patterns[index] ?? ''));
}

/** Goes back to the last star only, so the time stays within the product of the lengths. */
function matchesPart(name: string, pattern: string): boolean {
  let [at, from, star, starAt] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[from] === '*') [star, starAt, from] = [from, at, from + 1];
    else if (pattern[from] === '?' || pattern[from] === name[at]) [at, from] = [at + 1, from + 1];
    else if (star >= 0) [starAt, at, from] = [starAt + 1, starAt + 1, star + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(from));
}
