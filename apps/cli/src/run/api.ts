import { connect, Refused, Unavailable, type Api } from '@gradstream/client';
import { InputError } from '@gradstream/numerics';

/** Where a metrics server is looked for unless `--server` says otherwise. */
export const DEFAULT_SERVER = 'http://127.0.0.1:4319';

/** Asks a metrics server; a sentence for whatever does not work. */
export async function ask<T>(server: string, question: (api: Api) => Promise<T>): Promise<T> {
  try {
    return await question(connect(server));
  } catch (error) {
    if (error instanceof Unavailable) throw new InputError(`no metrics server answers at ${server} (${error.message}); 'gradstream serve' starts one`);
    if (error instanceof Refused) throw new InputError(`${server} answered ${error.status}: ${error.message}`);
    throw error;
  }
}
