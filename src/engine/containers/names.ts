// Names of containers: which are allowed, which are free, and one for those who give none.
import { randomInt } from 'node:crypto';
import { GantryError } from '../../base/error.ts';
import type { ContainerStore } from './store.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const FIRST = [
  'amber',
  'brisk',
  'calm',
  'deft',
  'eager',
  'frank',
  'gentle',
  'hardy',
  'keen',
  'lucid',
  'merry',
  'noble',
  'proud',
  'quiet',
  'rapid',
  'sunny',
  'tidy',
  'vivid',
  'warm',
  'zesty',
];
const SECOND = [
  'anchor',
  'boom',
  'bollard',
  'buoy',
  'cable',
  'cargo',
  'cleat',
  'crane',
  'davit',
  'dock',
  'fender',
  'harbor',
  'hoist',
  'jib',
  'keel',
  'pier',
  'pulley',
  'quay',
  'rigger',
  'winch',
];

/** Checks a name and gives it without its slash. Throws engine/bad-parameter or, when it is taken, engine/conflict. */
export function claimName(store: ContainerStore, given: string): string {
  const name = given.replace(/^\//, '');
  if (!NAME.test(name)) {
    throw new GantryError(
      'engine/bad-parameter',
      `Invalid container name (${given}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  }
  const owner = store.idOfName(name);
  if (owner === undefined) return name;
  throw new GantryError(
    'engine/conflict',
    `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
}

/** A name nobody has. */
export function randomName(store: ContainerStore): string {
  for (;;) {
    const name = `${FIRST[randomInt(FIRST.length)] ?? ''}_${SECOND[randomInt(SECOND.length)] ?? ''}${randomInt(1000)}`;
    if (store.idOfName(name) === undefined) return name;
  }
}
