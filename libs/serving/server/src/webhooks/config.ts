import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '@gradstream/numerics';
import { parseWith } from '@gradstream/protocol';

/** What a hook can be told. */
export const hookEvent = z.enum(['run.finished', 'run.failed', 'run.stopped', 'run.alert']);
export type HookEvent = z.output<typeof hookEvent>;

const webhook = z.strictObject({
  url: z.string().refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'must be an http or https address'),
  events: z.array(hookEvent).min(1).default(['run.finished', 'run.failed', 'run.alert']),
  /** Only runs of this project. */
  project: z.string().optional(),
  /** `whsec_` and base64 of the key that bodies are signed with (Standard Webhooks). */
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{16,}={0,2}$/, "must be 'whsec_' and at least 16 letters of base64").optional(),
  /** Networks of your own that may be called, like 10.0.0.0/8; all others that are not public are refused. */
  allow: z.array(z.string()).default([]),
});
export type Webhook = z.output<typeof webhook>;
export type WebhookInput = z.input<typeof webhook>;

export const webhookFile = z.strictObject({ version: z.literal(1), webhooks: z.array(webhook).max(100) });

/** @throws InputError */
export const parseWebhooks = (given: unknown, where = 'webhooks'): readonly Webhook[] => parseWith(webhookFile, given, where).webhooks;

/** Reads the operator's file of webhooks. @throws InputError */
export function readWebhooks(file: string): readonly Webhook[] {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`webhooks: ${file} cannot be read as JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  return parseWebhooks(given, `webhooks in ${file}`);
}
