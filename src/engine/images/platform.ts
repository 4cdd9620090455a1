// Platforms as the API and images write them: `os/architecture[/variant]`.
import { arch } from 'node:os';
import { GantryError } from '../../base/error.ts';

/** What an image is for. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const ALIASES: Readonly<Record<string, string>> = { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64' };

/** What this machine runs. */
export function machinePlatform(): Platform {
  return { os: 'linux', architecture: ARCHITECTURES[arch()] ?? arch() };
}

/** Reads `linux/arm64/v8` or a bare architecture. Throws engine/bad-parameter. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part))) {
    throw new GantryError('engine/bad-parameter', `${JSON.stringify(text)} is no platform: it is OS/ARCHITECTURE`);
  }
  if (parts.length === 1)
    return parts[0] === 'linux' ? machinePlatform() : { os: 'linux', architecture: plain(parts[0]) };
  return { os: parts[0] ?? 'linux', architecture: plain(parts[1]), variant: parts[2] };
}

/** `os/architecture[/variant]`. */
export function platformText({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

function plain(architecture = ''): string {
  return ALIASES[architecture] ?? architecture;
}
