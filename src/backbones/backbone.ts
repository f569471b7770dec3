/** What every image classifier offers, whatever its family. */
import { InputError } from '../errors.js';
import type { Tensor } from '../graph/index.js';
import type { Parameters } from '../nn/index.js';
import type { SessionOptions } from '../runtime/session.js';

/** How photographs become inputs. */
export interface Preprocessing {
  /** Side of the square input in pixels. */
  readonly size: number;
  /** Share of the photograph's short side that the centre crop keeps. */
  readonly crop: number;
  readonly filter: 'bilinear' | 'bicubic';
  /**
   * `box`, the default: the crop is resampled in one step, its edges may lie between pixels. `torchvision`:
   * the short side is resized to ⌊size / crop⌋ pixels, then the middle `size` pixels are cut out.
   */
  readonly geometry?: 'box' | 'torchvision' | undefined;
  /** Per channel, for values in [0, 1]: (x - mean) / std. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** A layer whose map can be inverted: [channels, height, width] at the input size. */
export interface LayerInfo {
  readonly name: string;
  readonly shape: readonly [number, number, number];
}

/** A traced classifier: the map of every layer [N, C, H, W] by name, and the logits [N, classes]. */
export interface TracedBackbone {
  readonly taps: ReadonlyMap<string, Tensor>;
  readonly logits: Tensor;
}

/**
 * A head that averages the last map over positions and multiplies: logits = W · mean + b, or with `norm`
 * W · layerNorm(mean) + b.
 */
export interface Classifier {
  readonly layer: string;
  /** Keys of the normalisation's scale and shift [C]. */
  readonly norm?: { readonly weight: string; readonly bias: string; readonly epsilon: number };
  /** Keys of W [rows, C] and b [rows]. */
  readonly weight: string;
  readonly bias: string;
  /** Row of the first class; rows before it are not among the logits. */
  readonly firstRow: number;
}

/** A layer normalisation over channels: (x - mean) / √(variance + epsilon) · weight + bias. */
export interface ChannelNorm {
  /** [channels] */
  readonly weight: Float32Array;
  /** [channels] */
  readonly bias: Float32Array;
  readonly epsilon: number;
}

/** The values of a `Classifier`: W [classes, channels] row-major and b [classes]. */
export interface ClassWeights {
  readonly layer: string;
  readonly channels: number;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  /** Between the average and W; undefined: the average is multiplied itself. */
  readonly norm: ChannelNorm | undefined;
}

/** One family of architectures, as pure functions of parameters and tensors. */
export interface BackboneFamily {
  /** From normalised images [N, 3, size, size]. */
  readonly trace: (p: Parameters, images: Tensor) => TracedBackbone;
  /**
   * The layer that is pooled, and the way from there to the classes; undefined where the classes are not
   * read from an average of a map.
   */
  readonly classifier: Classifier | undefined;
}

export interface OpenOptions extends SessionOptions {
  /** The layer whose map is returned; default: the backbone's own. */
  readonly layer?: string | undefined;
  /** Images of one run. Default 1. */
  readonly batch?: number | undefined;
  /**
   * Height and width of images in [-1, 1] that the graph itself resizes and normalises. Without it a
   * run takes images that are normalised already, as `preprocessPhotograph` makes them.
   */
  readonly imageSize?: readonly [number, number] | undefined;
}

/** A compiled backbone. */
export interface BackboneSession {
  /** The layer of the map, with its shape. */
  readonly layer: LayerInfo;
  /** images [batch, 3, height, width] to map [batch, C, H, W] and logits [batch, classes]. */
  run(images: Float32Array): Promise<{ map: Float32Array; logits: Float32Array }>;
  /** Frees native memory. */
  dispose(): Promise<void>;
}

/** An image classifier: shipped, known by its timm name, or a user's own .onnx file. */
export interface Backbone {
  /** Name in the registry, perhaps with `@SIZE`, or the path of the .onnx file. */
  readonly id: string;
  readonly title: string;
  readonly preprocessing: Preprocessing;
  /** From the first layer to the last. */
  readonly layers: readonly LayerInfo[];
  readonly defaultLayer: string;
  /** One name for each class, in the order of the logits. */
  readonly labels: readonly string[];
  /** Files that hold its weights and, of a user's own, say how it is fed. */
  readonly files: readonly string[];
  /** Why its graph cannot be part of another one, as a sentence; undefined where it can. */
  readonly untraceable?: string | undefined;
  open(options?: OpenOptions): Promise<BackboneSession>;
}

/** A backbone whose graph can be part of another graph: differentiable, and compiled together with it. */
export interface TraceableBackbone extends Backbone {
  /** From normalised images [N, 3, size, size]. */
  trace(images: Tensor): TracedBackbone;
  /** From images [N, 3, height, width] in [-1, 1]: resized bilinearly and normalised in the graph. */
  traceImages(images: Tensor): TracedBackbone;
  /**
   * Logits [N, classes] of a map [N, C, H, W] of one layer: the rest of the network. Throws InputError
   * for a map of another shape, and for a layer that others bypass.
   */
  logitsFrom(layer: string, map: Tensor): Tensor;
  /**
   * What the last layer's average is multiplied with. Throws InputError where the classes are read from
   * something else.
   */
  classWeights(): ClassWeights;
}

/** The backbone as a traceable one. Throws InputError that says why it is none. */
export function requireTraceable(backbone: Backbone): TraceableBackbone {
  if (isTraceable(backbone)) return backbone;
  throw new InputError(backbone.untraceable ?? `${backbone.id} cannot be differentiated`);
}

export function isTraceable(backbone: Backbone): backbone is TraceableBackbone {
  return 'trace' in backbone;
}
