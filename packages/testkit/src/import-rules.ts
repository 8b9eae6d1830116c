// The directions that imports may take, and the few rules every file keeps. Pure: sources in, sentences out.
//
//   protocol   telemetry        import nothing of ours
//       ▲  ▲      ▲  ▲
//   program   loadtest          import those two
//       ▲         ▲
//   server-node worker-node api-service dashboard       import packages, never each other
//       ▲
//      cli                      imports packages and apps
//
// A workspace's page lies in web/: it takes types from its src, which never imports it. testkit and bench are for tests and measurements: nobody's src imports them.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { importsOf, packageOf, type SourceFile, type Workspace } from './source-tree.ts';

const scope = '@jobstorm/';
const libraries = ['protocol', 'telemetry', 'program', 'loadtest'];
const apps = ['server-node', 'worker-node', 'api-service', 'dashboard'];
const mayImport: Record<string, readonly string[]> = {
  protocol: [],
  telemetry: [],
  program: ['protocol', 'telemetry'],
  loadtest: ['protocol', 'telemetry'],
  testkit: ['protocol'],
  ...Object.fromEntries(apps.map((app) => [app, libraries])),
  cli: [...libraries, ...apps],
};

/** Names that say nothing about what is inside, so that anything ends up there. */
const emptyNames = /^(?:utils?|helpers?|common|types?|misc|shared)$/;
const maxLines = 400;

const isSource = ({ path }: SourceFile) => path.startsWith('src/') || path.startsWith('web/');

function fileProblems(file: SourceFile): string[] {
  const problems: string[] = [];
  const name = posix.basename(file.path).replace(/(?:\.[a-z]+)?\.ts$/, '');
  if (emptyNames.test(name)) problems.push(`is named ${name}; a file is named for the one thing in it`);
  const lines = file.text.split('\n').length - 1;
  if (lines > maxLines) problems.push(`has ${lines} lines, more than ${maxLines}`);
  if (isSource(file) && !/^(?:#!.*\n)?\/[/*]/.test(file.text))
    problems.push('has no header comment that says what it owns');
  return problems;
}

/** A relative import, seen from the workspace's folder. */
function relativeProblem(file: SourceFile, specifier: string): string | null {
  const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
  const folder = target.split('/')[0]!;
  if (file.path.startsWith('src/') && folder !== 'src') return `imports ${specifier}, which leaves src`;
  if (file.path.startsWith('web/') && folder === 'test') return `imports ${specifier}, which leaves web`;
  if (['src', 'web', 'test'].includes(folder)) return null;
  return `imports ${specifier}, which leaves the workspace; another one is imported by its name`;
}

function ourProblem(workspace: Workspace, file: SourceFile, specifier: string): string | null {
  if (packageOf(specifier) !== specifier)
    return `imports ${specifier}; a workspace's only door is its index, ${packageOf(specifier)}`;
  if (!isSource(file)) return null;
  if (specifier === workspace.name) return `imports its own workspace by name`;
  const own = workspace.name.slice(scope.length);
  const wanted = specifier.slice(scope.length);
  const allowed = mayImport[own] ?? [];
  return allowed.includes(wanted)
    ? null
    : `imports ${specifier}; ${own} may import ${allowed.join(', ') || 'nothing of ours'}`;
}

function importProblem(
  workspace: Workspace,
  file: SourceFile,
  specifier: string,
  shared: readonly string[],
): string | null {
  if (isBuiltin(specifier))
    return specifier.startsWith('node:') ? null : `imports ${specifier}; write node:${specifier}`;
  if (specifier.startsWith('.')) return relativeProblem(file, specifier);
  if (specifier.startsWith('/')) return `imports ${specifier}, a path of one machine`;
  const target = packageOf(specifier);
  const ours = target.startsWith(scope) ? ourProblem(workspace, file, specifier) : null;
  if (ours) return ours;
  if (workspace.dependencies.includes(target)) return null;
  const inTest = !isSource(file);
  // npm links all workspaces and the root's development packages into one node_modules, which tests may lean on.
  if (inTest && [...workspace.devDependencies, ...shared].includes(target)) return null;
  if (inTest && target.startsWith(scope)) return null;
  return `imports ${target}, which its package.json does not list under dependencies`;
}

function workspaceProblems(workspace: Workspace, shared: readonly string[]): string[] {
  const problems: string[] = [];
  const own = workspace.name.slice(scope.length);
  if (!workspace.name.startsWith(scope) || !(own in mayImport))
    problems.push(`${workspace.dir}: ${workspace.name} has no place in the layers`);
  const imported = new Set<string>();
  for (const file of workspace.files) {
    const at = `${workspace.dir}/${file.path}`;
    for (const problem of fileProblems(file)) problems.push(`${at} ${problem}`);
    for (const specifier of importsOf(file.text)) {
      imported.add(packageOf(specifier));
      const problem = importProblem(workspace, file, specifier, shared);
      if (problem) problems.push(`${at} ${problem}`);
    }
  }
  for (const dependency of [...workspace.dependencies, ...workspace.devDependencies]) {
    if (!imported.has(dependency))
      problems.push(`${workspace.dir}/package.json lists ${dependency}, which nothing there imports`);
  }
  return problems;
}

/** Every breach, a sentence each that starts with the file's path. `shared`: packages that any test may import. */
export function importProblems(workspaces: readonly Workspace[], shared: readonly string[]): string[] {
  return workspaces.flatMap((workspace) => workspaceProblems(workspace, shared));
}
