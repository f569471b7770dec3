/** What the server and its worker thread say to each other. */
import type {
  ConceptsRequest,
  JobProgress,
  JobResult,
  LookRequest,
  MixRequest,
  Sampling,
  SteerRequest,
  StepRole,
} from '../api.js';
import type { SessionOptions } from '../../runtime/session.js';

/** A request for pictures with every default filled in. */
export type Complete<Request> = Request & {
  readonly seed: number;
  readonly samples: number;
  readonly sampling: Sampling;
  readonly every: number;
};

/** A request with the files that it means: the worker knows no names. */
export type Work =
  | {
      readonly kind: 'look';
      readonly request: Complete<LookRequest>;
      /** Folder of the inverter. */
      readonly inverter: string;
      readonly picture: string;
    }
  | {
      readonly kind: 'steer';
      readonly request: Complete<SteerRequest>;
      readonly inverter: string;
      readonly picture: string;
      /** Folder of the concept set. */
      readonly concepts: string;
    }
  | {
      readonly kind: 'mix';
      readonly request: Complete<MixRequest>;
      readonly inverter: string;
      readonly a: string;
      readonly b: string;
    }
  | {
      readonly kind: 'concepts';
      readonly request: ConceptsRequest;
      readonly inverter: string;
      readonly photographs: readonly string[];
      /** Folder of all concept sets, and what the new one is called. */
      readonly shelf: string;
      readonly name: string;
    };

export type WorkOf<Kind extends Work['kind']> = Extract<Work, { kind: Kind }>;

/** To the worker: one at a time. */
export interface Order {
  readonly work: Work;
  /** One 32-bit number, 0 until the work is to stop. */
  readonly stop: SharedArrayBuffer;
}

export interface PngFile {
  readonly name: string;
  readonly png: Uint8Array;
}

/** From the worker, any number of the first two and then one of the others. */
export type Report =
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'step'; readonly step: StepPictures }
  | { readonly type: 'done'; readonly result: JobResult; readonly files: readonly PngFile[] }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'cancelled' };

export interface StepPictures {
  readonly role: StepRole;
  readonly done: number;
  readonly steps: number;
  readonly pictures: readonly { readonly seed: number; readonly png: Uint8Array }[];
}

export interface WorkerSettings {
  readonly session: SessionOptions;
}
