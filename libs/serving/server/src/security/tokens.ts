import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '@gradstream/numerics';
import { parseWith } from '@gradstream/protocol';

/** What somebody may do. `admin` may do everything, and mints tokens. */
export const scope = z.enum(['read', 'write', 'control', 'admin']);
export type Scope = z.output<typeof scope>;

/** What a request may do, and to which runs. */
export interface Grant {
  readonly scopes: ReadonlySet<Scope>;
  /** Only runs of this project; all where it is absent. */
  readonly project?: string;
}

const tokenRecord = z.object({
  id: z.string(),
  /** Hex SHA-256 of the whole token: the token itself is kept nowhere. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  scopes: z.array(scope),
  project: z.string().optional(),
  created: z.number(),
  /** ms since 1970; never where it is absent. */
  expires: z.number().optional(),
});
export type TokenRecord = z.output<typeof tokenRecord>;

const tokenFile = z.object({ version: z.literal(1), tokens: z.array(tokenRecord) });

export interface NewToken {
  /** For people: whose it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly project?: string;
  /** ms since 1970. */
  readonly expires?: number;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Tokens that a server accepts: hashes in a file that only its owner reads, or in memory alone. */
export class Tokens {
  private tokens: TokenRecord[] = [];

  /** @param file where they are kept; nowhere when it is absent */
  constructor(private readonly file?: string) {
    if (file && existsSync(file)) this.tokens = parseWith(tokenFile, JSON.parse(readFileSync(file, 'utf8')), `tokens in ${file}`).tokens;
  }

  get size(): number {
    return this.tokens.length;
  }

  list(): readonly Omit<TokenRecord, 'hash'>[] {
    return this.tokens.map(({ hash: _, ...shown }) => shown);
  }

  /** Makes a token. @returns its text, which is shown this once */
  create({ name, scopes, project, expires }: NewToken, now: number = Date.now()): string {
    if (scopes.length === 0) throw new InputError('token: scopes must name at least one of read, write, control, admin');
    const id = randomBytes(6).toString('hex');
    const text = `gs_${id}_${randomBytes(32).toString('base64url')}`;
    this.tokens.push({ id, hash: sha256(text).toString('hex'), name, scopes: [...scopes], project, created: now, expires });
    this.save();
    return text;
  }

  /** @returns whether there was such a token */
  revoke(id: string): boolean {
    const before = this.tokens.length;
    this.tokens = this.tokens.filter((token) => token.id !== id);
    if (this.tokens.length < before) this.save();
    return this.tokens.length < before;
  }

  /** What a token allows; undefined for one that is unknown or has expired. Takes the same time for every guess. */
  grant(text: string, now: number = Date.now()): Grant | undefined {
    const hash = sha256(text);
    let found: TokenRecord | undefined;
    for (const token of this.tokens) if (timingSafeEqual(Buffer.from(token.hash, 'hex'), hash)) found = token;
    if (!found || (found.expires !== undefined && found.expires <= now)) return undefined;
    return { scopes: new Set(found.scopes), project: found.project };
  }

  private save(): void {
    if (!this.file) return;
    writeFileSync(`${this.file}.new`, JSON.stringify({ version: 1, tokens: this.tokens }, undefined, 2), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

/** Whether a grant covers what a route asks for. */
export const allows = ({ scopes }: Grant, needed: Scope): boolean => scopes.has('admin') || scopes.has(needed);
