// Turns wanted rules into input for iptables-restore --noflush, and reads iptables-save. Pure.
import { ownChains, ruleKey, TABLES, type Chains, type Rule, type Table } from './rules.ts';

/** What is standing, as far as the engine knows. */
export type Standing = ReadonlyMap<string, Rule>;

/** Rules by key; equal ones count once. */
export function standing(rules: readonly Rule[]): Standing {
  return new Map(rules.map((rule) => [ruleKey(rule), rule]));
}

/** The step from one set of rules to another; "" when they are equal. Chains come with the first rule and go with the last. */
export function stepText(from: Standing, to: Standing, chains: Chains): string {
  return TABLES.map((table) => {
    const gone = rulesOf(from, table).filter((rule) => !to.has(ruleKey(rule)));
    const fresh = rulesOf(to, table).filter((rule) => !from.has(ruleKey(rule)));
    if (gone.length === 0 && fresh.length === 0) return '';
    if (rulesOf(to, table).length === 0) return tableText(table, clearing(gone, ownChains(chains, table)));
    const made = rulesOf(from, table).length === 0 ? ownChains(chains, table).map((chain) => `:${chain} - [0:0]`) : [];
    return tableText(table, [...made, ...gone.map((rule) => `-D ${rule.chain} ${rule.spec}`), ...additions(fresh)]);
  }).join('');
}

/** Everything anew whatever stands: our chains are emptied and filled in the transaction that replaces the ways into them. */
export function wholeText(saved: SavedRules, to: Standing, chains: Chains): string {
  return TABLES.map((table) => {
    const own = ownChains(chains, table);
    const found = saved[table];
    const jumps = found.rules.filter((line) => leadsTo(line, own)).map((line) => line.replace(/^-A /, '-D '));
    const wanted = rulesOf(to, table);
    if (wanted.length > 0)
      return tableText(table, [...own.map((chain) => `:${chain} - [0:0]`), ...jumps, ...additions(wanted)]);
    const present = own.filter((chain) => found.chains.has(chain));
    if (present.length === 0) return '';
    return tableText(table, [
      ...jumps,
      ...present.map((chain) => `-F ${chain}`),
      ...present.map((chain) => `-X ${chain}`),
    ]);
  }).join('');
}

/** One table of iptables-save. */
export interface SavedTable {
  /** Policy by chain, "-" for chains that are not built in. */
  readonly chains: ReadonlyMap<string, string>;
  /** Lines `-A CHAIN …`. */
  readonly rules: readonly string[];
}

/** The tables we use, of iptables-save. */
export type SavedRules = Readonly<Record<Table, SavedTable>>;

/** Reads the output of iptables-save; tables that are absent are empty. */
export function parseSaved(text: string): SavedRules {
  const sections = text.split(/^\*/m);
  const read = (table: Table): SavedTable => {
    const lines = (sections.find((section) => section.startsWith(`${table}\n`)) ?? '').split('\n');
    const chains = lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1).split(' '));
    return {
      chains: new Map(chains.map(([name = '', policy = '']) => [name, policy])),
      rules: lines.filter((line) => line.startsWith('-A ')),
    };
  };
  return { raw: read('raw'), filter: read('filter'), nat: read('nat') };
}

/** How many rules of ours a table holds: those in our chains and the ways into them. */
export function countOwn(saved: SavedRules, chains: Chains): number {
  return TABLES.map((table) => {
    const own = ownChains(chains, table);
    return saved[table].rules.filter((line) => own.includes(line.split(' ')[1] ?? '') || leadsTo(line, own)).length;
  }).reduce((sum, count) => sum + count, 0);
}

/** True when any chain of ours stands, with or without rules. */
export function holdsChains(saved: SavedRules, chains: Chains): boolean {
  return TABLES.some((table) => ownChains(chains, table).some((chain) => saved[table].chains.has(chain)));
}

function rulesOf(rules: Standing, table: Table): readonly Rule[] {
  return [...rules.values()].filter((rule) => rule.table === table);
}

/** `first` rules are put in at the top, the others at the end; given in reverse, the first ones keep their order. */
function additions(rules: readonly Rule[]): readonly string[] {
  const [top, end] = [rules.filter((rule) => rule.first), rules.filter((rule) => !rule.first)];
  return [
    ...top.toReversed().map((rule) => `-I ${rule.chain} 1 ${rule.spec}`),
    ...end.map((rule) => `-A ${rule.chain} ${rule.spec}`),
  ];
}

function clearing(rules: readonly Rule[], own: readonly string[]): readonly string[] {
  const ways = rules.filter((rule) => !own.includes(rule.chain)).map((rule) => `-D ${rule.chain} ${rule.spec}`);
  return [...ways, ...own.map((chain) => `-F ${chain}`), ...own.map((chain) => `-X ${chain}`)];
}

function leadsTo(line: string, own: readonly string[]): boolean {
  const [, chain = ''] = line.split(' ');
  const target = / -[jg] (\S+)/.exec(line)?.[1] ?? '';
  return own.includes(target) && !own.includes(chain);
}

function tableText(table: Table, lines: readonly string[]): string {
  return `*${table}\n${lines.join('\n')}\nCOMMIT\n`;
}
