/**
 * What the studio's server and its page say to each other. Types alone: the page takes them from here,
 * `requests.ts` checks them.
 *
 * | Route                              | Answer                                                          |
 * | ---------------------------------- | --------------------------------------------------------------- |
 * | GET /api/studio                    | `StudioInfo`                                                    |
 * | POST /api/pictures?name=           | body: the file's bytes, Content-Type image/…; 201 `PictureInfo` |
 * | GET /api/pictures/:id?size=        | PNG of the middle square, size × size pixels (default 256)      |
 * | POST /api/jobs                     | body: `JobRequest`; 201 `JobInfo`, 200 where it is known        |
 * | GET /api/jobs?limit=               | `JobList`, newest first                                         |
 * | GET /api/jobs/:id                  | `JobInfo`                                                       |
 * | DELETE /api/jobs/:id               | `JobInfo`: cancels between two denoising steps                  |
 * | GET /api/jobs/:id/events           | server-sent `JobEvents`; `?browser=` `?after=`                  |
 * | GET /api/jobs/:id/files/:name      | a picture of the result, PNG; `?download` to save it            |
 * | GET /api/jobs/:id/result.json      | `ResultNumbers`, to save                                        |
| GET /api/jobs/:id/report.html      | the whole result as one page with its pictures, to save         |
| GET /api/concepts?inverter=        | `ConceptSetList`: those that fit the inverter                   |
 * | GET /api/concepts/:name/files/:file | a card's patch, PNG                                            |
 * | GET /api/reports                   | `ReportList`                                                    |
 * | GET /api/reports/:name             | the report's page, for an `<iframe sandbox>`                    |
 * | GET /api/models                    | `StudioModels`                                                  |
 * | GET /api/pulls                     | `PullList`: what is being fetched, and has been since the start |
 * | POST /api/pulls                    | body: `PullRequest`; 201 `PullInfo`, 200 where it is under way  |
 * | DELETE /api/pulls/:name            | `PullInfo`: stops it; what has arrived stays for the next time  |
 * | GET /api/training                  | `TrainingOverview`: what can be trained, and all runs           |
 * | POST /api/training                 | body: `TrainingRequest`; 201 `TrainingRunInfo`                   |
 * | GET /api/training/:id?after=       | `TrainingRun` with the lines of its log after that many         |
 * | POST /api/training/:id/pause       | `TrainingRunInfo`: stops after this step, with a checkpoint     |
 * | POST /api/training/:id/resume      | `TrainingRunInfo`: goes on from the newest checkpoint           |
 * | DELETE /api/training/:id           | 204: removes a run of the studio that does not run              |
 * | GET /api/training/:id/samples/:file | pictures of a validation, PNG                                 |
 *
 * Every refusal is `ErrorBody` with a status of 400 or above. Names of pictures in results are those
 * of GET /api/jobs/:id/files/:name.
 */

import type { JobResult } from './job-results.js';

export type * from './job-results.js';

/** One sentence that says what is wrong and what would be right. */
export interface ErrorBody {
  readonly error: string;
}

export interface StudioInfo {
  readonly version: string;
  /** The default one first. */
  readonly inverters: readonly InverterInfo[];
  readonly samplers: readonly string[];
  /** Methods that fit concepts in a minute or so. */
  readonly conceptMethods: readonly ConceptMethodName[];
  /** Operations of `mix` on two pictures, with one line each. */
  readonly operations: readonly { readonly name: MixOperation; readonly summary: string }[];
  /** The photographs that ship with the package. */
  readonly samples: readonly PictureInfo[];
  readonly limits: StudioLimits;
}

export interface StudioLimits {
  /** Of one uploaded picture. */
  readonly uploadBytes: number;
  readonly uploadPixels: number;
  /** Jobs that may wait. */
  readonly queue: number;
  /** Pictures of one job. */
  readonly samples: number;
  /** Denoising steps of one picture. */
  readonly steps: number;
  /** Concepts of one set. */
  readonly concepts: number;
}

export interface Sampling {
  readonly sampler: string;
  readonly steps: number;
  /** Share of fresh noise, 0 to 1; above 0 for `ddim` only. */
  readonly eta: number;
  readonly guidance: number;
  readonly guidanceMode: 'text' | 'joint';
}

export interface InverterInfo {
  /** What requests call it. */
  readonly name: string;
  readonly description: string;
  readonly backbone: string;
  readonly backboneTitle: string;
  readonly layer: string;
  readonly mapShape: readonly [channels: number, height: number, width: number];
  readonly pooled: boolean;
  /** Side of its pictures in pixels. */
  readonly imageSize: number;
  /** Its defaults. */
  readonly sampling: Sampling;
  /** On held-out photographs, mean cosines per position; null where it was not measured. */
  readonly measured: {
    readonly cosine: number;
    /** Of other photographs. */
    readonly floor: number;
    /** Of the autoencoder's copies. */
    readonly ceiling: number;
    readonly gapClosed: number;
  } | null;
}

