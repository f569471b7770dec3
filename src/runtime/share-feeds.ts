import { disposeAll } from './device-tensor.js';
import type { Feeds, HostValues, Session, SessionOptions } from './session.js';
import { Transfer } from './transfer.js';

/** Feeds for many runs of one session. */
export interface SharedFeeds {
  readonly feeds: Feeds;
  dispose(): Promise<void>;
}

/** Brings what many runs of a session read to its device once. The CPU reads it where it is. */
export async function shareFeeds(
  session: Session,
  values: Readonly<Record<string, HostValues>>,
  options: SessionOptions,
): Promise<SharedFeeds> {
  if (options.device !== 'webgpu') return { feeds: values, dispose: () => Promise.resolve() };
  const types = [...session.inputs].filter(([name]) => name in values);
  const transfer = await Transfer.compile(new Map(types), options);
  const tensors = await transfer.upload(values);
  return {
    feeds: Object.fromEntries(tensors),
    dispose: async () => {
      disposeAll(tensors);
      await transfer.dispose();
    },
  };
}
