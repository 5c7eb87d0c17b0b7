import { busPartitions, NatsBus, type BusOptions } from '@gradstream/client/nats';
import { encodePoints, newId, pointCount, pointsAnswer, type PointsAnswer, type PointsBatch } from '@gradstream/protocol';
import type { Health, RunStore, SharedRunStore } from '../run-store.ts';
import { BusConsumer } from './consumer.ts';

/** ms that an answer waits for the store; then it says that the points are queued. */
const answerMs = 2000;

export interface BusStoreOptions extends BusOptions {
  /** Told of messages that no store will have. Default: writes to stderr. */
  readonly onError?: (message: string, error: unknown) => void;
}

/**
 * A store that takes points over NATS JetStream: a server puts a batch on the bus, the one server that holds the run's
 * part stores it, and says so to the one that waits. A publisher's answer therefore has the store's own counts, and where
 * the store is away the batch is kept all the same (`queued`). Where the broker is away batches go straight to
 * the store. A batch that went both ways is stored once.
 *
 * Everything else is the store's: reads, and changes of runs, which are rare and need an answer.
 */
export class BusStore implements RunStore {
  readonly description: string;
  readonly runs: RunStore['runs'];
  readonly run: RunStore['run'];
  readonly projects: RunStore['projects'];
  readonly peek: RunStore['peek'];
  readonly put: RunStore['put'];
  readonly patch: RunStore['patch'];
  readonly delete: RunStore['delete'];
  readonly note: RunStore['note'];
  readonly heartbeat: RunStore['heartbeat'];
  readonly series: RunStore['series'];
  readonly head: RunStore['head'];
  readonly read: RunStore['read'];
  readonly notes: RunStore['notes'];
  readonly setting: RunStore['setting'];
  readonly set: RunStore['set'];
  readonly retain: RunStore['retain'];
  readonly watch: RunStore['watch'];
  private readonly consumer: BusConsumer;
  private readonly answers: Answers;
  private readonly leases: { close(): Promise<void> };

  private constructor(private readonly store: SharedRunStore, private readonly bus: NatsBus, onError: (message: string, error: unknown) => void) {
    this.description = `${store.description}, over ${bus.description}`;
    this.runs = (query) => store.runs(query);
    this.run = (id) => store.run(id);
    this.projects = () => store.projects();
    this.peek = (id) => store.peek(id);
    this.put = (id, body) => store.put(id, body);
    this.patch = (id, body) => store.patch(id, body);
    this.delete = (id) => store.delete(id);
    this.note = (id, note) => store.note(id, note);
    this.heartbeat = (id) => store.heartbeat(id);
    this.series = (id, query) => store.series(id, query);
    this.head = (id) => store.head(id);
    this.read = (id, after, maxPoints) => store.read(id, after, maxPoints);
    this.notes = (id, after, limit) => store.notes(id, after, limit);
    this.setting = (name) => store.setting(name);
    this.set = (name, value) => store.set(name, value);
    this.retain = (retention) => store.retain(retention);
    this.watch = (listener) => store.watch(listener);
    this.consumer = new BusConsumer(bus, store, onError);
    this.answers = new Answers(bus);
    this.leases = store.share(busPartitions, (held) => this.consumer.hold(held));
  }

  /**
   * Connects a store to a bus. The store is closed with it.
   *
   * @param url `nats://user:password@host:4222`
   * @throws InputError for a broker that is not there, or has no JetStream
   */
  static async over(store: SharedRunStore, url: string, { onError = (message, error) => console.error(message, error), ...options }: BusStoreOptions = {}): Promise<BusStore> {
    return new BusStore(store, await NatsBus.connect(url, options), onError);
  }

  async append(id: string, batch: PointsBatch, frame?: Uint8Array): Promise<PointsAnswer | undefined> {
    const { bus, store } = this;
    const body = frame ?? encodePoints(batch);
    if (!bus.up || body.length > bus.mostBytes) return store.append(id, batch, frame);
    if (!(await store.peek(id))) return undefined;
    const { reply, answer, forget } = this.answers.expect();
    const published = await bus.publish({ kind: 'points', run: id, writer: batch.writer, seq: batch.seq, body, reply }).catch(() => undefined);
    // JetStream may have it, or had it before: then it is stored, or waits. The store knows which.
    if (!published || (published.duplicate && !this.answers.overdue)) {
      forget();
      return store.append(id, batch, frame);
    }
    return (await answer()) ?? { lsn: 0, accepted: 0, duplicate: 0, conflict: 0, rejected: [], queued: pointCount(batch) };
  }

  async health(): Promise<Health> {
    const { parts = [], gauges = [] } = (await this.store.health?.()) ?? {};
    const waiting = await this.bus.waiting().catch(() => undefined);
    const gauge = (name: string, help: string, value: number) => ({ name: `bus_${name}`, help, value });
    return {
      parts: [...parts, { name: 'bus', up: waiting !== undefined, description: `${this.bus.description}${waiting === undefined ? '' : `; ${waiting} messages wait for a store`}` }],
      gauges: [
        ...gauges, gauge('up', 'Whether the broker answers.', waiting === undefined ? 0 : 1), gauge('waiting', 'Messages on the bus that no store has yet.', waiting ?? NaN),
        gauge('partitions', 'Parts of the bus that this server reads.', this.consumer.held), gauge('refused', 'Messages that no store would have.', this.consumer.refused),
      ],
    };
  }

  async close(): Promise<void> {
    await this.leases.close();
    await this.consumer.close();
    await this.bus.close();
    await this.store.close();
  }
}

/** Answers of whichever server stores what this one published. */
class Answers {
  private readonly inbox = `_INBOX.gradstream.${newId()}`;
  private readonly open = new Map<string, (answer: PointsAnswer | undefined) => void>();
  private last = 0;
  /** Whether an answer did not come in time, and none has come since: then nobody waits for one. */
  overdue = false;

  constructor(bus: NatsBus) {
    bus.connection.subscribe(`${this.inbox}.*`, { callback: (error, message) => {
      const answer = error ? undefined : pointsAnswer.safeParse(message.json());
      this.overdue = false;
      this.open.get(message.subject)?.(answer?.data);
    } });
  }

  /** @returns the subject to reply to, and what waits for the reply */
  expect() {
    const reply = `${this.inbox}.${(this.last += 1)}`;
    const answered = new Promise<PointsAnswer | undefined>((resolve) => this.open.set(reply, resolve));
    const forget = (): void => {
      this.open.get(reply)?.(undefined);
      this.open.delete(reply);
    };
    return {
      reply,
      forget,
      answer: async (): Promise<PointsAnswer | undefined> => {
        const timer = setTimeout(() => {
          this.overdue = true;
          forget();
        }, this.overdue ? 0 : answerMs);
        const answer = await answered;
        clearTimeout(timer);
        forget();
        return answer;
      },
    };
  }
}
