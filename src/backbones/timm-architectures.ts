/** The networks behind the timm names: what their sizes are. */
import type { BackboneFamily } from './backbone.js';
import { convNext } from './convnext.js';
import { resNet, type ResNetConfig } from './resnet.js';
import { swinV2, type SwinV2Config } from './swin-v2.js';
import { visionTransformer } from './vision-transformer.js';

export interface TimmArchitecture {
  readonly title: string;
  readonly family: BackboneFamily;
  /** Trained numbers, head included; statistics of batch normalisation are not counted. */
  readonly parameters: number;
  /** The only input size; undefined: any multiple of 32. */
  readonly fixedSize: number | undefined;
  readonly paper: string;
}

/** ImageNet-1k. */
const CLASSES = 1000;

type Four = readonly [number, number, number, number];

function residual(
  title: string,
  block: ResNetConfig['block'],
  depths: Four,
  parameters: number,
): TimmArchitecture {
  const family = resNet({ block, depths, classes: CLASSES });
  const paper = 'https://arxiv.org/abs/1512.03385';
  return { title, family, parameters, fixedSize: undefined, paper };
}

function modernised(
  title: string,
  depths: Four,
  width: number,
  parameters: number,
): TimmArchitecture {
  const channels: Four = [width, 2 * width, 4 * width, 8 * width];
  const family = convNext({ depths, channels, classes: CLASSES });
  const paper = 'https://arxiv.org/abs/2201.03545';
  return { title, family, parameters, fixedSize: undefined, paper };
}

type SwinSize = Pick<SwinV2Config, 'channels' | 'depths' | 'heads'>;

const SWIN_TINY: SwinSize = { channels: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24] };
const SWIN_SMALL: SwinSize = { ...SWIN_TINY, depths: [2, 2, 18, 2] };
const SWIN_BASE: SwinSize = { channels: 128, depths: [2, 2, 18, 2], heads: [4, 8, 16, 32] };
const SWIN_LARGE: SwinSize = { channels: 192, depths: [2, 2, 18, 2], heads: [6, 12, 24, 48] };

/** Trained with the windows that it has, or (`enlarged`) with windows of 12 at 192 pixels. */
function windowed(
  title: string,
  size: SwinSize,
  window: number,
  pixels: number,
  parameters: number,
  enlarged = false,
): TimmArchitecture {
  const pretrainedWindows = enlarged ? [12, 12, 12, 6] : [0, 0, 0, 0];
  const family = swinV2({ ...size, window, pretrainedWindows, classes: CLASSES });
  const paper = 'https://arxiv.org/abs/2111.09883';
  return { title, family, parameters, fixedSize: pixels, paper };
}

function patched(
  title: string,
  width: number,
  depth: number,
  heads: number,
  pixels: number,
  parameters: number,
): TimmArchitecture {
  const family = visionTransformer({ patch: 16, width, depth, heads, classes: CLASSES });
  const paper = 'https://arxiv.org/abs/2106.10270';
  return { title, family, parameters, fixedSize: pixels, paper };
}

/** By the part of the timm name before the dot. */
export const timmArchitectures = {
  resnet18: residual('ResNet-18', 'basic', [2, 2, 2, 2], 11_689_512),
  resnet26: residual('ResNet-26', 'bottleneck', [2, 2, 2, 2], 15_995_176),
  resnet34: residual('ResNet-34', 'basic', [3, 4, 6, 3], 21_797_672),
  resnet50: residual('ResNet-50', 'bottleneck', [3, 4, 6, 3], 25_557_032),
  resnet101: residual('ResNet-101', 'bottleneck', [3, 4, 23, 3], 44_549_160),
  resnet152: residual('ResNet-152', 'bottleneck', [3, 8, 36, 3], 60_192_808),
  convnext_tiny: modernised('ConvNeXt-T', [3, 3, 9, 3], 96, 28_589_128),
  convnext_small: modernised('ConvNeXt-S', [3, 3, 27, 3], 96, 50_223_688),
  convnext_base: modernised('ConvNeXt-B', [3, 3, 27, 3], 128, 88_591_464),
  convnext_large: modernised('ConvNeXt-L', [3, 3, 27, 3], 192, 197_767_336),
  swinv2_tiny_window8_256: windowed('SwinV2-T', SWIN_TINY, 8, 256, 28_347_154),
  swinv2_small_window8_256: windowed('SwinV2-S', SWIN_SMALL, 8, 256, 49_728_418),
  swinv2_base_window8_256: windowed('SwinV2-B', SWIN_BASE, 8, 256, 87_918_816),
  swinv2_tiny_window16_256: windowed('SwinV2-T', SWIN_TINY, 16, 256, 28_347_154),
  swinv2_small_window16_256: windowed('SwinV2-S', SWIN_SMALL, 16, 256, 49_728_418),
  swinv2_base_window16_256: windowed('SwinV2-B', SWIN_BASE, 16, 256, 87_918_816),
  swinv2_base_window12to16_192to256: windowed('SwinV2-B', SWIN_BASE, 16, 256, 87_918_816, true),
  swinv2_base_window12to24_192to384: windowed('SwinV2-B', SWIN_BASE, 24, 384, 87_918_816, true),
  swinv2_large_window12to16_192to256: windowed('SwinV2-L', SWIN_LARGE, 16, 256, 196_739_932, true),
  swinv2_large_window12to24_192to384: windowed('SwinV2-L', SWIN_LARGE, 24, 384, 196_739_932, true),
  vit_tiny_patch16_224: patched('ViT-Ti/16', 192, 12, 3, 224, 5_717_416),
  vit_small_patch16_224: patched('ViT-S/16', 384, 12, 6, 224, 22_050_664),
  vit_base_patch16_224: patched('ViT-B/16', 768, 12, 12, 224, 86_567_656),
  vit_large_patch16_224: patched('ViT-L/16', 1024, 24, 16, 224, 304_326_632),
  vit_base_patch16_384: patched('ViT-B/16', 768, 12, 12, 384, 86_859_496),
} as const satisfies Readonly<Record<string, TimmArchitecture>>;

export type TimmArchitectureName = keyof typeof timmArchitectures;
