/** Fitted concepts in the data folder: one folder each, with the cards that show them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../errors.js';
import type { ConceptSet, InverterInfo } from '../api.js';

export const CARDS_FILE = 'cards.json';

/** Letters, digits and a few signs, not a point at the beginning: nothing that leads elsewhere. */
const SAFE_NAME = /^[\w-][\w.-]{0,199}$/;
const PATCH_FILE = /^patch-\d{1,7}-\d{1,7}\.png$/;

export class ConceptShelf {
  constructor(readonly folder: string) {}

  /** The name under which a fit is kept: the same fit again takes the place of the first one. */
  nameOf(inverter: InverterInfo, method: string, count: number): string {
    const parts = [inverter.backbone, inverter.layer, method, count].join('-');
    return parts
      .replace(/[^\w.-]+/g, '_')
      .replace(/^\.+/, '')
      .slice(-120);
  }

  /** Undefined where there is none of this name. */
  async find(name: string): Promise<ConceptSet | undefined> {
    if (!SAFE_NAME.test(name)) return undefined;
    try {
      const text = await readFile(path.join(this.folder, name, CARDS_FILE), 'utf8');
      return JSON.parse(text) as ConceptSet;
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  /** Folder of a set that `find` knows. */
  folderOf(set: ConceptSet): string {
    return path.join(this.folder, set.name);
  }

  /** Those of one layer, or all, the newest first. */
  async list(inverter?: InverterInfo): Promise<ConceptSet[]> {
    const names = await readdir(this.folder);
    const sets = await Promise.all(names.map((name) => this.find(name)));
    return sets
      .filter((set) => set !== undefined)
      .filter((set) => inverter === undefined || fits(set, inverter))
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /** A card's patch; undefined where there is none. */
  async patch(name: string, file: string): Promise<Uint8Array | undefined> {
    const set = PATCH_FILE.test(file) ? await this.find(name) : undefined;
    const isListed = set?.cards.some(({ patches }) => patches.some((patch) => patch.file === file));
    return set && isListed ? readFile(path.join(this.folderOf(set), file)) : undefined;
  }
}

export function fits(set: ConceptSet, { backbone, layer }: InverterInfo): boolean {
  return set.backbone === backbone && set.layer === layer;
}
