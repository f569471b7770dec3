/** One line of a worker's log. */
export type WorkerEvent =
  | {
      readonly event: 'ready';
      readonly worker: string;
      readonly queue: string;
      readonly storage: string;
    }
  | {
      readonly event: 'begun';
      readonly kind: string;
      readonly plan: string;
      readonly unit: number;
      readonly attempt: number;
    }
  | {
      readonly event: 'done';
      readonly kind: string;
      readonly plan: string;
      readonly unit: number;
      readonly seconds: number;
      readonly wasThere: boolean;
    }
  | {
      readonly event: 'failed';
      readonly kind: string;
      readonly plan: string;
      readonly unit: number;
      readonly error: string;
      readonly isFinal: boolean;
    }
  | {
      readonly event: 'note';
      readonly kind: string;
      readonly plan: string;
      readonly unit: number;
      readonly line: string;
    }
  | { readonly event: 'stalled'; readonly job: string }
  | { readonly event: 'trouble'; readonly reason: string }
  | { readonly event: 'draining' | 'stopped' };
