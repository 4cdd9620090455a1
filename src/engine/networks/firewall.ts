// The single writer of iptables rules: requests that come within a millisecond, or while a batch runs, become one batch.
// It knows rules by owner, not what they are for; forgetting it loses nothing, `replaceAll` makes it whole again.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/error.ts';
import type { Logger } from '../../base/log.ts';
import { chooseBackend, restoreRules, saveRules, type Backend, type FoundBackend } from './iptables.ts';
import { countOwn, standing, stepText, wholeText, type SavedRules, type Standing } from './restore-text.ts';
import { baseRules, type Chains, type Family, type Rule } from './rules.ts';
import type { NetworkWarning, Waiting } from './types.ts';

/** What the writer is given. */
export interface FirewallOptions {
  readonly family: Family;
  readonly chains: Chains;
  readonly log: Logger;
  readonly warn: (warning: NetworkWarning) => void;
  /** Sets the policy of FORWARD past iptables, whose backend nft waits long behind that. */
  readonly setForward: (family: Family, policy: Policy, waiting: Waiting) => Promise<void>;
}

/** A policy for FORWARD. */
export type Policy = 'ACCEPT' | 'DROP';

const MERGE_MS = 1;
/** How long a look ahead is good for: others change rules between a look and what follows from it in any case. */
const AHEAD_MS = 200;

/** Owns the rules of one engine in one family. */
export class Firewall {
  readonly #options: FirewallOptions;
  readonly #wanted = new Map<string, readonly Rule[]>();
  #standing: Standing = standing([]);
  /** True when what stands is not known: the next batch writes everything. */
  #unknown = true;
  /** A policy for FORWARD that goes with the next batch. */
  #policy: Policy | undefined;
  #backend: Backend | undefined;
  #ahead: { readonly found: Promise<FoundBackend>; readonly at: number } | undefined;
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();

  constructor(options: FirewallOptions) {
    this.#options = options;
  }

  /** Makes the rules of an owner these and no others; resolves when they stand. */
  async set(owner: string, rules: readonly Rule[]): Promise<void> {
    if (rules.length === 0) {
      await this.remove(owner);
      return;
    }
    this.#wanted.set(owner, rules);
    await this.#flush();
  }

  /** Removes an owner's rules; resolves when they are gone. */
  async remove(owner: string): Promise<void> {
    if (!this.#wanted.delete(owner)) return;
    await this.#flush();
  }

  /** Replaces all rules of all owners and whatever of ours stands in the kernel. */
  async replaceAll(owners: ReadonlyMap<string, readonly Rule[]>): Promise<void> {
    this.#wanted.clear();
    for (const [owner, rules] of owners) if (rules.length > 0) this.#wanted.set(owner, rules);
    await this.rewrite();
  }

  /** Writes everything again. */
  async rewrite(): Promise<void> {
    this.#unknown = true;
    await this.#flush();
  }

  /** Sets the policy of FORWARD together with the next change of rules. */
  setPolicy(policy: Policy): void {
    this.#policy = policy;
  }

  /** Sets the policy of FORWARD now; some rules of ours must stand. */
  async applyPolicy(policy: Policy): Promise<void> {
    const { setForward, family, log } = this.#options;
    if (this.#backend?.name === 'nft') {
      try {
        await setForward(family, policy, this.#waiting);
        return;
      } catch (error) {
        log.warn('the policy of FORWARD could not be set by netlink: setting it by iptables', { error });
      }
    }
    this.setPolicy(policy);
    await this.settlePolicy();
  }

  /** Writes a policy that no change of rules took along. */
  async settlePolicy(): Promise<void> {
    if (this.#policy !== undefined) await this.#flush();
  }

  /** True when any rule is wanted. */
  get active(): boolean {
    return this.#wanted.size > 0;
  }

  /** True when the kernel tells of changes (nftables does, of legacy iptables nobody hears). */
  get tells(): boolean {
    return this.#backend?.name !== 'legacy';
  }

  /** True when the kernel holds as many rules of ours as we wrote. Rules being written count as standing. */
  async isWhole(): Promise<boolean> {
    const expected = this.#standing;
    if (this.#backend === undefined || this.#unknown || this.#next !== undefined || expected.size === 0) return true;
    const saved = await saveRules(this.#backend, this.#waiting);
    return expected !== this.#standing || countOwn(saved, this.#options.chains) === expected.size;
  }

  /** What the backend in use holds now, or held when the last look ahead began. */
  async saved(): Promise<SavedRules> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const isFresh = ahead !== undefined && performance.now() - ahead.at < AHEAD_MS;
    return (await (isFresh ? ahead.found : this.#lookAround())).saved;
  }

  /** Begins the look that `saved` is about to want: it takes as long as many other things together. */
  lookAhead(): void {
    const found = this.#lookAround();
    found.catch(() => undefined); // `saved` fails with it
    this.#ahead = { found, at: performance.now() };
  }

  /** Waits for the batch under way. */
  async close(): Promise<void> {
    await (this.#next ?? this.#running).catch(() => undefined);
    this.#abort.abort();
  }

  get #waiting(): Waiting {
    return { signal: this.#abort.signal };
  }

  /** Joins the batch that is being gathered, or begins one. */
  async #flush(): Promise<void> {
    this.#next ??= this.#gather();
    await this.#next;
  }

  async #gather(): Promise<void> {
    await Promise.all([sleep(MERGE_MS), this.#running]);
    this.#next = undefined;
    const written = this.#write();
    this.#running = written.catch(() => undefined);
    await written;
  }

  async #write(): Promise<void> {
    this.#ahead = undefined;
    const goal = this.#goal();
    const policy = policyText(this.#policy);
    this.#policy = undefined;
    if (!this.#unknown && (await this.#writeStep(goal, policy))) return;
    const { backend, saved } = await this.#lookAround();
    const input = wholeText(saved, goal, this.#options.chains) + policy;
    if (input !== '') await restoreRules(backend, input, this.#waiting);
    this.#standing = goal;
    this.#unknown = false;
  }

  /** False when the step does not fit what stands: somebody else changed our chains. */
  async #writeStep(goal: Standing, policy: string): Promise<boolean> {
    const input = stepText(this.#standing, goal, this.#options.chains) + policy;
    if (input === '') return true;
    const { backend } = this.#backend === undefined ? await this.#lookAround() : { backend: this.#backend };
    try {
      await restoreRules(backend, input, this.#waiting);
      this.#standing = goal;
      return true;
    } catch (error) {
      this.#options.log.warn('firewall rules are not as they were left: writing all again', {
        error: messageOf(error),
      });
      this.#unknown = true;
      return false;
    }
  }

  /** The backend, chosen the first time, and what it holds now. */
  async #lookAround(): Promise<FoundBackend> {
    if (this.#backend !== undefined)
      return { backend: this.#backend, saved: await saveRules(this.#backend, this.#waiting) };
    const { chosen, warnings } = await chooseBackend(this.#options.chains, this.#options.family, this.#waiting);
    this.#backend = chosen.backend;
    for (const warning of warnings) this.#options.warn(warning);
    return chosen;
  }

  #goal(): Standing {
    const { chains, family } = this.#options;
    const rules = [...this.#wanted.values()].flat();
    return standing(rules.length === 0 ? [] : [...baseRules(chains, family), ...rules]);
  }
}

function policyText(policy: Policy | undefined): string {
  return policy === undefined ? '' : `*filter\n:FORWARD ${policy} [0:0]\nCOMMIT\n`;
}
