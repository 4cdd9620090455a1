// What a watch tells the one who draws it. Declarations only.

/** Something that happened. */
export type WatchEvent =
  | { readonly kind: 'watching'; readonly services: readonly string[] }
  | {
      readonly kind: 'synced';
      readonly service: string;
      /** Names as the rules see them. */
      readonly copied: readonly string[];
      readonly deleted: readonly string[];
      /** How many containers got them. */
      readonly containers: number;
      readonly ms: number;
    }
  | { readonly kind: 'began'; readonly service: string; readonly what: 'rebuild' | 'restart' | 'exec' }
  | {
      readonly kind: 'done';
      readonly service: string;
      readonly what: 'rebuild' | 'restart' | 'exec';
      readonly ms: number;
    }
  | { readonly kind: 'output'; readonly service: string; readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly service: string; readonly what: string; readonly error: unknown }
  /** Nothing failed, but it may not be what was meant. */
  | { readonly kind: 'notice'; readonly text: string };

/** Takes events; must not throw. */
export type WatchReport = (event: WatchEvent) => void;
