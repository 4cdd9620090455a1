// `docker logout`.
import { eraseCredentials, registryKey } from '../../../client/docker-config.ts';
import type { DefineVerb } from '../../verb.ts';

/** `docker logout [SERVER]`. */
export const logout: DefineVerb = (command, begin) => {
  command.argument('[server]').action((server: string | undefined) =>
    begin(async (context) => {
      const key = registryKey(server ?? '');
      const was = await eraseCredentials(context.env, server ?? '');
      context.print(was ? `Removing login credentials for ${key}\n` : `Not logged in to ${key}\n`);
      return undefined;
    }),
  );
};
