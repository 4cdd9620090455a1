// Splits a line into words as mattn/go-shellwords does, which docker compose uses: quotes and backslashes, no shell.
// Its habits are kept: an operator outside quotes (; & | < >) ends the line, `$(…)` and `…` in backticks stay whole.

interface State {
  readonly words: string[];
  word: string;
  /** The word has begun, even if it is still empty. */
  got: boolean;
  escaped: boolean;
  double: boolean;
  single: boolean;
  back: boolean;
  dollar: boolean;
}

type Step = 'next' | 'end' | 'bad';

/** The words of a line; undefined when a quote, an escape or a parenthesis is left open. */
export function splitWords(line: string): string[] | undefined {
  const state: State = {
    words: [],
    word: '',
    got: false,
    escaped: false,
    double: false,
    single: false,
    back: false,
    dollar: false,
  };
  for (const char of line) {
    const result = step(state, char);
    if (result === 'bad') return undefined;
    if (result === 'end') break;
  }
  if (state.got) state.words.push(state.word);
  return state.escaped || isQuoted(state) ? undefined : state.words;
}

const isQuoted = (state: State): boolean => state.single || state.double || state.back || state.dollar;

function step(state: State, char: string): Step {
  if (state.escaped) {
    state.escaped = false;
    return take(state, char);
  }
  if (char === '\\') {
    if (!state.single) state.escaped = true;
    else state.word += char;
    return 'next';
  }
  if (/[ \t\r\n]/.test(char)) return space(state, char);
  return (STEPS[char] ?? take)(state, char);
}

const STEPS: Readonly<Record<string, (state: State, char: string) => Step>> = {
  '`': (state, char) => {
    if (!state.single && !state.double && !state.dollar) state.back = !state.back;
    return take(state, char);
  },
  ')': (state, char) => {
    if (!state.single && !state.double && !state.back) state.dollar = !state.dollar;
    return take(state, char);
  },
  '(': openParenthesis,
  '"': (state, char) => {
    if (state.single || state.dollar) return take(state, char);
    state.got ||= state.double;
    state.double = !state.double;
    return 'next';
  },
  "'": (state, char) => {
    if (state.double || state.dollar) return take(state, char);
    state.got ||= state.single;
    state.single = !state.single;
    return 'next';
  },
  ...Object.fromEntries(Array.from(';&|<>', (char) => [char, operator])),
};

function take(state: State, char: string): Step {
  state.word += char;
  state.got = true;
  return 'next';
}

function space(state: State, char: string): Step {
  if (isQuoted(state)) state.word += char;
  else if (state.got) {
    state.words.push(state.word);
    state.word = '';
    state.got = false;
  }
  return 'next';
}

function openParenthesis(state: State, char: string): Step {
  if (state.single || state.double || state.back) return take(state, char);
  if (state.dollar || !state.word.endsWith('$')) return 'bad';
  state.dollar = true;
  state.word += char;
  return 'next';
}

/** The number of a redirection (`2>`) goes with it. */
function operator(state: State, char: string): Step {
  if (isQuoted(state)) return take(state, char);
  if (char === '>' && /^[0-9]/.test(state.word)) state.got = false;
  return 'end';
}
