/**
 * Fetches the photographs that train and evaluate the tiny models: `node scripts/photos.mjs [DIR]`.
 * Needs Debian's apt-get and dpkg-deb; nothing is installed. See docs/photographs.md.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { readQtResource } from './photos/qt-resource.mjs';
import { SOURCES } from './photos/sources.mjs';

/** Stored photographs have a short side of at most this many pixels. */
const SHORT_SIDE = 512;
/** Stored cut-outs have a long side of at most this many pixels. */
const STAMP_SIDE = 256;

const root = path.resolve(process.argv[2] ?? 'data/photos');
const cache = path.join(root, '.cache');

/** Files of a package, those inside .rcc containers included. */
function* packageFiles(name) {
  mkdirSync(cache, { recursive: true });
  const isPackage = (file) => file.startsWith(`${name}_`) && file.endsWith('.deb');
  if (!readdirSync(cache).some(isPackage)) {
    execFileSync('apt-get', ['download', name], { cwd: cache, stdio: 'inherit' });
  }
  const folder = path.join(cache, name);
  rmSync(folder, { recursive: true, force: true });
  const archive = path.join(cache, readdirSync(cache).find(isPackage));
  execFileSync('dpkg-deb', ['-x', archive, folder]);
  for (const file of readdirSync(folder, { recursive: true }).sort()) {
    const full = path.join(folder, file);
    if (file.endsWith('.rcc')) {
      for (const { path: inner, bytes } of readQtResource(readFileSync(full))) {
        yield { path: `${file}${inner}`, read: () => bytes };
      }
    } else {
      yield { path: file, read: () => readFileSync(full) };
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Decodes, caps the size and stores a picture; returns its line of the index. */
async function store(kind, name, bytes, source) {
  const stamp = kind === 'stamps';
  const side = stamp ? STAMP_SIDE : SHORT_SIDE;
  const fit = stamp ? 'inside' : 'outside';
  const resized = sharp(bytes).resize(side, side, { fit, withoutEnlargement: true });
  const encoded = stamp
    ? resized.png()
    : resized.flatten({ background: '#fff' }).toColourspace('srgb').jpeg({ quality: 95 });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  const file = `${name}.${stamp ? 'png' : 'jpg'}`;
  writeFileSync(path.join(root, kind, file), data);
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { kind, file, ...source, width: info.width, height: info.height, sha256 };
}

const index = [];
for (const kind of ['train', 'stamps', 'heldout', 'ood']) {
  rmSync(path.join(root, kind), { recursive: true, force: true });
  mkdirSync(path.join(root, kind), { recursive: true });
}
for (const { package: name, rules } of SOURCES) {
  for (const file of packageFiles(name)) {
    const rule = rules.find(({ pattern }) => pattern.test(file.path));
    if (!rule || rule.kind === 'drawn') continue;
    const bytes = file.read();
    if (bytes.length < (rule.minimumBytes ?? 0)) continue;
    const parts = file.path.split('/');
    const stem = parts.at(-1).replace(/\.[a-z]+$/, '');
    const label = /^\d+x\d+$/.test(stem) ? parts.at(-4) : `${parts.at(-2)}-${stem}`;
    const unique = `${name}-${label}`.replace(/[^\w.-]+/g, '_');
    index.push(await store(rule.kind, unique, bytes, { package: name, path: file.path }));
  }
}
index.sort((a, b) => (a.kind + a.file < b.kind + b.file ? -1 : 1));
writeFileSync(path.join(root, 'index.json'), JSON.stringify(index, null, 1) + '\n');
for (const kind of ['train', 'stamps', 'heldout', 'ood']) {
  process.stdout.write(`${kind}: ${index.filter((entry) => entry.kind === kind).length}\n`);
}
