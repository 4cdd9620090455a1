// Reads the files of one project directory into one merged, checked tree: documents in order, each with its
// includes, reset tags and extends, laid over what came before.
import { FILE } from '../attributes/file.ts';
import { applyMarks } from '../merge/marks.ts';
import { mergeTrees } from '../merge/merge.ts';
import { enforceUnique } from '../merge/unique.ts';
import { mapOf, withKey, type MapTree, type Tree } from '../tree.ts';
import { validateTree } from '../validate.ts';
import type { AssembleContext } from './context.ts';
import { readDocuments, STDIN_NAME } from './document.ts';
import { applyExtends } from './extends.ts';
import { applyIncludes, type LoadIncluded } from './include.ts';

/** The merged tree of files. Problems are collected; an unreadable file throws. */
export async function assemble(files: readonly string[], context: AssembleContext): Promise<MapTree> {
  let model: Tree | undefined;
  for (const file of files) {
    for (const document of await readDocuments(file, context)) {
      const complete = await completeDocument(document, file, context);
      model = addDocument(model, complete, context);
    }
  }
  const path = files[0] === '-' ? STDIN_NAME : (files[0] ?? context.dir);
  return model?.kind === 'map' ? model : mapOf([], { source: { path, text: '' }, start: 0, end: 1 });
}

const loadIncluded: LoadIncluded = (files, context) => assemble(files, context);

async function completeDocument(document: MapTree, file: string, context: AssembleContext): Promise<MapTree> {
  const included = await applyIncludes(document, context, loadIncluded);
  return await applyExtends(included, file, context);
}

function addDocument(model: Tree | undefined, document: MapTree, { problems, interpolate }: AssembleContext): Tree {
  const { base, over } = applyMarks(model ?? mapOf([], document.origin), document);
  const merged = enforceUnique(model ? mergeTrees(base, over, [], problems) : over);
  validateTree(merged, FILE, '', { problems, uninterpolated: !interpolate });
  return merged.kind === 'map' ? withKey(merged, 'version', undefined) : merged;
}
