// `scale`: `up -d` with these counts of containers.
import { bringUp } from '../bring-up.ts';
import { scaleOf } from '../flags.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry scale SERVICE=N…`. */
export const scale: DefineVerb = (command, begin) => {
  command
    .argument('<service=n...>')
    .option('--no-deps', 'leave dependencies alone')
    .action((pairs: string[], { deps }: { readonly deps?: boolean }) =>
      begin(async (context) => {
        const services = Object.keys(scaleOf(pairs));
        return await bringUp(context, services, { detach: true, scale: pairs, ...(deps === false ? { deps } : {}) });
      }),
    );
};
