// One row per endpoint that is served and spoken: method, path, and how it answers. Both the router and the client stand on it.

/** How a route answers: one JSON value, nothing, a stream of the handler's own, or a connection taken over (§1.1 of the API sheet). */
export type RouteKind = 'json' | 'empty' | 'stream' | 'hijack';

/** `{id}` stands for one segment, `{name}` for a greedy one (image names have slashes). */
export interface RouteRow {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly kind: RouteKind;
}

const get = (path: string, kind: RouteKind = 'json'): RouteRow => ({ method: 'GET', path, kind });
const post = (path: string, kind: RouteKind = 'json'): RouteRow => ({ method: 'POST', path, kind });
const del = (path: string, kind: RouteKind = 'empty'): RouteRow => ({ method: 'DELETE', path, kind });

/** All routes, by the name their handler and client method go by. */
export const ROUTES = {
  ping: get('/_ping', 'stream'),
  pingHead: { method: 'HEAD', path: '/_ping', kind: 'empty' },
  version: get('/version'),
  info: get('/info'),
  systemDf: get('/system/df'),
  events: get('/events', 'stream'),
  pluginList: get('/plugins'),
  imageBuild: post('/build', 'stream'),
  buildPrune: post('/build/prune'),
  containerList: get('/containers/json'),
  containerCreate: post('/containers/create'),
  containerPrune: post('/containers/prune'),
  containerInspect: get('/containers/{id}/json'),
  containerStart: post('/containers/{id}/start', 'empty'),
  containerStop: post('/containers/{id}/stop', 'empty'),
  containerRestart: post('/containers/{id}/restart', 'empty'),
  containerKill: post('/containers/{id}/kill', 'empty'),
  containerPause: post('/containers/{id}/pause', 'empty'),
  containerUnpause: post('/containers/{id}/unpause', 'empty'),
  containerRename: post('/containers/{id}/rename', 'empty'),
  containerUpdate: post('/containers/{id}/update'),
  containerWait: post('/containers/{id}/wait', 'stream'),
  containerLogs: get('/containers/{id}/logs', 'stream'),
  containerTop: get('/containers/{id}/top'),
  containerResize: post('/containers/{id}/resize', 'empty'),
  containerAttach: post('/containers/{id}/attach', 'hijack'),
  containerArchiveInfo: { method: 'HEAD', path: '/containers/{id}/archive', kind: 'stream' },
  containerArchive: get('/containers/{id}/archive', 'stream'),
  containerPutArchive: { method: 'PUT', path: '/containers/{id}/archive', kind: 'empty' },
  containerExport: get('/containers/{id}/export', 'stream'),
  containerChanges: get('/containers/{id}/changes'),
  containerStats: get('/containers/{id}/stats', 'stream'),
  containerRemove: del('/containers/{id}'),
  containerCommit: post('/commit'),
  execCreate: post('/containers/{id}/exec'),
  execStart: post('/exec/{id}/start', 'hijack'),
  execResize: post('/exec/{id}/resize', 'empty'),
  execInspect: get('/exec/{id}/json'),
  imageList: get('/images/json'),
  imageCreate: post('/images/create', 'stream'),
  imagePrune: post('/images/prune'),
  imageInspect: get('/images/{name}/json'),
  imageHistory: get('/images/{name}/history'),
  imagePush: post('/images/{name}/push', 'stream'),
  imageSearch: get('/images/search'),
  distribution: get('/distribution/{name}/json'),
  auth: post('/auth'),
  imageTag: post('/images/{name}/tag', 'empty'),
  imagesSave: get('/images/get', 'stream'),
  imageSave: get('/images/{name}/get', 'stream'),
  imageLoad: post('/images/load', 'stream'),
  imageRemove: del('/images/{name}', 'json'),
  networkList: get('/networks'),
  networkCreate: post('/networks/create'),
  networkPrune: post('/networks/prune'),
  networkInspect: get('/networks/{id}'),
  networkConnect: post('/networks/{id}/connect', 'empty'),
  networkDisconnect: post('/networks/{id}/disconnect', 'empty'),
  networkRemove: del('/networks/{id}'),
  volumeList: get('/volumes'),
  volumeCreate: post('/volumes/create'),
  volumePrune: post('/volumes/prune'),
  volumeInspect: get('/volumes/{id}'),
  volumeRemove: del('/volumes/{id}'),
  // gantry's own: removes paths in a container, without any program of its image
  gantryContainerDelete: post('/gantry/containers/{id}/delete', 'empty'),
  // gantry's own: ends the daemon (containers stay), for upgrades
  gantryShutdown: post('/gantry/shutdown', 'empty'),
} as const satisfies Record<string, RouteRow>;

/** The name of a route. */
export type RouteName = keyof typeof ROUTES;
