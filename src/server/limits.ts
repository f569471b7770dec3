import type { StudioLimits } from './api.js';

/** What one request may ask for. Each refusal names its limit. */
export const LIMITS: StudioLimits = {
  uploadBytes: 20 * 2 ** 20,
  uploadPixels: 40_000_000,
  queue: 32,
  samples: 8,
  steps: 250,
  concepts: 64,
};

/** Of one run of training. */
export const TRAINING_LIMITS = { steps: 100_000, batchSize: 64 } as const;

/** Bytes of a request in JSON; a region of 64 × 64 positions fits. */
export const JSON_BYTES = 256 * 2 ** 10;

/** What the data folder keeps: the oldest goes first. */
export const KEPT = { jobs: 1000, pictures: 1000 } as const;

/** Streams of events that are open at once. */
export const EVENT_STREAMS = 200;

/** Streams of events that the tabs of one browser hold at once: they take turns. */
export const STREAMS_OF_BROWSER = 3;
