/** No update at all: the params it works on keep their values, whatever their gradients. */
import { link, elementwise } from '../transformation.ts';

export const freeze = link<object>('freeze', {}, () => elementwise('freeze', { update: () => ({ g: 0 }) }));
