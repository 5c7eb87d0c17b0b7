// PostgreSQL and NATS of a test's own
export { hasNats, hasPostgres, privateNats, privatePostgres } from './testing/private-services.ts';
export type { PrivateService } from './testing/private-services.ts';
