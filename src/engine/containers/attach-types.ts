// An attach that waits for its container's start.
import type { Attached, AttachStreams } from '../shim/attach-client.ts';

/** Told once, when the shim is prepared and nothing has been written yet, or that it will not come. */
export interface WaitingAttach {
  readonly streams: AttachStreams;
  connected(attached: Attached): void;
  /** The container was removed before it ran, or its start failed. */
  dropped(): void;
}
