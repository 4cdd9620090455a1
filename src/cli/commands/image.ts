// `image import`, `ls`, `tag`, `rm`, `inspect`, `history`: docker's output, as far as examples and scripts need it.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import { finishProgress } from '../../client/follow.ts';
import { collect } from '../flags.ts';
import type { Context } from '../context.ts';
import { agoText } from '../output/container-text.ts';
import { humanSize } from '../output/human.ts';
import { printInspected } from '../output/inspect.ts';
import { splitReference } from '../output/reference.ts';
import { formatTable } from '../output/table.ts';
import type { DefineVerb } from '../verb.ts';

/** `image import`. */
export const importVerb: DefineVerb = (command, begin) => {
  command
    .argument('<file>')
    .argument('[reference]')
    .option('-c, --change <instruction>', 'Dockerfile instruction to apply, repeatable', collect)
    .option('-m, --message <text>', 'message for the history')
    .action((file: string, reference: string | undefined, flags: { change?: string[]; message?: string }) =>
      begin(async (context) => {
        const docker = await context.docker();
        const { repository, tag } = splitReference(reference ?? '');
        const stream = await docker.importImage(await openTar(context, file), {
          ...(reference === undefined ? {} : { repo: repository, tag }),
          ...(flags.change === undefined ? {} : { changes: flags.change }),
          message: flags.message,
          abortSignal: context.interrupts.signal,
        });
        const lines = await finishProgress(stream);
        context.print(`${lines.at(-1)?.status ?? ''}\n`);
        return undefined;
      }),
    );
};

async function openTar(context: Context, file: string): Promise<Readable> {
  if (file === '-') return context.io.stdin;
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new GantryError('usage/invalid-flag', `no such file: ${file}`);
  return createReadStream(file);
}

/** `image ls`. */
export const ls: DefineVerb = (command, begin) => {
  command
    .argument('[reference]')
    .option('-q, --quiet', 'ids only')
    .option('-a, --all', 'also intermediate images')
    .option('--no-trunc', 'whole ids')
    .option('--format <format>', 'json, or a template of {{.Field}}')
    .option('--filter <filter>', 'reference=PATTERN …', collect)
    .action((reference: string | undefined, flags: ListFlags) =>
      begin(async (context) => await list(context, reference, flags)),
    );
};

interface ListFlags {
  readonly quiet?: boolean;
  readonly all?: boolean;
  readonly trunc?: boolean;
  readonly format?: string;
  readonly filter?: readonly string[];
}

interface ImageRow {
  readonly ID: string;
  readonly Repository: string;
  readonly Tag: string;
  readonly CreatedSince: string;
  readonly Size: string;
}

async function list(context: Context, reference: string | undefined, flags: ListFlags): Promise<undefined> {
  const docker = await context.docker();
  const given = (flags.filter ?? []).map((filter) => filter.split('=', 2) as [string, string]);
  const all = [...given, ...(reference === undefined ? [] : [['reference', reference] as [string, string]])];
  const filters = Object.fromEntries(
    [...Map.groupBy(all, ([key]) => key)].map(([key, pairs]) => [key, pairs.map(([, value]) => value)]),
  );
  const images = await docker.listImages({ all: flags.all ?? false, filters, abortSignal: context.interrupts.signal });
  const rows = images.flatMap((image): readonly ImageRow[] => {
    const id = flags.trunc === false ? image.Id : image.Id.replace(/^sha256:/, '').slice(0, 12);
    const common = { ID: id, CreatedSince: agoText(image.Created), Size: humanSize(image.Size) };
    const tags = image.RepoTags.length === 0 ? [undefined] : image.RepoTags;
    return tags.map((tag) => {
      const { repository, tag: name } =
        tag === undefined ? { repository: '<none>', tag: '<none>' } : splitReference(tag);
      return { ...common, Repository: repository, Tag: name };
    });
  });
  if (flags.quiet === true) context.print([...new Set(rows.map((row) => `${row.ID}\n`))].join(''));
  else if (flags.format !== undefined) context.print(printInspected(rows, flags.format));
  else {
    const cells = rows.map((row) => [row.Repository, row.Tag, row.ID, row.CreatedSince, row.Size]);
    context.print(formatTable(['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], cells));
  }
  return undefined;
}

/** `image tag`. */
export const tag: DefineVerb = (command, begin) => {
  command
    .argument('<source>')
    .argument('<target>')
    .action((source: string, target: string) =>
      begin(async (context) => {
        const { repository, tag: name } = splitReference(target);
        const docker = await context.docker();
        await docker.getImage(source).tag({ repo: repository, tag: name, abortSignal: context.interrupts.signal });
        return undefined;
      }),
    );
};

/** `image rm`. */
export const rm: DefineVerb = (command, begin) => {
  command
    .argument('<images...>')
    .option('-f, --force', 'also when it has other names')
    .option('--no-prune', 'keep untagged parents')
    .action((names: string[], flags: { force?: boolean; prune?: boolean }) =>
      begin(async (context) => {
        const docker = await context.docker();
        for (const name of names) {
          const items = await docker.getImage(name).remove({ force: flags.force, noprune: flags.prune === false });
          context.print(
            items
              .map((item) => ('Untagged' in item ? `Untagged: ${item.Untagged}\n` : `Deleted: ${item.Deleted}\n`))
              .join(''),
          );
        }
        return undefined;
      }),
    );
};

/** `image inspect`. */
export const inspect: DefineVerb = (command, begin) => {
  command
    .argument('<images...>')
    .option('-f, --format <format>', 'json, or a template of {{.Field}}')
    .action((names: string[], flags: { format?: string }) =>
      begin(async (context) => {
        const docker = await context.docker();
        const found = await Promise.all(names.map(async (name) => await docker.getImage(name).inspect()));
        context.print(printInspected(found, flags.format));
        return undefined;
      }),
    );
};

/** `image history`. */
export const history: DefineVerb = (command, begin) => {
  command.argument('<image>').action((name: string) =>
    begin(async (context) => {
      const docker = await context.docker();
      const items = await docker.getImage(name).history();
      const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, id.startsWith('<') ? undefined : 12);
      const cut = (text: string): string => (text.length > 45 ? `${text.slice(0, 44)}…` : text);
      const rows = items.map((item) => [
        short(item.Id),
        agoText(item.Created),
        cut(item.CreatedBy),
        humanSize(item.Size),
        item.Comment,
      ]);
      context.print(formatTable(['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'], rows));
      return undefined;
    }),
  );
};
