import { lookup as dnsLookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { InputError } from '@gradstream/numerics';

/** Networks that are not the public internet: IANA's special-purpose registries, RFC 6890 and its updates. */
const special = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
  '::/128', '::1/128', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
];

/** @throws InputError for what is no network */
function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/');
    const family = isIP(address);
    if (family === 0 || !/^\d{1,3}$/.test(bits ?? '') || Number(bits) > (family === 4 ? 32 : 128)) throw new InputError(`allow: a network must be like 10.0.0.0/8, received '${network}'`);
    list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

const specials = listOf(special);

/** An IPv6 address that stands for an IPv4 one (`::ffff:10.0.0.1`) is judged as that. */
const has = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * A judge of addresses: those of the public internet may be called, and those of networks that the operator names.
 *
 * @param allow networks like 10.0.0.0/8
 * @throws InputError for what is no network
 */
export function mayCall(allow: readonly string[] = []): (address: string) => boolean {
  const allowed = listOf(allow);
  return (address) => isIP(address) > 0 && (has(allowed, address) || !has(specials, address));
}

export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const resolveAll: Resolve = (host) => dnsLookup(host, { all: true });

/** An address that may not be called. */
export class ForbiddenAddress extends Error {}

/**
 * Looks a name up for a connection, and lets none of its addresses pass that may not be called. The check is made on
 * the addresses that are then connected to, so that a name which changes its answer in between gains nothing.
 */
export const guardedLookup = (may: (address: string) => boolean, resolve: Resolve = resolveAll): LookupFunction => (host, options, callback) => {
  resolve(host).then(
    (addresses) => {
      const bad = addresses.find(({ address }) => !may(address));
      if (bad || addresses.length === 0) return callback(new ForbiddenAddress(bad ? `${host} is ${bad.address}, which is not on the public internet` : `${host} has no address`), '', 4);
      if (options.all) return callback(null, addresses.map((each) => ({ ...each })));
      callback(null, addresses[0].address, addresses[0].family);
    },
    (error: NodeJS.ErrnoException) => callback(error, '', 4),
  );
};
