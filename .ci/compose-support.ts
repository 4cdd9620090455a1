// Makes compose-spec/SUPPORT.md of the attribute table, of what is known not to be applied, and of the cases.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FILE } from '../src/compose/attributes/file.ts';
import type { Shape } from '../src/compose/attributes/shape.ts';
import { limitOf, NOTES } from '../src/compose/attributes/support.ts';
import { createProblems } from '../src/compose/problems.ts';
import type { Tree } from '../src/compose/tree.ts';
import { parseYaml } from '../src/compose/yaml/parse.ts';

const CASES = new URL('../compose-spec/cases/', import.meta.url).pathname;

const HEAD = `# What is parsed and what is applied

Generated from the attribute table by .ci/gen-compose-spec.ts; do not edit. \`*\` is any name, or any item of a list.

*parsed*: read, checked, merged and printed as a case in cases/ expects. *recorded*: at least one such case was recorded
from docker compose; *ours*: only cases of no peer use it. *applied*: what comes of it when containers, networks, volumes
and images are made by gantry's own engine. What is **ignored** is said once when \`up\`, \`create\`, \`run\` or
\`config\` meet it, with its place; what is **refused** stops them. \`x-\` attributes may stand anywhere and mean nothing.
`;

/** The text of compose-spec/SUPPORT.md. */
export function supportText(): string {
  const [recorded, ours] = [attributesUsed('expected.yaml'), attributesUsed('ours.yaml')];
  const parsed = (path: string): string => (recorded.has(path) ? 'recorded' : ours.has(path) ? 'ours' : '**no case**');
  const rows = attributePaths().map((path) => `| \`${path}\` | ${parsed(path)} | ${applied(path)} |`);
  return `${HEAD}\n| attribute | parsed | applied |\n|---|---|---|\n${rows.join('\n')}\n`;
}

/** Attributes that no case of compose-spec/cases that is to be accepted uses. */
export function attributesWithoutCase(): readonly string[] {
  const used = new Set([...attributesUsed('expected.yaml'), ...attributesUsed('ours.yaml')]);
  return attributePaths().filter((path) => !used.has(path));
}

/** Attributes in the files of cases that have an expectation of this kind. */
function attributesUsed(expectation: string): Set<string> {
  const used = new Set<string>();
  for (const dir of globSync(`*/*/${expectation}`, { cwd: CASES }).map(dirname))
    for (const file of globSync(`${dir}/**/*.y{a,}ml`, { cwd: CASES })) {
      if (file === join(dir, expectation)) continue;
      const text = readFileSync(join(CASES, file), 'utf8');
      for (const tree of parseYaml({ path: file, text }, createProblems())) collect(tree, FILE, '', used);
    }
  return used;
}

function applied(path: string): string {
  const limit = limitOf(path);
  if (!limit) return path in NOTES ? `yes: ${NOTES[path]}` : 'yes';
  return `**${limit.as}**: ${limit.why}`;
}

/** Every attribute of the table, in its order. */
export function attributePaths(): readonly string[] {
  return [...new Set(pathsBelow(FILE, ''))];
}

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function pathsBelow(shape: Shape, path: string): string[] {
  switch (shape.kind) {
    case 'union':
      return shape.options.flatMap((option) => pathsBelow(option, path));
    case 'list':
      return pathsBelow(shape.item, below(path, '*'));
    case 'dict':
      return pathsBelow(shape.value, below(path, '*'));
    case 'object':
      return Object.entries(shape.fields).flatMap(([key, field]) => [
        below(path, key),
        ...pathsBelow(field, below(path, key)),
      ]);
    default:
      return [];
  }
}

/** Notes the attributes that a tree uses. */
function collect(tree: Tree, shape: Shape, path: string, used: Set<string>): void {
  if (shape.kind === 'union') for (const option of shape.options) collect(tree, option, path, used);
  if (shape.kind === 'list' && tree.kind === 'list')
    for (const item of tree.items) collect(item, shape.item, below(path, '*'), used);
  if (tree.kind !== 'map') return;
  for (const [key, { value }] of tree.entries) {
    const field = shape.kind === 'object' && Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (field) used.add(below(path, key));
    if (field) collect(value, field, below(path, key), used);
    if (shape.kind === 'dict') collect(value, shape.value, below(path, '*'), used);
  }
}
