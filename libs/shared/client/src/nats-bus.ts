import { DiscardPolicy, jetstream, jetstreamManager, JetStreamApiError, RetentionPolicy, StorageType, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, headers, nanos, type NatsConnection } from '@nats-io/transport-node';
import { InputError } from '@gradstream/numerics';
import { Unavailable } from './request.ts';

/** Name of the stream that carries runs. */
export const busStream = 'GRADSTREAM';

/**
 * Parts that runs are shared out among, each read by one server at a time. A run stays in its part for ever, so servers
 * that share the work do not write to the same run.
 */
export const busPartitions = 16;

/** What a message asks for: the bodies are those of the HTTP API, points as one frame. */
export type BusKind = 'put' | 'patch' | 'points' | 'note';

/** Header with the subject to which the answer goes, where somebody waits for one. */
export const replyHeader = 'Gradstream-Reply';

/** ms in which JetStream itself drops what it has already; what comes again later is known to the store. */
const dedupeMs = 600_000;

/** ms that JetStream has to answer. */
const answerMs = 5000;

/** `gradstream.<kind>.<partition>.<run>`; a dot would divide the run's id, so it is written as %2E. */
export function busSubject(kind: BusKind, run: string): string {
  return `gradstream.${kind}.${partitionOf(run)}.${run.replaceAll('.', '%2E')}`;
}

/** What a subject says. */
export function parseBusSubject(subject: string): { readonly kind: string; readonly run: string } {
  const [, kind, , run = ''] = subject.split('.');
  return { kind, run: run.replaceAll('%2E', '.') };
}

/** The part that a run belongs to: FNV-1a of its id. */
export function partitionOf(run: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < run.length; i += 1) hash = Math.imul(hash ^ run.charCodeAt(i), 0x01000193) >>> 0;
  return hash % busPartitions;
}

/** A message to be published. Its id is `<run>/<writer>:<seq>`: a writer may number each of its runs from 1. */
export interface BusMessage {
  readonly kind: BusKind;
  readonly run: string;
  readonly writer: string;
  readonly seq: number;
  readonly body: Uint8Array;
  /** Subject to which the store's answer goes. */
  readonly reply?: string;
}

/** Which message of which publisher an id names. */
export function parseMessageId(id: string): { readonly writer: string; readonly seq: number } | undefined {
  const found = /^[^/]+\/(.+):(\d+)$/s.exec(id);
  return found ? { writer: found[1], seq: Number(found[2]) } : undefined;
}

export interface BusOptions {
  /** ms to wait for a broker that is starting. Default 10,000. */
  readonly startMs?: number;
}

/** A connection to NATS JetStream that comes back by itself. */
export class NatsBus {
  private isUp = true;
  /** What to do with requests that are under way when the connection breaks: their answers will not come. */
  private readonly underWay = new Set<(error: Error) => void>();

  private constructor(readonly connection: NatsConnection, readonly client: JetStreamClient, readonly manager: JetStreamManager, readonly description: string) {
    void this.watch();
  }

