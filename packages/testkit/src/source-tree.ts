// Reads the workspaces as text, for the test that keeps the directions of imports: which files there are, and what each imports.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** From the workspace's folder, with slashes: `src/client.ts`. */
  path: string;
  text: string;
}

export interface Workspace {
  /** From the repository's root: `packages/protocol`, `server-node`. */
  dir: string;
  /** The package's name: `@jobstorm/protocol`. */
  name: string;
  dependencies: readonly string[];
  /** What its tests need on top. */
  devDependencies: readonly string[];
  /** TypeScript under `src/`, `web/` and `test/`. */
  files: readonly SourceFile[];
}

function readFiles(root: string, under: string, found: SourceFile[] = []): SourceFile[] {
  if (!existsSync(join(root, under))) return found;
  for (const entry of readdirSync(join(root, under), { withFileTypes: true })) {
    const path = `${under}/${entry.name}`;
    if (entry.isDirectory()) readFiles(root, path, found);
    else if (entry.name.endsWith('.ts')) found.push({ path, text: readFileSync(join(root, path), 'utf8') });
  }
  return found;
}

interface PackageJson {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  workspaces?: string[];
}

function readPackage(dir: string): PackageJson {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as PackageJson;
}

/** The npm workspaces of the repository at `root`, and the packages that its root installs for everybody's tests. */
export function readWorkspaces(root: string): { workspaces: Workspace[]; shared: string[] } {
  const { workspaces: patterns = [], devDependencies = {} } = readPackage(root);
  const dirs = patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  const workspaces = dirs.map((dir): Workspace => {
    const { name, dependencies = {}, devDependencies = {} } = readPackage(join(root, dir));
    const files = ['src', 'web', 'test'].flatMap((folder) => readFiles(join(root, dir), folder));
    return { dir, name, dependencies: Object.keys(dependencies), devDependencies: Object.keys(devDependencies), files };
  });
  return { workspaces, shared: Object.keys(devDependencies) };
}

const statements = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1/gm,
  /^\s*import\s*(['"])([^'"\n]+)\1/gm,
  /\bimport\(\s*(['"])([^'"\n]+)\1/g,
  /\bimport\.meta\.resolve\(\s*(['"])([^'"\n]+)\1/g,
  /\brequire\(\s*(['"])([^'"\n]+)\1/g,
];

/** What the text imports, each once. Reads statements as Biome formats them; imports by a computed name are not seen. */
export function importsOf(text: string): string[] {
  // Comments may show code; a line that starts with one is none.
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const found = new Set<string>();
  for (const pattern of statements) for (const match of code.matchAll(pattern)) found.add(match[2]!);
  return [...found];
}

/** `@scope/name/deep` → `@scope/name`, `name/deep` → `name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
