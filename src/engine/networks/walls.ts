// The firewalls of both families as one. IPv6 is touched only where a network has it.
import { Firewall, type FirewallOptions } from './firewall.ts';
import type { Family, Rule } from './rules.ts';

const FAMILIES: readonly Family[] = [4, 6];

/** Rules of an owner, asked for once per family. */
export type RulesOf = (family: Family) => readonly Rule[];

/** Both firewalls of an engine. */
export class Walls {
  readonly #walls: ReadonlyMap<Family, Firewall>;

  constructor(options: Omit<FirewallOptions, 'family'>) {
    this.#walls = new Map(FAMILIES.map((family) => [family, new Firewall({ ...options, family })]));
  }

  /** One family's writer. */
  of(family: Family): Firewall {
    return this.#walls.get(family) as Firewall;
  }

  /** Makes the rules of an owner these; resolves when they stand in both families. */
  async set(owner: string, rules: RulesOf): Promise<void> {
    await this.#each(async (wall, family) => wall.set(owner, rules(family)));
  }

  /** Removes an owner's rules. */
  async remove(owner: string): Promise<void> {
    await this.#each(async (wall) => wall.remove(owner));
  }

  /** Replaces everything of the families given. */
  async replaceAll(owners: ReadonlyMap<string, RulesOf>, families: readonly Family[]): Promise<void> {
    await this.#each(async (wall, family) => {
      if (!families.includes(family)) return;
      await wall.replaceAll(new Map([...owners].map(([owner, rules]) => [owner, rules(family)])));
    });
  }

  /** True when the kernel tells of every change of these rules. */
  get tell(): boolean {
    return [...this.#walls.values()].every((wall) => wall.tells);
  }

  /** True when all that was written still stands. */
  async isWhole(): Promise<boolean> {
    const whole = await Promise.all([...this.#walls.values()].map(async (wall) => wall.isWhole()));
    return whole.every(Boolean);
  }

  /** Writes everything again that is wanted. */
  async rewrite(): Promise<void> {
    await this.#each(async (wall) => (wall.active ? wall.rewrite() : undefined));
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#each(async (wall) => wall.close());
  }

  async #each(task: (wall: Firewall, family: Family) => Promise<void>): Promise<void> {
    await settleAll([...this.#walls].map(([family, wall]) => task(wall, family)));
  }
}

/** Waits for all, then fails with the first failure: nothing goes on behind an error's back. */
export async function settleAll(tasks: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
