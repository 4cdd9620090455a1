// What the build cache holds, for GET /system/df: a remembered step an entry. A layer that an image has too counts there.
import type { BuildCacheEntry } from '../../api/usage.ts';
import type { ImageConfig } from '../images/config.ts';
import type { ImageRecords } from '../images/records.ts';
import type { Database } from '../state/database.ts';

/** The entries, least recently used first. A layer's size is told once, with the step that was remembered first. */
export function cacheUsage(db: Database, records: ImageRecords): BuildCacheEntry[] {
  const ofImages = new Set(records.images().flatMap(({ chains }) => chains));
  const told = new Set<string>();
  return db.all('SELECT key, config, chains, used FROM build_steps ORDER BY used, rowid').map((row) => {
    const chain = String(row['chains']).split(' ').at(-1) ?? '';
    const { created = '', history = [] } = JSON.parse(String(row['config'])) as ImageConfig;
    const size = told.has(chain) ? 0 : (records.layer(chain)?.size ?? 0);
    told.add(chain);
    return {
      ID: String(row['key']).slice(0, 25),
      Type: 'regular',
      Description: history.at(-1)?.created_by ?? '',
      InUse: false,
      Shared: ofImages.has(chain),
      Size: size,
      CreatedAt: created,
      LastUsedAt: new Date(Number(row['used'])).toISOString(),
      UsageCount: 1,
    };
  });
}
