// Secrets and configs that are no files of the host: their bytes are put into the container between its creation and
// its start. Their contents are functions, so that a plan can be printed and never shows them.
import { GantryError } from '../../base/error.ts';
import type { FileReference } from '../../compose/model/mounts.ts';
import type { Project } from '../../compose/model/project.ts';
import type { FileObject } from '../../compose/model/resources.ts';
import type { Service } from '../../compose/model/service.ts';

/** A file to be put into a container. */
export interface InjectedFile {
  /** Absolute in the container. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly content: () => string;
}

/** Which of a service's lists a reference is in. */
export type FileKind = 'secrets' | 'configs';

/** As other tools make them: everybody may read. */
const DEFAULT_MODE = 0o444;

/** What has to be put into a service's containers. Throws project/operation-failed for what nothing can be got of. */
export function injectedFiles(project: Project, service: Service): readonly InjectedFile[] {
  return (['secrets', 'configs'] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap((reference) => {
      const object = project[kind][reference.source];
      if (object === undefined || object.file !== undefined) return [];
      const content = contentOf(project, service, { kind, reference, object });
      if (service.read_only === true) throw readOnly(service, kind, reference);
      return [{ ...ownerOf(service, kind, reference), target: fileTarget(kind, reference), content }];
    }),
  );
}

/** Where a secret or config stands in the container. */
export function fileTarget(kind: FileKind, reference: FileReference): string {
  const target = reference.target ?? reference.source;
  if (target.startsWith('/')) return target;
  return kind === 'secrets' ? `/run/secrets/${target}` : `/${target}`;
}

interface Used {
  readonly kind: FileKind;
  readonly reference: FileReference;
  readonly object: FileObject;
}

function contentOf(project: Project, service: Service, { kind, reference, object }: Used): () => string {
  const { content, environment } = object;
  if (content !== undefined) return () => content;
  const word = kind.slice(0, -1);
  if (object.external === true)
    throw failure(
      service,
      `${word} "${reference.source}" is external`,
      `engines keep none: give it a file: or environment:`,
    );
  if (environment === undefined)
    throw failure(service, `${word} "${reference.source}" has no source`, `give it a file: or environment:`);
  const value = project.environment[environment];
  if (value === undefined) {
    const message = `environment variable "${environment}" required by ${word} "${reference.source}" is not set`;
    throw failure(service, message, `set ${environment}, here or in .env`);
  }
  return () => value;
}

function ownerOf(
  service: Service,
  kind: FileKind,
  { uid, gid, mode, source }: FileReference,
): Pick<InjectedFile, 'uid' | 'gid' | 'mode'> {
  const number = (text: string | undefined): number => {
    if (text === undefined || text === '') return 0;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw failure(service, `${kind}: ${source}: ${JSON.stringify(text)} is no number of a user`, 'write it in digits');
  };
  return { uid: number(uid), gid: number(gid), mode: mode ?? DEFAULT_MODE };
}

function readOnly(service: Service, kind: FileKind, { source }: FileReference): GantryError {
  const message = `${kind.slice(0, -1)} "${source}" cannot be put into a container whose root is read-only`;
  return failure(service, message, 'give it a file:, or leave read_only out');
}

function failure(service: Service, message: string, hint: string): GantryError {
  return new GantryError('project/operation-failed', `service "${service.name}": ${message}`, { hint });
}
