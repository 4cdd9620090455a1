// The tables, as steps from an empty database; a step that has landed is never changed, new ones are added at the end.
// `json` holds the area's own record. Keys and what is searched for stand in columns of their own.

/** One string of statements per schema version. */
export const SCHEMA: readonly string[] = [
  `
  CREATE TABLE containers (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
  CREATE TABLE networks (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
  CREATE TABLE volumes (name TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE images (id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE tags (ref TEXT PRIMARY KEY, image TEXT NOT NULL REFERENCES images(id)) STRICT;
  CREATE TABLE layers (chain TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT
  `,
  `
  CREATE TABLE layer_sources (
    diff_id TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, domain TEXT NOT NULL, path TEXT NOT NULL,
    noted INTEGER NOT NULL, PRIMARY KEY (diff_id, domain, path, digest)
  ) STRICT
  `,
  `
  CREATE TABLE build_steps (key TEXT PRIMARY KEY, config TEXT NOT NULL, chains TEXT NOT NULL, used INTEGER NOT NULL) STRICT
  `,
];

/** The schema this engine writes. */
export const SCHEMA_VERSION = SCHEMA.length;
