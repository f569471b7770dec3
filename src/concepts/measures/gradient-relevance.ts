/** Relevance at layers behind which the classifier is not linear: to first order. */
import { requireTraceable, type Backbone } from '../../backbones/index.js';
import { InputError } from '../../errors.js';
import { gradients, input, mul, sum } from '../../graph/index.js';
import type { FeatureMap } from '../../inversion/inverter.js';
import { Session, type SessionOptions } from '../../runtime/session.js';
import type { ConceptModel } from '../concept-model.js';
import { rowOf, vectorsOfMap } from '../vectors.js';
import { relevanceAlong, type Relevance } from './relevance.js';

/** Logits of a layer's maps and their gradients with respect to the map. */
export class LogitGradient {
  private constructor(
    private readonly session: Session<'logits' | 'gradient'>,
    private readonly classes: number,
    private readonly mapShape: FeatureMap['shape'],
  ) {}

  /** Throws InputError for an .onnx classifier that cannot be traced, and for a layer that others bypass. */
  static async open(
    backbone: Backbone,
    layer: string,
    mapShape: FeatureMap['shape'],
    options: SessionOptions = {},
  ): Promise<LogitGradient> {
    const map = input('map', [1, ...mapShape]);
    const logits = requireTraceable(backbone).logitsFrom(layer, map);
    const classes = backbone.labels.length;
    const [gradient] = gradients(sum(mul(logits, input('class', [1, classes]))), [map]);
    const session = await Session.compile({ logits, gradient: gradient! }, options);
    return new LogitGradient(session, classes, mapShape);
  }

  /** Logits [classes] of a map, and ∂ logit / ∂ map of one class: by default the first. */
  async at(
    map: FeatureMap,
    classIndex?: number,
  ): Promise<{ logits: Float32Array; classIndex: number; gradient: FeatureMap }> {
    const wanted = classIndex ?? firstClass((await this.run(map, 0)).logits);
    const { logits, gradient } = await this.run(map, wanted);
    return { logits, classIndex: wanted, gradient: { shape: this.mapShape, data: gradient } };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private run(
    map: FeatureMap,
    classIndex: number,
  ): Promise<{ logits: Float32Array; gradient: Float32Array }> {
    if (!(classIndex >= 0 && classIndex < this.classes)) {
      throw new InputError(
        `there is no class ${classIndex}: the classifier has ${this.classes}, numbered from 0`,
      );
    }
    const oneHot = new Float32Array(this.classes);
    oneHot[classIndex] = 1;
    return this.session.run({ map: map.data, class: oneHot });
  }
}

/**
 * Gradient × part: what the logit would lose, to first order, if a little of each part of the map were
 * taken away, as a rate per whole part. First order only: it does not sum to the logit, and a part that is
 * taken away whole may change the logit by much more or less.
 */
export function gradientRelevance(
  model: ConceptModel,
  map: FeatureMap,
  gradient: FeatureMap,
): Relevance {
  const directions = vectorsOfMap(gradient);
  const rows = Array.from({ length: directions.count }, (_, i) => rowOf(directions, i));
  return relevanceAlong(model, vectorsOfMap(map), rows);
}

function firstClass(logits: Float32Array): number {
  return logits.reduce((best, value, i) => (value > logits[best]! ? i : best), 0);
}
