// Mounts of a container: binds, volumes, tmpfs, secrets and configs, and the anonymous volumes of the one it replaces.
import type { HostConfig, MountSpec } from '../../api/containers.ts';
import type { VolumeMount } from '../../compose/model/mounts.ts';
import type { Project } from '../../compose/model/project.ts';
import type { FileObject } from '../../compose/model/resources.ts';
import type { Service } from '../../compose/model/service.ts';
import { fileTarget, type FileKind } from './injected-files.ts';

/** A volume that has no name in the file, by where it is mounted. */
export type AnonymousVolumes = ReadonlyMap<string, string>;

/** The mounts of a service's container; `kept` are volumes of the container it replaces. */
export function containerMounts(project: Project, service: Service, kept: AnonymousVolumes): HostConfig {
  const volumes = service.volumes ?? [];
  const binds = volumes.filter(isBindText).map(bindText);
  const mounts = [
    ...volumes.filter((mount) => !isBindText(mount)).map((mount) => mountSpec(project, mount, kept)),
    ...keptVolumes(volumes, kept),
    ...fileMounts(service, 'secrets', project.secrets),
    ...fileMounts(service, 'configs', project.configs),
  ];
  const tmpfs = Object.fromEntries((service.tmpfs ?? []).map(splitTmpfs));
  return {
    Binds: binds.length === 0 ? null : binds,
    ...(mounts.length === 0 ? {} : { Mounts: mounts }),
    ...(service.tmpfs === undefined ? {} : { Tmpfs: tmpfs }),
  };
}

/** Binds whose source is made when absent are told as text: the structured form cannot say it to older engines. */
function isBindText(mount: VolumeMount): boolean {
  return mount.type === 'bind' && mount.bind?.create_host_path === true && !(mount.source ?? '').includes(':');
}

function bindText(mount: VolumeMount): string {
  const options = [mount.read_only === true ? 'ro' : 'rw', mount.bind?.selinux, mount.bind?.propagation];
  return [mount.source, mount.target, options.filter(Boolean).join(',')].join(':');
}

function mountSpec(project: Project, mount: VolumeMount, kept: AnonymousVolumes): MountSpec {
  const common = { Target: mount.target, ...(mount.read_only === true ? { ReadOnly: true } : {}) };
  switch (mount.type) {
    case 'bind':
      return { Type: 'bind', Source: mount.source, ...common, BindOptions: bindOptions(mount) };
    case 'volume':
      return {
        Type: 'volume',
        Source: volumeSource(project, mount, kept),
        ...common,
        VolumeOptions: volumeOptions(mount),
      };
    case 'tmpfs':
      return { Type: 'tmpfs', ...common, TmpfsOptions: { SizeBytes: mount.tmpfs?.size, Mode: mount.tmpfs?.mode } };
    case 'image':
    case 'cluster':
    case 'npipe':
      return { Type: mount.type, Source: mount.source, ...common };
  }
}

function bindOptions(mount: VolumeMount): MountSpec['BindOptions'] {
  return {
    Propagation: mount.bind?.propagation,
    ...(mount.bind?.create_host_path === true ? { CreateMountpoint: true } : {}),
    ...(mount.bind?.recursive === 'disabled' ? { NonRecursive: true } : {}),
    ...(mount.bind?.recursive === 'writable' ? { ReadOnlyNonRecursive: true } : {}),
    ...(mount.bind?.recursive === 'readonly' ? { ReadOnlyForceRecursive: true } : {}),
  };
}

function volumeSource(project: Project, mount: VolumeMount, kept: AnonymousVolumes): string | undefined {
  if (mount.source === undefined || mount.source === '') return kept.get(mount.target);
  return project.volumes[mount.source]?.name ?? mount.source;
}

function volumeOptions(mount: VolumeMount): MountSpec['VolumeOptions'] {
  return {
    ...(mount.volume?.nocopy === true ? { NoCopy: true } : {}),
    ...(mount.volume?.labels === undefined ? {} : { Labels: mount.volume.labels }),
    ...(mount.volume?.subpath === undefined ? {} : { Subpath: mount.volume.subpath }),
  };
}

/** Volumes the image declares: the file says nothing of them, so they are carried over by name. */
function keptVolumes(volumes: readonly VolumeMount[], kept: AnonymousVolumes): readonly MountSpec[] {
  const declared = new Set(volumes.map((mount) => mount.target));
  return [...kept]
    .filter(([target]) => !declared.has(target))
    .map(([Target, Source]) => ({ Type: 'volume', Source, Target, VolumeOptions: {} }));
}

/** Those that are files of the host; what is not is put into the container (injected-files.ts). */
function fileMounts(
  service: Service,
  kind: FileKind,
  objects: Readonly<Record<string, FileObject>>,
): readonly MountSpec[] {
  return (service[kind] ?? []).flatMap((reference): MountSpec[] => {
    const Source = objects[reference.source]?.file;
    if (Source === undefined) return [];
    return [{ Type: 'bind', Source, Target: fileTarget(kind, reference), ReadOnly: true }];
  });
}

/** `path:options`, split at the first colon. */
function splitTmpfs(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
