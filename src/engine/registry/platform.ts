// Which image of an index fits a platform. Pure.
import { arch } from 'node:os';
import { GantryError } from '../../base/error.ts';

/** `linux/arm64/v8` taken apart. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

const HOST: Readonly<Record<string, readonly [string, string]>> = {
  x64: ['amd64', ''],
  arm64: ['arm64', 'v8'],
  arm: ['arm', 'v7'],
};
const ALIASES: Readonly<Record<string, readonly [string, string]>> = {
  x86_64: ['amd64', ''],
  'x86-64': ['amd64', ''],
  aarch64: ['arm64', 'v8'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  i386: ['386', ''],
  i686: ['386', ''],
};
const KNOWN_OS =
  /^(?:linux|windows|darwin|freebsd|netbsd|openbsd|solaris|aix|android|dragonfly|illumos|js|plan9|wasip1)$/;

/** This machine's. */
function hostPlatform(): Platform {
  const [architecture, variant] = HOST[arch()] ?? [arch(), ''];
  return { os: 'linux', architecture, variant };
}

/** Parses `os[/arch[/variant]]` or an architecture alone; "" is this machine's. Throws engine/bad-parameter. */
export function parsePlatform(text: string): Platform {
  const host = hostPlatform();
  if (text === '') return host;
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part))) {
    throw new GantryError(
      'engine/bad-parameter',
      `"${text}" is an invalid component of "${text}": platform specifier`,
      {
        hint: 'write it as linux/amd64 or linux/arm64/v8',
      },
    );
  }
  const [first = '', second, third] = parts;
  if (second === undefined && KNOWN_OS.test(first)) return { ...host, os: first };
  const [given, variant] = second === undefined ? [first, undefined] : [second, third];
  const [architecture, implied] = ALIASES[given] ?? [given, given === 'arm64' ? 'v8' : given === 'arm' ? 'v7' : ''];
  return { os: second === undefined ? 'linux' : first, architecture, variant: variant ?? implied };
}

/** As people write it. */
export function platformText({ os, architecture, variant }: Platform): string {
  const shown = architecture === 'arm64' && variant === 'v8' ? '' : variant;
  return shown === '' ? `${os}/${architecture}` : `${os}/${architecture}/${shown}`;
}

/** The entry for a platform: the same variant, else the closest older one that runs there too. */
export function choosePlatform<T extends { readonly platform: Platform | undefined }>(
  entries: readonly T[],
  wanted: Platform,
): T | undefined {
  const fitting = entries.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  for (const variant of variantsBelow(wanted)) {
    const found = fitting.find(({ platform }) => normalVariant(platform) === variant);
    if (found !== undefined) return found;
  }
  return undefined;
}

function normalVariant(platform: Platform | undefined): string {
  if (platform === undefined) return '';
  return platform.architecture === 'arm64' && platform.variant === '' ? 'v8' : platform.variant;
}

/** arm runs what was made for older ones; an entry without a variant fits all. */
function variantsBelow({ architecture, variant }: Platform): readonly string[] {
  const number = Number(/^v(\d+)$/.exec(variant)?.[1] ?? 0);
  const least = architecture === 'arm' ? 5 : architecture === 'arm64' ? 8 : number > 0 ? 1 : 0;
  const older = Array.from({ length: Math.max(0, number - least + 1) }, (_, index) => `v${number - index}`);
  return [...(number > 0 ? older : [variant]), ''];
}
