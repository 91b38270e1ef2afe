// One line on stderr that says what is going on: rewritten in place on a terminal, a line at the
// start and one every few seconds elsewhere, so that a log shows life too. Real time, not virtual.

const pauseMilliseconds = 5_000;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #title = "";
  #saidAt = 0;
  #open = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  start(title: string): void {
    this.#title = title;
    this.#saidAt = performance.now();
    this.#open = true;
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${title} …` : `${title} …\n`);
  }

  /** Cheap to call often. */
  say(detail: string): void {
    const now = performance.now();
    if (now - this.#saidAt < (this.#stream.isTTY ? 200 : pauseMilliseconds)) return;
    this.#saidAt = now;
    const line = `${this.#title} … ${detail}`;
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  }

  done(): void {
    if (this.#open && this.#stream.isTTY) this.#stream.write("\r\x1b[K");
    this.#open = false;
  }
}
