// The events to come, earliest first; events of one instant in the order in which they were
// planned. A binary heap of our own and not fake-timers' one: that one cuts delays to whole
// milliseconds, and network delays would then collide and lose their order.

export interface PlannedEvent {
  /** ms since 1970, with fractions. */
  at: number;
  readonly sequence: number;
  /** Null once cancelled or fired: a cancelled event stays in the heap until it surfaces. */
  run: (() => void) | null;
}

export class EventQueue {
  readonly #heap: PlannedEvent[] = [];
  #sequence = 0;

  plan(at: number, run: () => void): PlannedEvent {
    this.#sequence += 1;
    const event = { at, sequence: this.#sequence, run };
    this.#heap.push(event);
    this.#siftUp(this.#heap.length - 1);
    return event;
  }

  /** The earliest event that still stands, left in the queue; null when there is none. */
  peek(): PlannedEvent | null {
    for (;;) {
      const head = this.#heap[0];
      if (head === undefined) return null;
      if (head.run !== null) return head;
      this.#dropHead();
    }
  }

  /** Takes the earliest event out. */
  take(): PlannedEvent | null {
    const head = this.peek();
    if (head !== null) this.#dropHead();
    return head;
  }

  #dropHead(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown(0);
  }

  #siftUp(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #siftDown(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let child = left;
      if (this.#earlier(right, left)) child = right;
      if (!this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #earlier(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (one === undefined || other === undefined) return false;
    return one.at < other.at || (one.at === other.at && one.sequence < other.sequence);
  }

  #swapIfEarlier(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (one === undefined || other === undefined || !this.#earlier(a, b)) return false;
    this.#heap[a] = other;
    this.#heap[b] = one;
    return true;
  }
}
