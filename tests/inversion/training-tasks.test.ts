import { describe, expect, it } from 'vitest';

import { InputError } from '../../src/errors.js';
import { parseTrainingConfig } from '../../src/inversion/training-tasks.js';

const config = {
  type: 'autoencoder',
  data: { photographs: 'train', heldOut: 'held-out' },
  model: { latentChannels: 4, channels: [8, 8], layersPerLevel: [1, 1], groups: 4, patchSize: 4 },
  loss: { l1: 1, l2: 0, gradient: 0, kl: 1e-6 },
  trainer: { steps: 4, batchSize: 2, learningRate: 0.001 },
};

describe('a training configuration', () => {
  it('is split into the task’s part and the trainer’s, with defaults', async () => {
    const parsed = await parseTrainingConfig(config, 'train.json');
    expect(parsed.type).toBe('autoencoder');
    expect(parsed.task).toMatchObject({ type: 'autoencoder', data: { validationCrops: 64 } });
    expect(parsed.task).not.toHaveProperty('trainer');
    expect(parsed.trainer).toMatchObject({ steps: 4, accumulation: 1 });
  });

  it.each<[unknown, string]>([
    [
      { ...config, type: 'autoencodr' },
      '"type" must be one of autoencoder, decoder, denoiser, inverter, got "autoencodr"; did you mean autoencoder?',
    ],
    [{}, '"type" is missing: it must be a text in quotes'],
    [[], 'the content must be an object in braces, got []'],
    [{ ...config, trainer: undefined }, '"trainer" is missing: it must be an object in braces'],
    [{ ...config, imagesize: 64 }, '"imagesize" is not a field, did you mean "imageSize"?'],
    [
      { ...config, trainer: { ...config.trainer, learningrate: 1 } },
      '"trainer.learningrate" is not a field, did you mean "trainer.learningRate"?',
    ],
    [
      { ...config, model: { ...config.model, channels: [8, 'x'] } },
      '"model.channels[1]" must be a number, got "x"',
    ],
  ])('is refused with a sentence: %j', async (value, sentence) => {
    await expect(parseTrainingConfig(value, 'train.json')).rejects.toThrow(
      new InputError(`train.json: ${sentence}`),
    );
  });
});
