/** What can be fetched by a name of its own. */
import { timmCatalogue } from '../backbones/timm-catalogue.js';

export type ModelKind = 'backbones' | 'bases' | 'inverters' | 'inception';

export type ModelSource =
  | { readonly type: 'hugging-face'; readonly repository: string; readonly file?: string }
  | { readonly type: 'figshare'; readonly article: number }
  | { readonly type: 'url'; readonly url: string; readonly bytes: number; readonly sha256: string };

export interface CatalogueEntry {
  readonly name: string;
  readonly kind: ModelKind;
  readonly description: string;
  /** Undefined where only the source tells. */
  readonly licence: string | undefined;
  /** Address of conditions on what it may be used for, which whoever fetches it agrees to. */
  readonly terms?: string;
  /** About how much is fetched. */
  readonly bytes: number | undefined;
  readonly source: ModelSource;
}

const OPEN_RAIL = {
  licence: 'CreativeML OpenRAIL-M',
  terms: 'https://huggingface.co/spaces/CompVis/stable-diffusion-license',
};

/** UNet, autoencoder and text encoder of Stable Diffusion v1 in float32. */
const STABLE_DIFFUSION_BYTES = 4 * (859_520_964 + 83_653_863 + 123_060_480);

const others: readonly CatalogueEntry[] = [
  {
    name: 'minisd',
    kind: 'bases',
    description: 'Stable Diffusion v1 fine-tuned at 256×256, in diffusers’ layout: FeatInv’s base',
    ...OPEN_RAIL,
    bytes: STABLE_DIFFUSION_BYTES,
    source: { type: 'hugging-face', repository: 'lambdalabs/miniSD-diffusers' },
  },
  {
    name: 'minisd-ldm',
    kind: 'bases',
    description: 'the same as one LDM checkpoint',
    ...OPEN_RAIL,
    bytes: STABLE_DIFFUSION_BYTES,
    source: { type: 'hugging-face', repository: 'justinpinkney/miniSD', file: 'miniSD.ckpt' },
  },
  {
    name: 'sd-v1-5',
    kind: 'bases',
    description: 'Stable Diffusion v1.5, 512×512',
    ...OPEN_RAIL,
    bytes: STABLE_DIFFUSION_BYTES,
    source: { type: 'hugging-face', repository: 'stable-diffusion-v1-5/stable-diffusion-v1-5' },
  },
  {
    name: 'featinv-convnext',
    kind: 'inverters',
    description: 'the ControlNet of FeatInv’s authors for ConvNeXt-B, in LDM layout',
    licence: undefined,
    bytes: undefined,
    source: { type: 'figshare', article: 30801191 },
  },
  {
    name: 'inception',
    kind: 'inception',
    description: 'InceptionV3 as the FID is defined with, of pytorch-fid',
    licence: 'Apache-2.0',
    bytes: 95_628_359,
    source: {
      type: 'url',
      url: 'https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth',
      bytes: 95_628_359,
      sha256: '6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2',
    },
  },
];

/** By name: base models, inverters and Inception first, then timm's classifiers in alphabetical order. */
export const pullCatalogue: ReadonlyMap<string, CatalogueEntry> = new Map(
  [
    ...others,
    ...[...timmCatalogue.values()].map(
      ({ name, architecture, licence, repository }): CatalogueEntry => ({
        name,
        kind: 'backbones',
        description: architecture.title,
        licence,
        bytes: 4 * architecture.parameters,
        source: { type: 'hugging-face', repository },
      }),
    ),
  ].map((entry) => [entry.name, entry]),
);
