// Which quotes go-yaml gives a string: none when it then reads back as the same string.
import { resolvePlain } from '../yaml/scalar.ts';
import { isPrintable } from './quotes.ts';

/** How a string is written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** The style of a string as a value, or as a key. */
export function scalarStyle(text: string, isKey: boolean): ScalarStyle {
  if (text.includes('\n') && !isKey) return literalAllowed(text) ? 'literal' : 'double';
  if (resolvePlain(text).type !== 'string' || OLD_BOOLEAN.test(text) || BASE_60.test(text)) return 'double';
  if (!singleAllowed(text)) return 'double';
  return plainAllowed(text) ? 'plain' : 'single';
}

const BREAK = '[\\n\\r\\u0085\\u2028\\u2029]';
const SPACE_BREAK = new RegExp(` ${BREAK}`);

function literalAllowed(text: string): boolean {
  return (
    !/[ ]$/.test(text) &&
    !SPACE_BREAK.test(text) &&
    Array.from(text).every((char) => char === '\t' || isPlainChar(char))
  );
}

/** Neither a break, nor a tab, nor anything that has to be escaped. */
function singleAllowed(text: string): boolean {
  return Array.from(text).every((char) => isPlainChar(char) && char !== '\n');
}

const isPlainChar = (char: string): boolean => isPrintable(char) && !/[\r\u0085\u2028\u2029]/.test(char);

/** No indicator that YAML would take for syntax, in a block. */
function plainAllowed(text: string): boolean {
  if (text === '' || text.startsWith(' ') || text.endsWith(' ')) return false;
  if (/^(?:---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return false;
  if (/^[?:-](?:[ ]|$)/.test(text)) return false;
  return !/:(?:[ ]|$)/.test(text) && !/ #/.test(text);
}
