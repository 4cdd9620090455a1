// Reads the seccomp profiles that a create call names by path: engines take them by their text, and may be elsewhere.
import { readFile } from 'node:fs/promises';
import type { CreateContainerBody } from '../api/containers.ts';
import { GantryError, messageOf } from '../base/error.ts';

/** The body with each profile's text in place of its path. Throws project/operation-failed for one that cannot be read. */
export async function withProfiles(body: CreateContainerBody): Promise<CreateContainerBody> {
  const options = body.HostConfig?.SecurityOpt ?? [];
  if (!options.some((option) => PROFILE.test(option))) return body;
  const SecurityOpt = await Promise.all(options.map(readProfile));
  return { ...body, HostConfig: { ...body.HostConfig, SecurityOpt } };
}

const PROFILE = /^seccomp=(\/.+)$/s;

async function readProfile(option: string): Promise<string> {
  const path = PROFILE.exec(option)?.[1];
  if (path === undefined) return option;
  try {
    // in one line, as engines have always been sent it
    return `seccomp=${JSON.stringify(JSON.parse(await readFile(path, 'utf8')))}`;
  } catch (cause) {
    throw new GantryError('project/operation-failed', `opening seccomp profile (${path}) failed: ${messageOf(cause)}`, {
      hint: 'it is the path of a JSON file, from the folder of the project',
      cause,
    });
  }
}
