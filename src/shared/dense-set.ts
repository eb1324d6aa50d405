/**
 * A set for what comes and goes with every turn. A `Set` or `Map` makes itself a new table each time that some of its entries were deleted, and V8 has the table before point to
 * the next: once one of them is old, all that follow outlive every collection of young objects, with what stood in them just then, until the whole heap is collected. So half
 * of all turns, their requests in them, came to be old. Here a member's place is taken by the last one.
 */

/** What can be in a dense set, in one at a time. */
export interface Placed {
  /** Its place in the set; -1: in none. For the set alone. */
  place: number;
}

export class DenseSet<Member extends Placed> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  has(member: Member): boolean {
    return this.#members[member.place] === member;
  }

  /** Does nothing where it is in a set. */
  add(member: Member): void {
    if (member.place === -1) member.place = this.#members.push(member) - 1;
  }

  /** @returns whether it was there */
  delete(member: Member): boolean {
    if (!this.has(member)) return false;
    const last = this.#members.pop()!;
    if (last !== member) {
      this.#members[member.place] = last;
      last.place = member.place;
    }
    member.place = -1;
    return true;
  }

  /** The members as they are now, in no order. */
  all(): readonly Member[] {
    return [...this.#members];
  }
}
