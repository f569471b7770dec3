/** Pretrained classifiers known by their timm names, with timm's own evaluation settings. */
import type { Preprocessing } from './backbone.js';
import {
  timmArchitectures,
  type TimmArchitecture,
  type TimmArchitectureName,
} from './timm-architectures.js';

export interface TimmBackbone {
  /** As in timm: `architecture.recipe`. */
  readonly name: string;
  readonly architecture: TimmArchitecture;
  /** How timm evaluates it. */
  readonly preprocessing: Preprocessing;
  /** The size of training and the crop that goes with it, where they are not those of evaluation. */
  readonly trained: { readonly size: number; readonly crop: number } | undefined;
  /** Of the weights. */
  readonly licence: string;
  /** Where timm keeps the weights, on Hugging Face. */
  readonly repository: string;
}

interface Recipe {
  readonly tag: string;
  readonly licence: string;
  readonly filter: Preprocessing['filter'];
  /** Size and crop of evaluation, and of training where they differ. */
  readonly test: readonly [size: number, crop: number];
  readonly train?: readonly [size: number, crop: number];
  readonly of: readonly TimmArchitectureName[];
}

const RESNETS = ['resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152'] as const;
const CONVNEXTS = ['convnext_tiny', 'convnext_small', 'convnext_base', 'convnext_large'] as const;
const APACHE = { licence: 'Apache-2.0', filter: 'bicubic' } as const;
const BSD = { licence: 'BSD-3-Clause', filter: 'bilinear' } as const;
const MIT = { licence: 'MIT', filter: 'bicubic' } as const;

const recipes: readonly Recipe[] = [
  { ...APACHE, tag: 'a1_in1k', test: [288, 1], train: [224, 0.95], of: RESNETS },
  { ...APACHE, tag: 'a2_in1k', test: [288, 1], train: [224, 0.95], of: ['resnet50'] },
  { ...APACHE, tag: 'a3_in1k', test: [224, 0.95], train: [160, 0.95], of: ['resnet50'] },
  { ...APACHE, tag: 'bt_in1k', test: [288, 0.95], train: [224, 0.875], of: ['resnet26'] },
  { ...BSD, tag: 'tv_in1k', test: [224, 0.875], of: RESNETS },
  {
    ...BSD,
    tag: 'tv2_in1k',
    test: [224, 0.965],
    train: [176, 0.875],
    of: ['resnet50', 'resnet101', 'resnet152'],
  },
  { ...APACHE, tag: 'fb_in22k_ft_in1k', test: [288, 1], train: [224, 0.875], of: CONVNEXTS },
  { ...APACHE, tag: 'fb_in1k', test: [288, 1], train: [224, 0.875], of: CONVNEXTS },
  {
    ...MIT,
    tag: 'ms_in1k',
    test: [256, 0.9],
    of: [
      'swinv2_tiny_window8_256',
      'swinv2_small_window8_256',
      'swinv2_base_window8_256',
      'swinv2_tiny_window16_256',
      'swinv2_small_window16_256',
      'swinv2_base_window16_256',
    ],
  },
  {
    ...MIT,
    tag: 'ms_in22k_ft_in1k',
    test: [256, 0.9],
    of: ['swinv2_base_window12to16_192to256', 'swinv2_large_window12to16_192to256'],
  },
  {
    ...MIT,
    tag: 'ms_in22k_ft_in1k',
    test: [384, 1],
    of: ['swinv2_base_window12to24_192to384', 'swinv2_large_window12to24_192to384'],
  },
  {
    ...APACHE,
    tag: 'augreg_in21k_ft_in1k',
    test: [224, 0.9],
    of: [
      'vit_tiny_patch16_224',
      'vit_small_patch16_224',
      'vit_base_patch16_224',
      'vit_large_patch16_224',
    ],
  },
  {
    ...APACHE,
    tag: 'augreg_in21k_ft_in1k',
    test: [384, 1],
    of: ['vit_base_patch16_384'],
  },
  {
    ...APACHE,
    tag: 'augreg_in1k',
    test: [224, 0.9],
    of: ['vit_small_patch16_224', 'vit_base_patch16_224'],
  },
];

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** All of them by name, in alphabetical order. */
export const timmCatalogue: ReadonlyMap<string, TimmBackbone> = new Map(
  recipes
    .flatMap((recipe) => recipe.of.map((architecture) => entry(recipe, architecture)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((backbone) => [backbone.name, backbone]),
);

function entry(recipe: Recipe, architecture: TimmArchitectureName): TimmBackbone {
  const { tag, licence, filter, test, train } = recipe;
  const name = `${architecture}.${tag}`;
  const statistics = architecture.startsWith('vit_') ? HALF : IMAGENET;
  return {
    name,
    architecture: timmArchitectures[architecture],
    preprocessing: { size: test[0], crop: test[1], filter, ...statistics, geometry: 'torchvision' },
    trained: train && { size: train[0], crop: train[1] },
    licence,
    repository: `timm/${name}`,
  };
}
