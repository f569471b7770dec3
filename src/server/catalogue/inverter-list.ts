/** The inverters that the studio offers, with what requests and their keys need to know of them. */
import { resolve } from 'node:path';
import { listBackbones, listTimmBackbones } from '../../backbones/index.js';
import { openBaseModel } from '../../diffusion/base-model.js';
import { findInverter, listInverters } from '../../inversion/inverter-catalogue.js';
import { readInverterConfig, type InverterConfig } from '../../inversion/inverter-config.js';
import type { InverterInfo } from '../api.js';

export interface OfferedInverter {
  readonly info: InverterInfo;
  readonly directory: string;
  /** sha256 of its weights and of its base's: what a result depends on. */
  readonly weights: readonly string[];
}

/** The shipped inverters; `model`, a name or a folder, comes first where it is given. */
export async function offeredInverters(model?: string): Promise<OfferedInverter[]> {
  const titles = await backboneTitles();
  const offered = new Map<string, OfferedInverter>();
  for (const reference of [...(model === undefined ? [] : [model]), ...(await listInverters())]) {
    const directory = resolve(await findInverter(reference));
    const config = await readInverterConfig(directory);
    // A folder of the user's may have the name of a shipped one: the first one keeps it.
    if (offered.has(config.name)) continue;
    offered.set(config.name, {
      info: await inverterInfo(directory, config, titles),
      directory,
      weights: [config.controlNet.sha256, config.base.sha256],
    });
  }
  return [...offered.values()];
}

async function inverterInfo(
  directory: string,
  config: InverterConfig,
  titles: ReadonlyMap<string, string>,
): Promise<InverterInfo> {
  const { name, description, backbone, layer, mapShape, pooled, sampling, training } = config;
  const { path, averaged, imageSize } = config.base;
  const base = await openBaseModel(resolve(directory, path), { averaged, imageSize });
  return {
    ...{ name, description, backbone, layer, mapShape, pooled, sampling },
    backboneTitle: titles.get(backbone) ?? backbone,
    imageSize: base.config.imageSize,
    measured: measuredIn(training),
  };
}

async function backboneTitles(): Promise<Map<string, string>> {
  const shipped = await listBackbones();
  return new Map([
    ...listTimmBackbones().map(
      ({ backbone }) => [backbone.name, backbone.architecture.title] as const,
    ),
    ...shipped.map(({ id, title }) => [id, title] as const),
  ]);
}

/** `training` is a free record: the metrics are taken where all four are numbers. */
function measuredIn(training: InverterConfig['training']): InverterInfo['measured'] {
  const metrics = training['metrics'];
  if (typeof metrics !== 'object' || metrics === null) return null;
  const { cosine, floor, ceiling, gapClosed } = metrics as Record<string, unknown>;
  const values = [cosine, floor, ceiling, gapClosed];
  if (!values.every((value) => typeof value === 'number')) return null;
  const [a, b, c, d] = values as [number, number, number, number];
  return { cosine: a, floor: b, ceiling: c, gapClosed: d };
}
