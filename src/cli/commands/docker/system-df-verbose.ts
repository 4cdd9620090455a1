// `docker system df -v`: every image, container, volume and cache entry with its size.
import type { BuildCacheEntry, DiskUsage, UsedVolume } from '../../../api/usage.ts';
import { agoText, commandText, nameOf } from '../../output/container-text.ts';
import { formatList, type FormatRow } from '../../output/format.ts';
import { humanSize } from '../../output/human.ts';
import { goJson } from '../../output/json.ts';
import { fromApi } from '../../template/from-api.ts';
import { readTemplate } from '../../template/template.ts';
import { IMAGE_HEADINGS, imageRows } from './image-ls.ts';
import { VOLUME_HEADINGS, volumeRow } from './volume-ls.ts';

/** All four tables, or what a format makes of the whole. */
export function usageText(usage: DiskUsage, format = ''): string {
  const parts = partsOf(usage);
  if (format === 'json') return `${goJson(Object.fromEntries(parts.map(({ name, rows }) => [name, rows])))}\n`;
  if (format !== '' && format !== 'table')
    return `${readTemplate(format).run(fromApi(Object.fromEntries(parts.map(({ name, rows }) => [name, rows]))))}\n`;
  return parts.map(({ title, ...list }) => `${title}\n\n${formatList({ ...list, format: undefined })}`).join('\n');
}

interface Part {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly FormatRow[];
  readonly headings: FormatRow;
  readonly table: string;
}

function partsOf({ Images, Containers, Volumes, BuildCache }: DiskUsage): readonly Part[] {
  const cache = BuildCache ?? [];
  const cacheSize = cache.filter(({ Shared }) => !Shared).reduce((sum, { Size }) => sum + Size, 0);
  return [
    {
      name: 'Images',
      title: 'Images space usage:',
      rows: (Images ?? []).flatMap((image) => imageRows(image, { full: false, flags: {} }).slice(0, 1)),
      headings: IMAGE_HEADINGS,
      table:
        '{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}',
    },
    {
      name: 'Containers',
      title: 'Containers space usage:',
      rows: (Containers ?? []).map(containerRow),
      headings: CONTAINER_HEADINGS,
      table:
        '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}',
    },
    {
      name: 'Volumes',
      title: 'Local Volumes space usage:',
      rows: (Volumes ?? []).toSorted((a, b) => (a.Name < b.Name ? -1 : 1)).map(usedVolumeRow),
      headings: VOLUME_HEADINGS,
      table: '{{.Name}}\t{{.Links}}\t{{.Size}}',
    },
    {
      name: 'BuildCache',
      title: `Build cache usage: ${humanSize(cacheSize, 4)}`,
      rows: cache.map(cacheRow),
      headings: CACHE_HEADINGS,
      table: '{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}',
    },
  ];
}

const CONTAINER_HEADINGS: FormatRow = {
  Command: 'COMMAND',
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  LocalVolumes: 'LOCAL VOLUMES',
  Names: 'NAMES',
  RunningFor: 'CREATED',
  Size: 'SIZE',
  Status: 'STATUS',
};

function containerRow(container: NonNullable<DiskUsage['Containers']>[number]): FormatRow {
  return {
    Command: commandText(container.Command),
    ID: container.Id.slice(0, 12),
    Image: container.Image,
    LocalVolumes: String(container.Mounts.filter(({ Type, Driver }) => Type === 'volume' && Driver === 'local').length),
    Names: nameOf(container),
    RunningFor: agoText(container.Created),
    Size: humanSize(container.SizeRw ?? 0),
    Status: container.Status,
  };
}

function usedVolumeRow(volume: UsedVolume): FormatRow {
  const { Size = -1, RefCount = -1 } = volume.UsageData ?? {};
  return {
    ...volumeRow(volume),
    Links: RefCount < 0 ? 'N/A' : String(RefCount),
    Size: Size < 0 ? 'N/A' : humanSize(Size),
  };
}

const CACHE_HEADINGS: FormatRow = {
  CacheType: 'CACHE TYPE',
  CreatedSince: 'CREATED',
  ID: 'CACHE ID',
  LastUsedSince: 'LAST USED',
  Shared: 'SHARED',
  Size: 'SIZE',
  UsageCount: 'USAGE',
};

function cacheRow(entry: BuildCacheEntry): FormatRow {
  const since = (time: string | null): string => (time === null ? '' : agoText(Date.parse(time) / 1000));
  return {
    CacheType: entry.Type,
    CreatedSince: since(entry.CreatedAt),
    ID: entry.ID.slice(0, 12),
    LastUsedSince: since(entry.LastUsedAt),
    Shared: String(entry.Shared),
    Size: humanSize(entry.Size),
    UsageCount: String(entry.UsageCount),
  };
}
