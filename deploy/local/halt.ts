/** The work was not needed any more, because everything is being stopped. */
export class Halted extends Error {
  constructor() {
    super("stopped while starting");
    this.name = "Halted";
  }
}

/** A wish to stop that anything under way can look at or be raced against. */
export class Halt {
  readonly #wish = Promise.withResolvers<never>();
  #isWished = false;

  constructor() {
    // Nobody may be racing against it when it comes.
    this.#wish.promise.catch(() => undefined);
  }

  get isWished(): boolean {
    return this.#isWished;
  }

  now(): void {
    this.#isWished = true;
    this.#wish.reject(new Halted());
  }

  /** The result of the work, unless the wish comes first: then `Halted` is thrown and the work is left to itself. */
  unless<T>(work: Promise<T>): Promise<T> {
    return Promise.race([this.#wish.promise, work]);
  }
}
