import path from 'node:path';
import type { Prediction } from '../../backbones/index.js';
import { encodePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { AttackedPicture, AttackPage } from '../../report/index.js';
import { shortLabel } from '../short-label.js';
import { bothTop5, type AttackParties, type AttackResult } from './attack-result.js';

/** The page of attacked pictures. */
export async function attackPageOf(
  parties: AttackParties,
  results: readonly AttackResult[],
  described: Pick<AttackPage, 'change' | 'settings' | 'commands'>,
): Promise<AttackPage> {
  return {
    title: 'What the network saw under attack',
    backbone: parties.classifier.id,
    viewer: parties.viewer?.id,
    pictures: await Promise.all(results.map((result) => pictureOf(parties, result))),
    ...described,
  };
}

async function pictureOf(
  { classifier, viewer }: AttackParties,
  { image, original, attacked, viewed, drawn, mapCosine }: AttackResult,
): Promise<AttackedPicture> {
  const says = bothTop5(classifier, attacked.logits);
  const viewerSays = viewer && bothTop5(viewer, viewed);
  const column = async (
    kind: 'original' | 'attacked',
    shown: RgbImage,
  ): Promise<AttackedPicture['clean']> => ({
    picture: await encodePng(shown),
    drawn: await encodePng(drawn[kind].image),
    top5: says[kind].map(bar),
    viewerTop5: viewerSays?.[kind].map(bar),
  });
  return {
    name: path.parse(image).name.replaceAll('-', ' '),
    mapCosine: mapCosine.mean,
    clean: await column('original', original),
    attacked: await column('attacked', attacked.image),
  };
}

const bar = ({ label, probability }: Prediction): AttackedPicture['clean']['top5'][number] => ({
  label: shortLabel(label),
  probability,
});
