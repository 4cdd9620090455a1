// What GET /info says of registries: the settings as they are now. Settings that cannot be read are a warning there.
import type { Env } from '../../base/env.ts';
import { isGantryError } from '../../base/error.ts';
import { registrySettings, type RegistrySettings } from './settings.ts';

/** Its part of the answer. */
export async function registryInfo(env: Env): Promise<Readonly<Record<string, unknown>>> {
  try {
    return { RegistryConfig: registryConfig(await registrySettings(env)) };
  } catch (error) {
    if (isGantryError(error)) return { Warnings: [`WARNING: ${error.message}`] };
    throw error;
  }
}

function registryConfig({ insecure, mirrors }: RegistrySettings): Readonly<Record<string, unknown>> {
  const hosts = insecure.filter((entry) => !entry.includes('/'));
  return {
    InsecureRegistryCIDRs: [...insecure.filter((entry) => entry.includes('/')), '127.0.0.0/8'],
    IndexConfigs: Object.fromEntries(
      hosts.map((Name) => [Name, { Name, Mirrors: [], Secure: false, Official: false }]),
    ),
    Mirrors: mirrors,
  };
}
