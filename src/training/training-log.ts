import { appendFile, readFile } from 'node:fs/promises';

import { errorCode, WorkError } from '../errors.js';
import { fileErrorReason, writeAtomic } from '../files.js';

/** One line of log.jsonl. */
export interface LogLine {
  readonly type: 'step' | 'validation';
  /** Optimiser steps done. */
  readonly step: number;
  readonly [key: string]: string | number;
}

/** A file of one JSON object per line, in the order of the steps. */
export class TrainingLog {
  private constructor(private readonly file: string) {}

  /** Opens the log and drops the lines that `keep` refuses, as well as torn ones. */
  static async open(file: string, keep: (line: LogLine) => boolean): Promise<TrainingLog> {
    const text = await readOrEmpty(file);
    const kept = text
      .split('\n')
      .filter((text) => {
        const line = parseLine(text);
        return line !== undefined && keep(line);
      })
      .map((line) => `${line}\n`)
      .join('');
    if (kept !== text) await writeAtomic(file, kept);
    return new TrainingLog(file);
  }

  async append(line: LogLine): Promise<void> {
    try {
      await appendFile(this.file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw new WorkError(`cannot write ${this.file}: ${fileErrorReason(error)}`, { cause: error });
    }
  }
}

/** The whole lines of a log, in order; none where there is no log. */
export async function readTrainingLog(file: string): Promise<LogLine[]> {
  const lines = (await readOrEmpty(file)).split('\n').map(parseLine);
  return lines.filter((line) => line !== undefined);
}

function parseLine(text: string): LogLine | undefined {
  try {
    const value = JSON.parse(text) as Partial<LogLine> | null;
    return typeof value?.step === 'number' ? (value as LogLine) : undefined;
  } catch {
    return undefined;
  }
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw new WorkError(`cannot read ${file}: ${fileErrorReason(error)}`, { cause: error });
  }
}