export interface PictureInfo {
  /** sha256 of the file's bytes, 64 hexadecimal digits. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Name of the file, for people. */
  readonly name: string;
}

/** Pictures are drawn from the noise of `seed`, `seed + 1`, …: `samples` of them. */
interface Drawing {
  readonly inverter: string;
  /** 0 to 2³² - 1; default 100. */
  readonly seed?: number;
  /** 1 to `limits.samples`; default 1. */
  readonly samples?: number;
  /** The inverter's defaults for what is left out. */
  readonly sampling?: Partial<Sampling>;
  /** Send intermediate pictures every so many steps; default 1, 0 for none. */
  readonly every?: number;
}

export interface LookRequest extends Drawing {
  readonly kind: 'look';
  readonly picture: string;
}

export interface SteerRequest extends Drawing {
  readonly kind: 'steer';
  readonly picture: string;
  /** Name of a concept set. */
  readonly concepts: string;
  /** Number of the concept, from 0. */
  readonly concept: number;
  /** 0 takes the concept out, 1 leaves the map as it is, 2 doubles the concept. */
  readonly scale: number;
  /** Share of the change at each position of the map, row by row, 0 to 1; default everywhere 1. */
  readonly region?: readonly number[];
}

export type MixOperation = 'lerp' | 'slerp' | 'sum' | 'max' | 'paste';

export interface MixRequest extends Drawing {
  readonly kind: 'mix';
  /** Ids of the two pictures. */
  readonly a: string;
  readonly b: string;
  /** How far from a to b; 0 gives the reconstruction of a. */
  readonly alpha: number;
  readonly operation: MixOperation;
  /** In shares of the middle square; `paste` needs it. */
  readonly region?: Rectangle;
}

/** Shares of the middle square from its top left corner, 0 to 1. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type ConceptMethodName = 'kmeans' | 'pca' | 'nmf' | 'semi-nmf';

/** Fits concepts to the shipped photographs and keeps them under a name. */
export interface ConceptsRequest {
  readonly kind: 'concepts';
  readonly inverter: string;
  readonly method: ConceptMethodName;
  readonly count: number;
}

export type JobRequest = LookRequest | SteerRequest | MixRequest | ConceptsRequest;
export type JobKind = JobRequest['kind'];

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobProgress {
  readonly done: number;
  readonly total: number;
  /** What is being done, for people. */
  readonly note: string;
}

/** The parts of a job that depend on its kind belong together: check `request.kind`. */
export interface JobInfo {
  readonly id: string;
  readonly kind: JobKind;
  /** With every default filled in: the same request gives the same pictures. */
  readonly request: JobRequest;
  readonly state: JobState;
  /** Of a queued job: how many end before it begins. */
  readonly position?: number;
  /** Of a running job. */
  readonly progress?: JobProgress;
  /** Of a failed job: one sentence. */
  readonly error?: string;
  /** Of a done job. */
  readonly result?: JobResult;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly finishedAt?: string;
}

/** What is to be known of a result without its pictures. */
export interface ResultNumbers {
  /** Version that made it. */
  readonly featinv: string;
  /** sha256 of the weights of the inverter's ControlNet and of its base. */
  readonly weights: readonly string[];
  /** Names of the request's pictures by their ids. */
  readonly pictures: Readonly<Record<string, string>>;
  readonly request: JobRequest;
  readonly result: JobResult;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly finishedAt: string;
}

export interface JobList {
  readonly jobs: readonly JobInfo[];
}

/** Server-sent events of a job by their names. The stream ends after the last state. */
export interface JobEvents {
  /** On connecting, and whenever the state or the position changes. */
  readonly state: JobInfo;
  readonly progress: JobProgress;
  readonly step: JobStep;
  /**
   * Another tab of the same `?browser=` needs the connection: ask again in a while, with the last event's
   * id as `?after=`.
   */
  readonly turn: null;
}

/** Steering draws two pictures of each seed, one after the other. */
export type StepRole = 'drawn' | 'before' | 'after';

/** What the model takes the pictures to be after a denoising step. */
export interface JobStep {
  readonly role: StepRole;
  /** Steps done, of `steps`. */
  readonly done: number;
  readonly steps: number;
  /** PNG as data URIs. */
  readonly pictures: readonly { readonly seed: number; readonly image: string }[];
}

export interface ConceptSet {
  readonly name: string;
  readonly method: string;
  readonly backbone: string;
  readonly layer: string;
  /** Pictures that it was fitted to. */
  readonly images: number;
  readonly createdAt: string;
  /** The most energetic concept first. */
  readonly cards: readonly ConceptCardInfo[];
}

