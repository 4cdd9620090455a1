// The short form of a mount, `source:target[:options]`, as in HostConfig.Binds.
import { isAbsolute, posix } from 'node:path';
import { GantryError } from '../../../base/error.ts';

/** What it says. */
export interface BindSpec {
  /** An absolute path of the host, or a volume's name. */
  readonly source: string;
  readonly target: string;
  readonly isVolume: boolean;
  readonly readonly: boolean;
  readonly noCopy: boolean;
  readonly propagation: string;
  /** The options as they were given. */
  readonly mode: string;
}

const PROPAGATION = new Set(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared']);
/** Accepted for what they mean elsewhere: labels and caching. */
const IGNORED = new Set(['z', 'Z', 'consistent', 'cached', 'delegated', 'rw', 'ro', 'nocopy']);
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Reads one. Throws engine/bad-parameter in Docker's words. */
export function parseBind(text: string): BindSpec {
  const parts = text.split(':');
  const [source = '', target = '', mode = ''] = parts;
  if (parts.length < 2 || parts.length > 3 || source === '' || target === '')
    throw refused(`invalid volume specification: '${text}'`);
  const isVolume = !isAbsolute(source);
  if (isVolume && !VOLUME_NAME.test(source)) throw badVolumeName(text, source);
  const options = mode.split(',').filter(Boolean);
  const unknown = options.find((option) => !IGNORED.has(option) && !PROPAGATION.has(option));
  if (unknown !== undefined) throw refused(`invalid mode: ${mode}`);
  return {
    source: isVolume ? source : posix.normalize(source).replace(/(.)\/$/, '$1'),
    target: cleanTarget(target, text),
    isVolume,
    readonly: options.includes('ro'),
    noCopy: options.includes('nocopy'),
    propagation: options.find((option) => PROPAGATION.has(option)) ?? '',
    mode,
  };
}

/** A target in its shortest form. Throws for relative ones and for the root. */
export function cleanTarget(target: string, where: string): string {
  if (!isAbsolute(target))
    throw refused(
      `invalid volume specification: '${where}': invalid mount path: '${target}' mount path must be absolute`,
    );
  const clean = posix.normalize(target).replace(/(.)\/$/, '$1');
  if (clean === '/')
    throw refused(`invalid volume specification: '${where}': invalid specification: destination can't be '/'`);
  return clean;
}

function badVolumeName(text: string, name: string): GantryError {
  return refused(
    `create ${name}: "${text}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}

function refused(message: string): GantryError {
  return new GantryError('engine/bad-parameter', message);
}
