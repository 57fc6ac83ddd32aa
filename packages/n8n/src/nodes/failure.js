/** Why it failed, in n8n's words from 2.41 on; none where a wait or a correction would be the wrong thing to do. */
export function failureOf({ class: kind, category, retryAfterSeconds, faults }) {
  if (kind === 'permanent-outcome-unknown') return undefined;
  if (faults) return { cause: 'configuration-invalid' };
  if (category === 'authentication') return { cause: 'credential-invalid' };
  if (['permission', 'not-found'].includes(category)) return { cause: 'configuration-invalid' };
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterMs: retryAfterSeconds * 1000 };
  if (category === 'limit') return { cause: kind === 'retryable' ? 'rate-limited' : 'quota-exhausted', ...wait };
  if (kind === 'retryable') return { cause: 'temporarily-unavailable', ...wait };
  return undefined;
}
