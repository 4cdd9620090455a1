// What all operations on images share, made once per engine.
import type { EngineContext, UsageService } from '../services.ts';
import type { LayerStore } from './layers.ts';

/** The image store of an engine. */
export interface ImageStore extends LayerStore {
  readonly context: EngineContext;
  readonly usage: UsageService;
}

/** The zero time of the API. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';
