import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  energyShares,
  strongestPeaks,
  surveyActivations,
} from '../../concepts/activation-survey.js';
import { patchAt, pictureName } from '../../concepts/cards.js';
import { writeConcepts, type FittedConcepts } from '../../concepts/concept-files.js';
import { fitConcepts } from '../../concepts/fit-concepts.js';
import { writeAtomic } from '../../files.js';
import { writePng } from '../../images/png.js';
import type { ConceptCardInfo, ConceptsResult, ConceptSet } from '../api.js';
import { CARDS_FILE } from '../catalogue/concept-shelf.js';
import type { WorkOf } from './messages.js';
import type { Task } from './task.js';

/** Patches of a card. */
const PATCHES = 6;

/** Fits concepts to photographs and puts them on the shelf with their cards, all at once. */
export async function runConcepts(
  { request, photographs, shelf, name }: WorkOf<'concepts'>,
  task: Task,
): Promise<ConceptsResult> {
  const { method, count } = request;
  const fitted = await fitConcepts(task.inverter, photographs, {
    method,
    count,
    session: task.session,
    onProgress: (stage, done, total) => task.progress(done, total, stage),
  });
  const folder = path.join(shelf, name);
  // A name that begins with a point is no set yet.
  const unfinished = path.join(shelf, `.${name}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  await writeConcepts(unfinished, fitted);
  const cards = await writeCards(fitted, photographs, unfinished, task);
  const set: ConceptSet = {
    name,
    method,
    backbone: fitted.backbone,
    layer: fitted.layer,
    images: photographs.length,
    createdAt: new Date().toISOString(),
    cards,
  };
  await writeAtomic(path.join(unfinished, CARDS_FILE), `${JSON.stringify(set, null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  return { kind: 'concepts', name, seconds: task.seconds() };
}

async function writeCards(
  { model, mapShape }: FittedConcepts,
  photographs: readonly string[],
  folder: string,
  task: Task,
): Promise<ConceptCardInfo[]> {
  const pictures = await surveyActivations(task.inverter, model, photographs, (done) =>
    task.progress(done, photographs.length, 'cards'),
  );
  const shares = energyShares(pictures, model.concepts.length);
  const cards: ConceptCardInfo[] = [];
  for (const [concept, { name }] of model.concepts.entries()) {
    task.checkStop();
    const patches: ConceptCardInfo['patches'][number][] = [];
    for (const [i, peak] of strongestPeaks(pictures, concept, PATCHES).entries()) {
      const { file: picture, image, activation } = await patchAt(peak, mapShape);
      const file = `patch-${concept}-${i}.png`;
      await writePng(path.join(folder, file), image);
      patches.push({ file, picture: pictureName(picture), activation });
    }
    cards.push({ concept, name, energyShare: shares[concept]!, patches });
  }
  return cards.sort((x, y) => y.energyShare - x.energyShare || x.concept - y.concept);
}
