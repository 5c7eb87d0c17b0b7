import { AckPolicy, JetStreamApiError, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { isInputError } from '@gradstream/numerics';
import { busStream, parseBusSubject, parseMessageId, replyHeader, type NatsBus } from '@gradstream/client/nats';
import { decodePoints, isRunId, note, parseWith, runPatch, runPut, stringify } from '@gradstream/protocol';
import type { SharedRunStore } from '../run-store.ts';
import { Unavailable } from '../unavailable.ts';

/** Messages of one part that are being stored at a time, at most. */
const mostAtOnce = 500;

/** ms after which JetStream hands out again what a server took and never said done: it died. */
const ackMs = 5000;

/** ms before another try at what could not be stored; where it is the message that is hard to store, twice as long each time, up to the second. */
const retryMs = 500;
const mostRetryMs = 30_000;

/** How often points are tried that came before their run. */
const mostTries = 60;

/**
 * Takes messages off the bus into a store, for the parts that this server holds. A message is done with when the store
 * has it for good; until then it stays on the bus, and it is handed out again when a server dies with it. The store
 * knows every batch by its writer and number, so what is handed out twice is stored once.
 */
export class BusConsumer {
  /** Messages that no store will have: damaged, or of a run that nobody made. */
  refused = 0;
  private wanted: ReadonlySet<number> = new Set();
  private readonly reading = new Map<number, ConsumerMessages>();
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  /** @param onError told of messages that are given up */
  constructor(private readonly bus: NatsBus, private readonly store: SharedRunStore, private readonly onError: (message: string, error: unknown) => void) {}

  /** Reads these parts from now on, and no others. */
  hold(parts: ReadonlySet<number>): void {
    this.wanted = parts;
    this.turn = this.turn.then(() => this.change());
  }

  async close(): Promise<void> {
    this.closed = true;
    this.hold(new Set());
    await this.turn;
  }

  get held(): number {
    return this.reading.size;
  }

  private async change(): Promise<void> {
    for (const [part, messages] of this.reading) {
      if (this.wanted.has(part)) continue;
      this.reading.delete(part);
      await messages.close().catch(() => {});
    }
    for (const part of this.wanted) {
      if (this.reading.has(part)) continue;
      try {
        this.reading.set(part, await this.read(part));
      } catch {
        // The broker is away, or has just come back without its files.
        if (!this.closed) setTimeout(() => this.hold(this.wanted), retryMs).unref();
        return;
      }
    }
  }

  private async read(part: number): Promise<ConsumerMessages> {
    const name = `store-${part}`;
    await this.bus.manager.consumers.add(busStream, { durable_name: name, filter_subject: `gradstream.*.${part}.*`, ack_policy: AckPolicy.Explicit, ack_wait: nanos(ackMs), max_ack_pending: mostAtOnce, max_deliver: -1 })
      .catch((error: unknown) => {
        // 10148: there is one with other settings, of another version of this server.
        if (!(error instanceof JetStreamApiError) || error.code !== 10148) throw error;
      });
    const consumer = await this.bus.client.consumers.get(busStream, name);
    const messages = await consumer.consume({ max_messages: mostAtOnce, callback: (message) => void this.take(message) });
    void this.watch(part, messages);
    return messages;
  }

  /** A part whose consumer is gone (its broker lost its files) is read anew. */
  private async watch(part: number, messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type !== 'consumer_not_found' && type !== 'consumer_deleted' && type !== 'stream_not_found') continue;
      if (this.reading.get(part) !== messages) return;
      this.reading.delete(part);
      await messages.close().catch(() => {});
      this.hold(this.wanted);
      return;
    }
  }

  private async take(message: JsMsg): Promise<void> {
    try {
      const answer = await this.carryOut(message);
      if (answer === undefined) return this.waitForRun(message);
      message.ack();
      const reply = message.headers?.get(replyHeader);
      if (reply) this.bus.connection.publish(reply, stringify(answer));
    } catch (error) {
      if (isInputError(error)) return this.giveUp(message, error);
      // What is no fault of the message is tried for as long as it takes: the points are kept here and nowhere else.
      if (error instanceof Unavailable) return message.nak(retryMs);
      message.nak(Math.min(mostRetryMs, retryMs * 2 ** Math.min(10, message.info.deliveryCount - 1)));
      this.onError(`bus: message ${message.seq} at ${message.subject} could not be stored; it stays on the bus`, error);
    }
  }

  /** @returns what the store answers, undefined where there is no such run */
  private carryOut(message: JsMsg): Promise<object | undefined> | undefined {
    const { kind, run } = parseBusSubject(message.subject);
    const origin = parseMessageId(message.headers?.get('Nats-Msg-Id') ?? '');
    if (!isRunId(run)) return undefined;
    switch (kind) {
      case 'points': return this.store.append(run, decodePoints(message.data), message.data);
      case 'put': return this.store.put(run, parseWith(runPut, message.json(), 'run'), origin);
      case 'patch': return this.store.patch(run, parseWith(runPatch, message.json(), 'run'), origin);
      case 'note': return this.store.note(run, parseWith(note, message.json(), 'event'), origin).then((lsn) => (lsn === undefined ? undefined : { lsn }));
      default: return undefined;
    }
  }

  private waitForRun(message: JsMsg): void {
    if (message.info.deliveryCount >= mostTries) this.giveUp(message, new Error('there is no such run'));
    else message.nak(retryMs);
  }

  private giveUp(message: JsMsg, error: unknown): void {
    this.refused += 1;
    message.term();
    this.onError(`bus: message ${message.seq} at ${message.subject} is given up`, error);
  }
}
