/** Something this server needs does not answer right now; what was asked for was not done, and may be asked for again. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly status = 503;
}
