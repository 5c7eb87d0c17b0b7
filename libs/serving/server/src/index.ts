// The server
export { createApp } from './http/app.ts';
export type { AppOptions } from './http/app.ts';
export { defaultPort, isLoopback, serve } from './serve.ts';
export type { RunningServer, ServeOptions } from './serve.ts';
// Stores
export { defaultStoreDir, isDatabase, memoryStore, openStore } from './open-store.ts';
export type { OpenStoreOptions } from './open-store.ts';
export type { RunChange, RunStore } from './run-store.ts';
export { LogStore } from './log/log-store.ts';
export type { LogStoreOptions } from './log/log-store.ts';
export type { Retention, RetentionReport } from './log/retention.ts';
// Looking after a store
export { checkStore, compactStore, exportRun, importRuns, repairStore } from './store-tools.ts';
export type { StoreReport } from './store-tools.ts';
// TensorBoard's event files
export { exportEventFile, LogDir } from './tensorboard/logdir.ts';
// Telling others
export { parseWebhooks, readWebhooks } from './webhooks/config.ts';
export type { HookEvent, Webhook } from './webhooks/config.ts';
// Who may do what
export { scope, Tokens } from './security/tokens.ts';
export type { Grant, Limits, NewToken, Scope, TokenRecord } from './security/tokens.ts';
export type { GuardOptions } from './security/guard.ts';
