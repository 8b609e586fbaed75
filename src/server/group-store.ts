/** Sets of connections under names: the groups of a hub, and the connections of its users. Empty sets vanish. */

/** Members by name; names are case-sensitive. */
export class GroupStore<Member> {
  readonly #groups = new Map<string, Set<Member>>();

  /** The members of a group; none when there is no such group. */
  members(name: string): Iterable<Member> {
    return this.#groups.get(name) ?? [];
  }

  /** Adds a member. Adding it again does nothing. */
  add(name: string, member: Member): void {
    const members = this.#groups.get(name);
    if (members === undefined) this.#groups.set(name, new Set([member]));
    else members.add(member);
  }

  /** Removes a member, if it is one. */
  delete(name: string, member: Member): void {
    const members = this.#groups.get(name);
    if (members?.delete(member) && members.size === 0) this.#groups.delete(name);
  }
}
