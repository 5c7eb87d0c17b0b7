/** Reads from the metrics server, so that what a million points cost to parse is not taken from the page. */
import { httpSource } from './http-source.ts';
import { serveSource, type Answer, type Ask, type Port } from './thread.ts';

serveSource(self as unknown as Port<Ask, Answer>, httpSource);
