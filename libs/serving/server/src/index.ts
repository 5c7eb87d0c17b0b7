// The server
export { createApp, maxFrameBodyBytes, maxJsonBytes } from './http/app.ts';
export type { AppOptions } from './http/app.ts';
export { defaultPort, serve } from './serve.ts';
export type { RunningServer, ServeOptions } from './serve.ts';
// Stores
export { defaultStoreDir, memoryStore, openStore } from './open-store.ts';
export type { OpenStoreOptions } from './open-store.ts';
export type { RunChange, RunStore } from './run-store.ts';
export { LogStore } from './log/log-store.ts';
export type { LogStoreOptions } from './log/log-store.ts';
