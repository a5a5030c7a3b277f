export interface Heard {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

const parsed = (block: string): Heard => {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  return {
    id: field('id'),
    event: field('event') ?? 'comment',
    // The data of every event is an object.
    data: JSON.parse(field('data') ?? '{}') as Record<string, unknown>,
  };
};

/** A listener as a browser is one. */
export class Client {
  readonly heard: Heard[] = [];
  isEnded = false;
  status = 0;
  private readonly abort = new AbortController();

  async connect(url: string, lastEventId?: string): Promise<this> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await fetch(url, { headers, signal: this.abort.signal });
    this.status = response.status;
    if (response.body !== null) void this.read(response.body);
    return this;
  }

  close(): void {
    this.abort.abort();
  }

  get events(): readonly Heard[] {
    return this.heard.filter(({ event }) => event !== 'comment' && event !== 'hello');
  }

  get lastId(): string {
    return this.heard.findLast(({ id }) => id !== undefined)?.id ?? '';
  }

  heardOf(event: string): Promise<void> {
    return eventually(() => this.heard.some((one) => one.event === event), event);
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    try {
      for await (const bytes of body) {
        text += Buffer.from(bytes).toString();
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        this.heard.push(...blocks.map(parsed));
      }
    } catch (error) {
      if (!this.abort.signal.aborted) throw error;
    }
    this.isEnded = true;
  }
}

const SECONDS_MAX = 10;

/** Sockets take real time, which `until` alone would spin through. */
export const eventually = async (holds: () => boolean, what: string): Promise<void> => {
  const fromMs = performance.now();
  while (!holds()) {
    if (performance.now() - fromMs > 1_000 * SECONDS_MAX) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};
