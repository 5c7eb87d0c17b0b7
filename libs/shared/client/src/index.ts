// Publish
export { publish } from './publish.ts';
export type { PublishOperator, PublishOptions } from './publish.ts';
export { Publisher } from './publisher.ts';
export type { PublisherOptions, PublishReport } from './publisher.ts';
export type { Journal } from './journal.ts';
// Subscribe
export { points, subscribe } from './subscribe.ts';
export type { CursorEvent, SubscribeOptions } from './subscribe.ts';
// Steer
export { commands, steer } from './steer.ts';
export type { RunCommand } from './steer.ts';
// Ask
export { connect } from './connect.ts';
export type { Api } from './connect.ts';
export { Refused, Unavailable } from './request.ts';
export type { Connection } from './request.ts';
