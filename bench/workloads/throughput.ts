/** From picture files to maps as `featinv features` does it, and each half of that alone: the limits. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { loadBackbone } from '../../src/backbones/index.js';
import {
  decodeThreads,
  DEFAULT_FEATURE_BATCH,
  featureSet,
  listPictures,
  lookAtPictures,
  openFeatureSession,
  openPictureReader,
} from '../../src/features/index.js';
import { listImages } from '../../src/images/list-images.js';
import { packageRoot } from '../../src/package-root.js';
import type { WorkSpec } from '../protocol.js';
import { timed, type Workload } from './workload.js';

export interface ThroughputSpec extends WorkSpec {
  readonly kind: 'throughput';
  readonly backbone: string;
  readonly part: 'decode' | 'compute' | 'both';
  readonly pictures: number;
}

/** ImageNet's usual size and quality. */
const SIZE = { width: 500, height: 375 } as const;
const QUALITY = 92;

export async function openThroughput(spec: ThroughputSpec, threads: number): Promise<Workload> {
  const { part, pictures } = spec;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'featinv-bench-'));
  await writePictures(folder, pictures);
  const entries = await listPictures([folder], (error) => {
    throw error;
  });
  const set = await featureSet(await loadBackbone(spec.backbone));
  const batch = DEFAULT_FEATURE_BATCH;
  const session = await openFeatureSession(set, batch, { threads });
  const reader = openPictureReader(set.preparation, decodeThreads({ threads }));
  const { pixels } = await reader.prepare(entries[0]!);
  const ready = new Float32Array(batch * pixels.length);
  for (let i = 0; i < batch; i++) ready.set(pixels, i * pixels.length);
  const parts: Readonly<Record<ThroughputSpec['part'], () => Promise<void>>> = {
    decode: async () => void (await Promise.all(entries.map((entry) => reader.prepare(entry)))),
    compute: async () => {
      for (let done = 0; done < pictures; done += batch) await session.run(ready);
    },
    both: async () => {
      for await (const seen of lookAtPictures(entries, reader, session, { batch })) {
        if (seen.state === 'unreadable') throw seen.error;
      }
    },
  };
  return {
    run: timed(parts[part]),
    dispose: async () => {
      await reader.close();
      await session.dispose();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The shipped photographs again and again; bytes behind a picture's end make each another one. */
async function writePictures(folder: string, count: number): Promise<void> {
  const photographs = await listImages(path.join(packageRoot(), 'photos'));
  const encoded = await Promise.all(
    photographs.map((file) =>
      sharp(readFileSync(file))
        .resize({ ...SIZE, fit: 'cover' })
        .jpeg({ quality: QUALITY })
        .toBuffer(),
    ),
  );
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.concat([encoded[i % encoded.length]!, Buffer.from(String(i))]);
    writeFileSync(path.join(folder, `${String(i).padStart(4, '0')}.jpg`), bytes);
  }
}
