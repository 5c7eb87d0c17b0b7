// Publish without a server
export { natsTransport } from './nats-transport.ts';
export type { NatsTransport } from './nats-transport.ts';
// What goes over the bus
export { busPartitions, busStream, busSubject, NatsBus, parseBusSubject, parseMessageId, partitionOf, replyHeader } from './nats-bus.ts';
export type { BusKind, BusMessage, BusOptions } from './nats-bus.ts';
