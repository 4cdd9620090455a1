// `docker tag`.
import { splitReference } from '../../output/reference.ts';
import type { DefineVerb } from '../../verb.ts';

/** `docker tag SOURCE TARGET`. */
export const imageTag: DefineVerb = (command, begin) => {
  command
    .argument('<source>')
    .argument('<target>')
    .action((source: string, target: string) =>
      begin(async (context) => {
        const { repository, tag } = splitReference(target);
        const docker = await context.docker();
        await docker.getImage(source).tag({ repo: repository, tag, abortSignal: context.interrupts.signal });
        return undefined;
      }),
    );
};
