// Where in the files a value of a service stands, for messages about things only the engine knows (a missing image).
// By reading the text again: the model has no places, and a value that was made by interpolation has none either.
import { readFile } from 'node:fs/promises';
import type { SourceRange } from '../base/diagnostic.ts';
import type { Project } from '../compose/model/project.ts';

/** A place and its line. */
export interface Located {
  readonly range: SourceRange;
  readonly sourceLine: string;
}

/** The first place below the service's key where the value is written; undefined when it is nowhere. */
export async function locateValue(project: Project, service: string, value: string): Promise<Located | undefined> {
  for (const file of project.compose_files) {
    if (file === '-') continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = findValue(text.split('\n'), service, value);
    if (found === undefined) continue;
    const { line, column, text: sourceLine } = found;
    return { range: { file, line, column, length: value.length }, sourceLine };
  }
  return undefined;
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

function findValue(lines: readonly string[], service: string, value: string): Place | undefined {
  for (const [start, line] of lines.entries()) {
    if (!isKey(line, service)) continue;
    for (let at = start; at < lines.length; at += 1) {
      const text = lines[at] ?? '';
      if (at > start && text.trim() !== '' && indent(text) <= indent(line)) break;
      const column = text.indexOf(value);
      if (column >= 0 && !text.trimStart().startsWith('#')) return { line: at + 1, column: column + 1, text };
    }
  }
  return undefined;
}

const isKey = (line: string, name: string): boolean => {
  const key = line.trimStart();
  return [name, `"${name}"`, `'${name}'`].some((spelled) => key.startsWith(`${spelled}:`));
};

const indent = (line: string): number => line.length - line.trimStart().length;
