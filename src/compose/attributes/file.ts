// The attributes of a compose file outside services. The order is the order of printing.
import { stringOrList } from '../canonical/lists.ts';
import { anyExternal, external as externalCanon, includeEntry } from '../canonical/services.ts';
import { driverOptions, ELEMENT_NAME, external, labels, labelsOnce } from './parts.ts';
import { SERVICE } from './service.ts';
import {
  boolean,
  dict,
  integer,
  kept,
  list,
  nothing,
  object,
  part,
  string,
  union,
  type ObjectShape,
  type Shape,
} from './shape.ts';

const orNothing = (shape: ObjectShape): Shape => union([shape, nothing()], externalCanon);
const elements = (value: Shape): Shape => dict(value, { keys: ELEMENT_NAME });

const NETWORK = object({
  name: string(),
  driver: string(),
  driver_opts: driverOptions(),
  ipam: part(
    object({
      driver: string(),
      config: list(object({ subnet: string(), gateway: string(), ip_range: string(), aux_addresses: dict(string()) })),
      options: dict(string()),
    }),
  ),
  external: external(),
  internal: boolean(),
  attachable: boolean(),
  labels: labels(),
  enable_ipv4: kept(boolean()),
  enable_ipv6: kept(boolean()),
});

const VOLUME = object({
  name: string(),
  driver: string(),
  driver_opts: driverOptions(),
  external: external(),
  labels: labelsOnce(),
});

const CONFIG = object({
  name: string(),
  file: string(),
  environment: string(),
  content: string(),
  external: external({ open: true }),
  labels: labelsOnce(),
  template_driver: string(),
});

const SECRET = object({
  name: string(),
  file: string(),
  environment: string(),
  external: external({ open: true }),
  labels: labelsOnce(),
  driver: string(),
  driver_opts: driverOptions(),
  template_driver: string(),
});

const MODEL = object(
  { name: string(), model: string(), context_size: integer(), runtime_flags: list(string()) },
  { required: ['model'] },
);

const INCLUDE = object(
  {
    path: union([string(), list(string()), nothing()], stringOrList),
    env_file: union([string(), list(string()), nothing()], stringOrList),
    project_directory: union([string(), nothing()]),
  },
  { open: true },
);

const withCanon = (shape: ObjectShape): ObjectShape => ({ ...shape, canon: anyExternal });

/** What `include` may be; it is read before the rest. */
export const INCLUDES = list(union([string(), INCLUDE], includeEntry));

/** A whole file. */
export const FILE = object({
  version: string({ accepts: ['string', 'timestamp'] }),
  name: string(),
  include: INCLUDES,
  services: kept(elements(SERVICE)),
  // the one kind whose names are free
  networks: dict(orNothing(NETWORK)),
  volumes: elements(orNothing(VOLUME)),
  secrets: elements(withCanon(SECRET)),
  configs: elements(withCanon(CONFIG)),
  models: elements(MODEL),
});