  /**
   * Connects, and makes the stream where there is none: in files, each message until a store has it, new ones refused
   * when it is full, so that nothing is forgotten.
   *
   * @param url `nats://user:password@host:4222`; several servers of one cluster are separated by commas
   * @throws InputError for what is no such address, and for a broker that does not answer or has no JetStream
   */
  static async connect(url: string, { startMs = 10_000 }: BusOptions = {}): Promise<NatsBus> {
    const { servers, ...login } = parsed(url);
    const until = Date.now() + startMs;
    for (;;) {
      try {
        const connection = await connect({ servers, ...login, name: 'gradstream', maxReconnectAttempts: -1, reconnectTimeWait: 250, pingInterval: 10_000, timeout: 5000 });
        try {
          const manager = await jetstreamManager(connection, { timeout: answerMs });
          await makeStream(manager);
          return new NatsBus(connection, jetstream(connection, { timeout: answerMs }), manager, `NATS at ${servers.join(', ')}`);
        } catch (error) {
          await connection.close();
          throw error;
        }
      } catch (error) {
        if (Date.now() > until) throw new InputError(`bus: NATS at ${servers.join(', ')} does not answer, or has no JetStream (${messageOf(error)})`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** Whether the broker is there at the moment. */
  get up(): boolean {
    return this.isUp;
  }

  /** Largest message that the broker takes, with room for its headers. */
  get mostBytes(): number {
    return (this.connection.info?.max_payload ?? 2 ** 20) - 1024;
  }

  /**
   * Publishes a message. When it returns, JetStream has it in its file.
   *
   * @returns whether JetStream had it already
   * @throws Unavailable when JetStream does not say that it has it; it may have it all the same
   */
  async publish({ kind, run, writer, seq, body, reply }: BusMessage): Promise<{ readonly duplicate: boolean }> {
    if (!this.isUp) throw new Unavailable(`${this.description} is away`);
    const its = headers();
    if (reply) its.set(replyHeader, reply);
    try {
      return await this.unlessBroken(this.client.publish(busSubject(kind, run), body, { msgID: `${run}/${writer}:${seq}`, headers: its, timeout: answerMs }));
    } catch (error) {
      throw new Unavailable(`${this.description} does not take messages (${messageOf(error)})`);
    }
  }

  /** Messages that no store has yet. @throws Unavailable */
  async waiting(): Promise<number> {
    if (!this.isUp) throw new Unavailable(`${this.description} is away`);
    try {
      const consumers = [];
      for await (const consumer of this.manager.consumers.list(busStream)) consumers.push(consumer);
      // Parts that no server ever read have no consumer that could count them.
      if (consumers.length < busPartitions) return (await this.manager.streams.info(busStream)).state.messages;
      return consumers.reduce((sum, { num_pending: pending, num_ack_pending: handed }) => sum + pending + handed, 0);
    } catch (error) {
      throw new Unavailable(messageOf(error));
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async unlessBroken<T>(answer: Promise<T>): Promise<T> {
    let broken!: (error: Error) => void;
    const breaks = new Promise<never>((_, reject) => (broken = reject));
    this.underWay.add(broken);
    try {
      return await Promise.race([answer, breaks]);
    } finally {
      answer.catch(() => {});
      this.underWay.delete(broken);
    }
  }

  private async watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect' || type === 'staleConnection' || type === 'close') {
        this.isUp = false;
        for (const broken of this.underWay) broken(new Error('the connection broke'));
      }
      // A broker that lost its files has no stream any more.
      if (type === 'reconnect') await makeStream(this.manager).then(() => (this.isUp = true), () => (this.isUp = true));
    }
  }
}

async function makeStream(manager: JetStreamManager): Promise<void> {
  try {
    await manager.streams.info(busStream);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== 10059) throw error;
    await manager.streams.add({ name: busStream, subjects: ['gradstream.>'], storage: StorageType.File, retention: RetentionPolicy.Workqueue, discard: DiscardPolicy.New, duplicate_window: nanos(dedupeMs) });
  }
}

function parsed(text: string): { readonly servers: string[]; readonly user?: string; readonly pass?: string; readonly token?: string } {
  const urls = text.split(',').map((each) => (URL.canParse(each) ? new URL(each) : undefined));
  const [first] = urls;
  if (!first || urls.some((url) => !url || !/^(nats|tls):$/.test(url.protocol) || url.hostname === '')) throw new InputError('bus: the address of NATS must be like nats://127.0.0.1:4222');
  const [user, pass] = [first.username, first.password].map(decodeURIComponent);
  const login = user === '' ? {} : pass === '' ? { token: user } : { user, pass };
  return { servers: urls.map((url) => `${url!.hostname}:${url!.port || 4222}`), ...login };
}

const messageOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error));