export interface ConceptCardInfo {
  /** Number of the concept, from 0. */
  readonly concept: number;
  readonly name: string;
  /** Its share of all concepts' squared activation over the pictures. */
  readonly energyShare: number;
  /** Where it is strongest, one of each picture; files of GET /api/concepts/:name/files/:file. */
  readonly patches: readonly {
    readonly file: string;
    readonly picture: string;
    readonly activation: number;
  }[];
}

export interface ConceptSetList {
  readonly sets: readonly ConceptSet[];
}

export interface ReportInfo {
  readonly name: string;
  readonly title: string;
  readonly createdAt: string;
}

export interface ReportList {
  readonly reports: readonly ReportInfo[];
}

export interface ModelInfo {
  readonly id: string;
  readonly description: string;
  /** Null where only its source tells. */
  readonly licence: string | null;
  /** Of what is not here yet, about; null where only its source tells. */
  readonly megabytes: number | null;
  /** Address of conditions on its use, which `PullRequest.agreed` agrees to; null where there are none. */
  readonly terms: string | null;
  /** Whether every file that it needs is there. */
  readonly here: boolean;
  /** Used where nothing is asked for. */
  readonly standard: boolean;
  /** Command line that fetches it; null for what ships with the package. */
  readonly pull: string | null;
}

export interface StudioModels {
  readonly backbones: readonly ModelInfo[];
  readonly bases: readonly ModelInfo[];
  readonly inverters: readonly ModelInfo[];
  /** What measures of pictures need. */
  readonly measures: readonly ModelInfo[];
  /** Whether the studio is told to use no network. */
  readonly isOffline: boolean;
}

export interface PullRequest {
  /** `id` of a model that can be pulled. */
  readonly name: string;
  /** That its terms have been read and are agreed to; needed where there are some. */
  readonly agreed?: boolean;
}

export interface PullInfo {
  readonly name: string;
  /** One is fetched at a time. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Of all its files. */
  readonly bytesHere: number;
  /** Null before the source has told. */
  readonly bytesTotal: number | null;
  /** As its source says; null before that. */
  readonly licence: string | null;
  /** Of a failed one: a sentence. */
  readonly error?: string;
}

export interface PullList {
  readonly pulls: readonly PullInfo[];
}

/** What a run can begin with. */
export interface TrainingRecipe {
  readonly name: string;
  /** What it trains, in a line. */
  readonly description: string;
  readonly backbone: string;
  readonly layer: string;
  readonly pooled: boolean;
  readonly learningRate: number;
}

export interface TrainingData {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly pictures: number;
  /** Whether validation looks at pictures that are not trained on. */
  readonly isHeldOut: boolean;
}

export interface TrainingOverview {
  readonly recipes: readonly TrainingRecipe[];
  readonly data: readonly TrainingData[];
  readonly limits: { readonly steps: number; readonly batchSize: number };
  /** The newest first. */
  readonly runs: readonly TrainingRunInfo[];
}

export interface TrainingRequest {
  /** For people; 1 to 60 characters. */
  readonly name: string;
  readonly recipe: string;
  readonly data: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
}

export interface TrainingRunInfo {
  readonly id: string;
  readonly name: string;
  /** What is trained: `inverter`, `denoiser`, … */
  readonly type: string;
  /** Of an inverter: classifier and layer. */
  readonly about: string;
  /** `elsewhere` is written by another process right now; `paused` can be resumed, in the studio where it is its own. */
  readonly state:
    'starting' | 'running' | 'pausing' | 'paused' | 'finished' | 'failed' | 'elsewhere';
  /** Whether the studio started it, and so may change it. */
  readonly isOwn: boolean;
  /** Optimiser steps done, and in all. */
  readonly step: number;
  readonly steps: number;
  /** While it runs here. */
  readonly imagesPerSecond?: number;
  readonly secondsLeft?: number;
  /** Of a failed one: a sentence. */
  readonly error?: string;
  /** Folder of the released weights of a finished one. */
  readonly model?: string;
  /** ISO 8601: when its log was last written. */
  readonly changedAt: string;
  /** Settings worth comparing. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

export interface TrainingPoint {
  readonly type: 'step' | 'validation';
  readonly step: number;
  /** Means since the last point: loss, gradientNorm, learningRate, … or what the validation measured. */
  readonly values: Readonly<Record<string, number>>;
}

export interface TrainingRun extends TrainingRunInfo {
  /** Points of the log after the first `after`. */
  readonly points: readonly TrainingPoint[];
  /** Points in all: `after` of the next question. */
  readonly total: number;
  /** Files of GET /api/training/:id/samples/:file, by step. */
  readonly samples: readonly { readonly step: number; readonly file: string }[];
}
