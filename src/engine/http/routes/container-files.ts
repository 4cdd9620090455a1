// The routes for files of containers: archive in and out, export, changes, and gantry's own delete.
import { posix } from 'node:path';
import { GantryError } from '../../../base/error.ts';
import type { Containers } from '../../containers/context.ts';
import {
  deletePaths,
  exportContainer,
  getArchive,
  putArchive,
  statPath,
  type PathRequest,
} from '../../containers/files/archive.ts';
import { containerChanges } from '../../containers/files/changes.ts';
import { ownerOfUser } from '../../containers/files/owner.ts';
import { archivePath } from '../../containers/files/path-rules.ts';
import { statHeader, type PathStat } from '../../containers/files/path-stat.ts';
import { checkShape } from '../shape.ts';
import type { ApiRequest, Handlers } from '../types.ts';

/** Body of POST /gantry/containers/{id}/delete. */
interface DeleteBody {
  readonly Paths?: readonly string[] | null;
}

const DELETE_BODY = { fields: { Paths: ['text'] as const } } as const;
const TAR = 'application/x-tar';
const STAT = 'X-Docker-Container-Path-Stat';

/** Serves them. */
export function containerFileHandlers(containers: Containers): Handlers {
  const target = (request: ApiRequest): Omit<PathRequest, 'path'> => {
    const reference = request.params['id'] ?? '';
    return { containers, container: containers.store.find(reference), reference, signal: request.signal };
  };
  const withPath = (request: ApiRequest): PathRequest => {
    const base = target(request);
    return { ...base, path: archivePath(request.query.text('path')) };
  };
  return {
    containerArchiveInfo: async (request) => {
      const asked = withPath(request);
      const stat = await statPath(asked);
      return { headers: headersOf(asked, stat), write: async () => Promise.resolve() };
    },
    containerArchive: async (request) => {
      const asked = withPath(request);
      const { stat, send } = await getArchive(asked);
      return { headers: { 'Content-Type': TAR, ...headersOf(asked, stat) }, write: send };
    },
    containerPutArchive: async (request) => {
      const { query } = request;
      const asked = withPath(request);
      const owner = query.flag('copyUIDGID', false) ? await ownerOfUser(asked) : '';
      await putArchive(asked, request.body, { keepKinds: query.flag('noOverwriteDirNonDir', false), owner });
      return { status: 200 };
    },
    containerExport: async (request) => {
      const { send } = await exportContainer(target(request));
      return { headers: { 'Content-Type': 'application/octet-stream' }, write: send };
    },
    containerChanges: async (request) => {
      const { container, signal } = target(request);
      return { json: await containerChanges(containers, container, { signal }) };
    },
    gantryContainerDelete: async (request) => {
      const base = target(request);
      await deletePaths(base, deletedPaths(await request.json()));
      return { status: 204 };
    },
  };
}

function headersOf({ path }: PathRequest, stat: PathStat): Readonly<Record<string, string>> {
  return { [STAT]: statHeader(path.name, stat) };
}

/** Absolute paths, cleaned as text. */
function deletedPaths(body: unknown): readonly string[] {
  checkShape(body, DELETE_BODY, 'body');
  const paths = ((body as DeleteBody | null)?.Paths ?? []).map((path) => posix.resolve('/', path));
  if (paths.includes('/')) throw new GantryError('engine/bad-parameter', 'the root folder cannot be deleted');
  return paths;
}
