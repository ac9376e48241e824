/** A budget of requests: `limit` in `windowSeconds`, of which at most `burst` at once. */
export interface RateLimitPolicy {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly burst: number;
}

/** Reads `60;w=60;burst=10`. All three are whole numbers from 1; undefined for anything else. */
export function parsePolicy(text: string): RateLimitPolicy | undefined {
  const match = /^([1-9]\d{0,8});w=([1-9]\d{0,4});burst=([1-9]\d{0,6})$/.exec(text);
  if (match === null) return undefined;
  const [limit, windowSeconds, burst] = match.slice(1).map(Number);
  if (limit === undefined || windowSeconds === undefined || burst === undefined) return undefined;
  return burst <= limit ? { limit, windowSeconds, burst } : undefined;
}

export function formatPolicy(policy: RateLimitPolicy): string {
  return `${policy.limit};w=${policy.windowSeconds};burst=${policy.burst}`;
}

/** Reads `name=60;w=60;burst=10,other=…`. Undefined where a part is wrong or a name stands twice. */
export function parseClients(text: string): ReadonlyMap<string, RateLimitPolicy> | undefined {
  const clients = new Map<string, RateLimitPolicy>();
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const match = /^\s*([A-Za-z0-9][\w.-]{0,63})=(\S+)\s*$/.exec(part);
    const [name, policy] = [match?.[1], parsePolicy(match?.[2] ?? '')];
    if (name === undefined || policy === undefined || clients.has(name)) return undefined;
    clients.set(name, policy);
  }
  return clients;
}
