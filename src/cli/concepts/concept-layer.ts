import { loadBackbone, type Backbone } from '../../backbones/index.js';
import { loadInverter } from '../../inversion/inverter.js';

export interface ConceptLayer {
  readonly backbone: Backbone;
  /** What `loadBackbone` finds it by. */
  readonly reference: string;
  readonly layer: string;
  /** Side of the squares that the classifier is shown, in pixels. */
  readonly imageSize: number;
}

/**
 * Whose maps concepts are found in. What is not given comes from the inverter, so that its pictures can be
 * steered by the concepts; a classifier that it does not read has its own last layer and picture size.
 */
export async function conceptLayer(
  given: {
    readonly backbone?: string | undefined;
    readonly layer?: string | undefined;
    readonly size?: number | undefined;
  },
  inverterName: string | undefined,
): Promise<ConceptLayer> {
  const inverter = await loadInverter(inverterName);
  const { config, imageSize } = inverter;
  await inverter.dispose();
  const { size } = given;
  const backbone =
    given.backbone === undefined ? inverter.backbone : await loadBackbone(given.backbone);
  const reference = given.backbone ?? config.backbone;
  if (backbone.id === config.backbone) {
    return {
      backbone,
      reference,
      layer: given.layer ?? config.layer,
      imageSize: size ?? imageSize,
    };
  }
  const { defaultLayer, preprocessing } = backbone;
  return {
    backbone,
    reference,
    layer: given.layer ?? defaultLayer,
    imageSize: size ?? (inverterName === undefined ? preprocessing.size : imageSize),
  };
}
