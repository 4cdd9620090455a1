// `docker volume ls`.
import type { Volume } from '../../../api/objects.ts';
import { collect } from '../../flags.ts';
import { formatList, labelHeading, type FormatRow } from '../../output/format.ts';
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';

/** How volumes are listed. */
export interface VolumeListFlags {
  readonly format?: string;
  readonly quiet?: boolean;
}

interface Flags extends VolumeListFlags {
  readonly filter?: readonly string[];
}

/** `docker volume ls`. */
export const volumeLs: DefineVerb = (command, begin) => {
  command
    .option('-f, --filter <filter>', 'KEY=VALUE, repeatable', collect)
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .option('-q, --quiet', 'names only')
    .action((flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const options = { filters: filtersOf(flags.filter), abortSignal: context.interrupts.signal };
        const { Volumes } = await docker.listVolumes(options);
        context.print(volumesText(Volumes, flags));
        return undefined;
      }),
    );
};

/** The list, in the order of names. */
export function volumesText(volumes: readonly Volume[], flags: VolumeListFlags): string {
  const rows = volumes.toSorted((a, b) => naturally(a.Name, b.Name)).map(volumeRow);
  const format = flags.quiet === true && flags.format === undefined ? '{{.Name}}' : flags.format;
  return formatList({ rows, headings: VOLUME_HEADINGS, table: '{{.Driver}}\t{{.Name}}', format });
}

const naturally = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** Headings of a list of volumes. */
export const VOLUME_HEADINGS: FormatRow = {
  Availability: 'AVAILABILITY',
  Driver: 'DRIVER',
  Group: 'GROUP',
  Label: labelHeading,
  Labels: 'LABELS',
  Links: 'LINKS',
  Mountpoint: 'MOUNTPOINT',
  Name: 'VOLUME NAME',
  Scope: 'SCOPE',
  Size: 'SIZE',
  Status: 'STATUS',
};

/** A volume by the names of Docker's templates; what only `system df` counts is N/A. */
export function volumeRow(volume: Volume): FormatRow {
  const labels = volume.Labels ?? {};
  return {
    Availability: 'N/A',
    Driver: volume.Driver,
    Group: 'N/A',
    Label: (name: unknown) => labels[String(name)] ?? '',
    Labels: labelsText(labels),
    Links: 'N/A',
    Mountpoint: volume.Mountpoint,
    Name: volume.Name,
    Scope: volume.Scope,
    Size: 'N/A',
    Status: 'N/A',
  };
}

/** `a=b,c=d`, sorted. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
