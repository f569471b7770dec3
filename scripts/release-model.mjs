/**
 * Ships a trained inverter: `node scripts/release-model.mjs RUN [EVALUATION.json]` copies RUN/model to
 * models/inverters/NAME, points it at models/bases/tiny and records the evaluation beside the training.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [run, evaluationFile] = process.argv.slice(2);
if (run === undefined) {
  process.stderr.write('usage: node scripts/release-model.mjs RUN [EVALUATION.json]\n');
  process.exit(2);
}
const models = fileURLToPath(new URL('../models/', import.meta.url));
const source = path.join(run, 'model');
const config = JSON.parse(readFileSync(path.join(source, 'featinv.json'), 'utf8'));
const target = path.join(models, 'inverters', config.name);
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
cpSync(path.join(source, 'controlnet.safetensors'), path.join(target, 'controlnet.safetensors'));
config.base.path = '../../bases/tiny';
const weights = readFileSync(path.join(target, 'controlnet.safetensors'));
config.controlNet = { sha256: createHash('sha256').update(weights).digest('hex') };
if (evaluationFile !== undefined) {
  config.training.evaluation = JSON.parse(readFileSync(evaluationFile, 'utf8'));
}
writeFileSync(path.join(target, 'featinv.json'), JSON.stringify(config, null, 2) + '\n');
process.stdout.write(`${target}\n`);
