/** Why no permit was given: the queue was full at once, or the wait took too long. */
export class NoPermit extends Error {
  readonly reason: 'queue-full' | 'waited-too-long';

  constructor(reason: 'queue-full' | 'waited-too-long') {
    super(reason === 'queue-full' ? 'the queue is full' : 'no permit became free in time');
    this.name = 'NoPermit';
    this.reason = reason;
  }
}

interface Waiter {
  readonly grant: () => void;
}

/** A number of permits and a bounded queue of those who wait for one, first come first served. */
export class Semaphore {
  #permits: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<Waiter>();
  #inUse = 0;

  constructor(permits: number, maxWaiting: number) {
    this.#permits = permits;
    this.#maxWaiting = maxWaiting;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Fewer permits take effect as running holders release theirs. */
  resize(permits: number): void {
    this.#permits = permits;
    this.#grantFree();
  }

  /** @throws {NoPermit} when the queue is full, or after waiting `maxWaitMs`. */
  async acquire(maxWaitMs: number): Promise<() => void> {
    if (this.#inUse >= this.#permits) await this.#wait(maxWaitMs);
    else this.#inUse += 1;
    return this.#releaser();
  }

  #wait(maxWaitMs: number): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) throw new NoPermit('queue-full');
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        grant: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new NoPermit('waited-too-long'));
      }, maxWaitMs);
      this.#waiting.add(waiter);
    });
  }

  #releaser(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#inUse -= 1;
      this.#grantFree();
    };
  }

  #grantFree(): void {
    for (const waiter of this.#waiting) {
      if (this.#inUse >= this.#permits) return;
      this.#waiting.delete(waiter);
      this.#inUse += 1;
      waiter.grant();
    }
  }
}
