/** Reports of experiments: `NAME/report.html` below one folder. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../errors.js';
import type { ReportInfo } from '../api.js';

const FILE = 'report.html';
/** A page's title stands near its beginning. */
const HEAD_BYTES = 16_384;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

export class ReportShelf {
  constructor(private readonly folder: string) {}

  /** Newest first; none where the folder does not exist. */
  async list(): Promise<ReportInfo[]> {
    const names = await readdir(this.folder).catch(absent);
    const found = await Promise.all((names ?? []).map((name) => this.info(name)));
    return found
      .filter((info) => info !== undefined)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /** The page of one of the listed reports; undefined where there is none. */
  async page(name: string): Promise<Uint8Array | undefined> {
    // Only names that the folder lists, so that no name leads out of it.
    const names = (await readdir(this.folder).catch(absent)) ?? [];
    if (!names.includes(name)) return undefined;
    return readFile(path.join(this.folder, name, FILE)).catch(absent);
  }

  private async info(name: string): Promise<ReportInfo | undefined> {
    const file = path.join(this.folder, name, FILE);
    const status = await stat(file).catch(absent);
    if (!status?.isFile()) return undefined;
    const title = /<title>([^<]*)<\/title>/.exec(await readHead(file))?.[1]?.trim();
    return {
      name,
      title: title ? title.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]!) : name,
      createdAt: status.mtime.toISOString(),
    };
  }
}

async function readHead(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function absent(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
  throw error;
}
