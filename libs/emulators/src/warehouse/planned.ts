/** Things that are to be done later, each at its time. */
export class Planned<T extends { readonly atMs: number }> {
  #acts: T[] = [];

  add(act: T): void {
    this.#acts.push(act);
  }

  /** What is done up to an instant and was not given before, in its order. */
  due(toMs: number): readonly T[] {
    const due = this.#acts.filter(({ atMs }) => atMs <= toMs);
    this.#acts = this.#acts.filter(({ atMs }) => atMs > toMs);
    return due.toSorted((a, b) => a.atMs - b.atMs);
  }
}
