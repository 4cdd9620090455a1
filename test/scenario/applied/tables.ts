// All tables. Data only.
import { BUILDS } from './builds.ts';
import { HEALTH } from './health.ts';
import { LIMITS } from './limits.ts';
import { LOAD } from './load.ts';
import { NETWORKS } from './networks.ts';
import { PROCESS } from './process.ts';
import type { Table } from './row.ts';
import { STORAGE } from './storage.ts';

/** Each is a compose file; together they are the project. */
export const TABLES: readonly Table[] = [PROCESS, LIMITS, NETWORKS, STORAGE, HEALTH, LOAD, BUILDS];
