/** Pictures by the sha256 of their bytes: the shipped photographs, and what was uploaded. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { errorMessage } from '../../errors.js';
import { writeAtomic } from '../../files.js';
import { listImages } from '../../images/list-images.js';
import { MIN_SIDE } from '../../images/read-image.js';
import { packageRoot } from '../../package-root.js';
import type { PictureInfo } from '../api.js';
import type { Database } from '../database.js';
import { HttpProblem } from '../http/http-problem.js';
import { KEPT, LIMITS } from '../limits.js';
import { checkPictureFormat } from './picture-format.js';

export interface ShelvedPicture {
  readonly info: PictureInfo;
  readonly file: string;
}

const MOST_NAME = 100;

export class PictureShelf {
  private constructor(
    private readonly database: Database,
    private readonly folder: string,
    private readonly shipped: ReadonlyMap<string, ShelvedPicture>,
  ) {}

  static async open(database: Database, folder: string): Promise<PictureShelf> {
    const shipped = new Map<string, ShelvedPicture>();
    for (const file of await listImages(path.join(packageRoot(), 'photos'))) {
      const bytes = await readFile(file);
      const info = { id: sha256(bytes), ...(await measure(bytes)), name: path.basename(file) };
      shipped.set(info.id, { info, file });
    }
    return new PictureShelf(database, folder, shipped);
  }

  get samples(): ShelvedPicture[] {
    return [...this.shipped.values()];
  }

  /** Undefined where there is no such picture. */
  find(id: string): ShelvedPicture | undefined {
    const shipped = this.shipped.get(id);
    if (shipped) return shipped;
    const row = this.database.get('SELECT * FROM pictures WHERE id = ?', [id]);
    if (row === null) return undefined;
    const { name, width, height } = row as unknown as PictureInfo;
    return {
      info: { id, width, height, name },
      file: path.join(this.folder, id),
    };
  }

  /** Marks a picture as used just now: the ones that were not for longest make room for new ones. */
  use(id: string): void {
    this.database.run('UPDATE pictures SET used = ? WHERE id = ?', [Date.now(), id]);
  }

  /** Keeps an uploaded file. Throws HttpProblem for what is no picture or too large a one. */
  async add(bytes: Uint8Array, name: string): Promise<PictureInfo> {
    checkPictureFormat(bytes);
    const id = sha256(bytes);
    const known = this.find(id);
    if (known) {
      this.use(id);
      return known.info;
    }
    const size = await measure(bytes);
    await makePreview(bytes, 64);
    await writeAtomic(path.join(this.folder, id), bytes);
    const info = { id, ...size, name: shownName(name) };
    this.database.run(
      'INSERT OR IGNORE INTO pictures (id, name, width, height, used) VALUES (?, ?, ?, ?, ?)',
      [id, info.name, info.width, info.height, Date.now()],
    );
    await this.prune();
    return info;
  }

  private async prune(): Promise<void> {
    const old = this.database.all('SELECT id FROM pictures ORDER BY used DESC LIMIT -1 OFFSET ?', [
      KEPT.pictures,
    ]);
    for (const row of old) {
      const { id } = row as unknown as Pick<PictureInfo, 'id'>;
      this.database.run('DELETE FROM pictures WHERE id = ?', [id]);
      await rm(path.join(this.folder, id), { force: true });
    }
  }
}

/** The middle square as PNG, as the classifier is shown it but for its size. */
export async function makePreview(picture: string | Uint8Array, size: number): Promise<Uint8Array> {
  try {
    return await sharp(picture, { failOn: 'error', limitInputPixels: LIMITS.uploadPixels })
      .rotate()
      .flatten({ background: '#ffffff' })
      .resize(size, size, { fit: 'cover' })
      .toColourspace('srgb')
      .png()
      .toBuffer();
  } catch (error) {
    throw unreadable(error);
  }
}

/** Size as it is shown: after the rotation that the file asks for. */
async function measure(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const { autoOrient } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(error);
    });
  const { width, height } = autoOrient;
  if (width * height > LIMITS.uploadPixels) {
    throw new HttpProblem(
      413,
      `this picture has ${width} × ${height} pixels: give one of at most ${LIMITS.uploadPixels / 1e6} megapixels`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE) {
    throw new HttpProblem(
      415,
      `this picture has ${width} × ${height} pixels: at least ${MIN_SIDE} on each side are needed`,
    );
  }
  return { width, height };
}

function unreadable(error: unknown): HttpProblem {
  const reason = errorMessage(error).split(/[:;]/)[0]!.trim();
  return new HttpProblem(415, `this picture cannot be read (${reason}): the file may be damaged`);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** For people only: one short line without control characters. */
function shownName(name: string): string {
  const line = name.replace(/[\p{C}\s]+/gu, ' ').trim();
  return [...line].slice(0, MOST_NAME).join('') || 'picture';
}
