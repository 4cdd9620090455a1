// The single writer of iptables rules: requests that come within a millisecond, or while a batch runs, become one batch.
// It knows rules by owner, not what they are for; forgetting it loses nothing, `replaceAll` makes it whole again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../base/log.ts';
import { chooseBackend, restoreRules, saveRules, type Backend, type FoundBackend } from './iptables.ts';
import { countOwn, standing, stepText, wholeText, type SavedRules, type Standing } from './restore-text.ts';
import { baseRules, type Chains, type Rule } from './rules.ts';
import type { NetworkWarning, Waiting } from './types.ts';

/** What the writer is given. */
export interface FirewallOptions {
  readonly chains: Chains;
  readonly log: Logger;
  readonly warn: (warning: NetworkWarning) => void;
}

const MERGE_MS = 1;

/** Owns the rules of one engine in one family. */
export class Firewall {
  readonly #options: FirewallOptions;
  readonly #wanted = new Map<string, readonly Rule[]>();
  /** undefined = unknown: the next batch writes everything. */
  #standing: Standing | undefined;
  #backend: Backend | undefined;
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();

  constructor(options: FirewallOptions) {
    this.#options = options;
  }

  /** Makes the rules of an owner these and no others; resolves when they stand. */
  async set(owner: string, rules: readonly Rule[]): Promise<void> {
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
    for (const [owner, rules] of owners) this.#wanted.set(owner, rules);
    this.#standing = undefined;
    await this.#flush();
  }

  /** True when any rule is wanted. */
  get active(): boolean {
    return this.#wanted.size > 0;
  }

  /** True when the kernel holds as many rules of ours as we wrote. Rules being written count as standing. */
  async isWhole(): Promise<boolean> {
    const expected = this.#standing;
    if (this.#backend === undefined || expected === undefined || this.#next !== undefined) return true;
    const saved = await saveRules(this.#backend, this.#waiting);
    return expected !== this.#standing || countOwn(saved, this.#options.chains) === expected.size;
  }

  /** Writes everything again. */
  async rewrite(): Promise<void> {
    this.#standing = undefined;
    await this.#flush();
  }

  /** What the backend in use holds now. */
  async saved(): Promise<SavedRules> {
    return await saveRules(await this.#useBackend(), this.#waiting);
  }

  /** Hands restore input of another kind (a policy) to the backend in use, behind what runs. */
  async apply(input: string): Promise<void> {
    const backend = await this.#useBackend();
    const applied = this.#running.then(() => restoreRules(backend, input, this.#waiting));
    this.#running = applied.catch(() => undefined);
    await applied;
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
    const goal = this.#goal();
    if (this.#standing === undefined) {
      await this.#writeAll(goal);
      return;
    }
    const input = stepText(this.#standing, goal, this.#options.chains);
    if (input === '') return;
    try {
      await restoreRules(await this.#useBackend(), input, this.#waiting);
      this.#standing = goal;
    } catch (error) {
      // somebody changed our chains: what stands is not what we think
      this.#options.log.warn('rules were changed by somebody else', { error });
      this.#standing = undefined;
      await this.#writeAll(goal);
    }
  }

  async #writeAll(goal: Standing): Promise<void> {
    const { backend, saved } = await this.#lookAround();
    const input = wholeText(saved, goal, this.#options.chains);
    if (input !== '') await restoreRules(backend, input, this.#waiting);
    this.#standing = goal;
  }

  /** The backend, chosen the first time, and what it holds now. */
  async #lookAround(): Promise<FoundBackend> {
    if (this.#backend !== undefined)
      return { backend: this.#backend, saved: await saveRules(this.#backend, this.#waiting) };
    const { chosen, warnings } = await chooseBackend(this.#options.chains, this.#waiting);
    this.#backend = chosen.backend;
    for (const warning of warnings) this.#options.warn(warning);
    return chosen;
  }

  #goal(): Standing {
    const rules = [...this.#wanted.values()].flat();
    return standing(this.#wanted.size === 0 ? [] : [...baseRules(this.#options.chains), ...rules]);
  }

  async #useBackend(): Promise<Backend> {
    return this.#backend ?? (await this.#lookAround()).backend;
  }
}
