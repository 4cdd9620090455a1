// `docker commit`.
import { commitFlags, runCommit, type CommitFlags } from '../../commit-image.ts';
import type { DefineVerb } from '../../verb.ts';

/** `docker commit CONTAINER [REPOSITORY[:TAG]]`. */
export const containerCommit: DefineVerb = (command, begin) => {
  commitFlags(command.argument('<container>').argument('[reference]')).action(
    (container: string, reference: string | undefined, flags: CommitFlags) =>
      begin(async (context) => await runCommit(context, { container, reference, flags })),
  );
};
