#!/usr/bin/env node
import { existsSync } from 'node:fs';

// In a checkout the command installs and compiles what is missing or stale; the package ships dist/.
const launcher = new URL('../scripts/launcher/prepare.mjs', import.meta.url);
if (existsSync(launcher)) {
  const { prepare } = await import(launcher.href);
  prepare();
}
await import('../dist/cli/main.js');
