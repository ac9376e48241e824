/**
 * The module that stands in front of a user's script while k6 runs it. It leaves requests as they are, with two
 * exceptions: a redirect is followed here, so that it never leaves the origin that was asked, and what goes to another
 * origin than the target's carries none of the headers that say who asks. What raw points do not hold is reported with
 * metrics and tags of its own (`siaga_…`).
 */
export const frontModule = String.raw`
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

const begun = new Counter('siaga_begun');
const redirected = new Trend('siaga_redirected', true);
const waited = new Trend('siaga_waited', true);
const redirects = new Set([301, 302, 303, 307, 308]);
const ports = { http: ':80', https: ':443' };

const target = originOf(__ENV.SIAGA_TARGET_URL || '');
const identity = new Set(Object.keys(JSON.parse(__ENV.SIAGA_HEADERS || '{}')).map((name) => name.toLowerCase()));

function originOf(url) {
  const found = /^(https?):\/\/(?:[^@/?#]*@)?([^/?#]*)/i.exec(url);
  if (found === null) return undefined;
  const scheme = found[1].toLowerCase();
  const host = found[2].toLowerCase();
  return scheme + '://' + (host.endsWith(ports[scheme]) ? host.slice(0, -ports[scheme].length) : host);
}

// k6's http.url gives an object.
const textOf = (url) => (typeof url === 'object' && url !== null && typeof url.url === 'string' ? url.url : String(url));

function prepare(method, url, body, given) {
  const params = Object.assign({}, given);
  const origin = originOf(textOf(url));
  if (origin !== undefined && origin !== target) {
    params.tags = Object.assign({}, params.tags, { siaga_origin: origin });
    if (params.headers) {
      const kept = Object.entries(params.headers).filter(([name]) => !identity.has(name.toLowerCase()));
      params.headers = Object.fromEntries(kept);
    }
  }
  const budget = typeof params.redirects === 'number' ? params.redirects : most();
  params.redirects = 0;
  return { method, url, body, params, budget };
}

// Made anew each time it is read.
let limit;

function most() {
  if (limit === undefined) {
    const all = exec.test.options.maxRedirects;
    limit = typeof all === 'number' ? all : 10;
  }
  return limit;
}

// Asks for each request that a redirect leads to; the last answer is the answer.
function* follow(first, asked) {
  let { method, body, params, budget } = asked;
  let answer = first;
  if (!redirects.has(first.status)) return first;
  let ms = first.timings.duration;
  let elsewhere;
  while (redirects.has(answer.status) && budget > 0) {
    const next = resolve(headerOf(answer, 'location'), answer.url);
    if (next === undefined) break;
    const origin = originOf(next);
    if (origin !== originOf(answer.url)) {
      elsewhere = origin || next.split(':')[0] + ':';
      break;
    }
    if (answer.status < 307) {
      if (method !== 'HEAD') method = 'GET';
      if (body !== null && body !== undefined) params = bodiless(params);
      body = null;
    }
    params = Object.assign({}, params, { tags: Object.assign({}, params.tags, { siaga_hop: '1' }) });
    budget -= 1;
    answer = yield [method, next, body, params];
    ms += answer.timings.duration;
  }
  const endless = asked.budget > 0 && budget === 0 && leadsOn(answer);
  const named = asked.params.tags && asked.params.tags.name;
  const tags = {
    name: named || textOf(asked.url).split(/[?#]/)[0].replace(/\/\/[^@/]*@/, '//'),
    method: asked.method,
    status: String(answer.status),
    error_code: String(answer.error_code || ''),
  };
  const more = endless ? { siaga_endless: '1' } : elsewhere === undefined ? {} : { siaga_to: elsewhere };
  redirected.add(ms, Object.assign({}, asked.params.tags, tags, more));
  return answer;
}

function leadsOn(answer) {
  const next = redirects.has(answer.status) ? resolve(headerOf(answer, 'location'), answer.url) : undefined;
  return next !== undefined && originOf(next) === originOf(answer.url);
}

function bodiless(params) {
  const { compression, ...rest } = params;
  const headers = Object.entries(rest.headers || {}).filter(([name]) => !/^content-/i.test(name));
  return Object.assign(rest, { headers: Object.fromEntries(headers) });
}

function headerOf(answer, wanted) {
  const found = Object.entries(answer.headers || {}).find(([name]) => name.toLowerCase() === wanted);
  return found && found[1];
}

function resolve(location, base) {
  if (location === undefined || location === '') return undefined;
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return location;
  const [, scheme, host, path] = /^(https?:)(\/\/[^/?#]*)([^?#]*)/i.exec(base) || [];
  if (scheme === undefined) return undefined;
  if (location.startsWith('//')) return scheme + location;
  if (location.startsWith('/')) return scheme + host + location;
  if (location.startsWith('?')) return scheme + host + path + location;
  return scheme + host + path.replace(/[^/]*$/, '') + location;
}

// What a call took longer than its answer, it waited for its turn under the limit of requests a second.
function timed(began, answer, rounds) {
  const ms = Date.now() - began - rounds * answer;
  if (ms >= 5) waited.add(ms);
}

// The connection is told apart from the answer's time.
const tookOf = ({ timings = {} }) => (timings.duration || 0) + Math.max(timings.blocked || 0, (timings.connecting || 0) + (timings.tls_handshaking || 0));

function request(...asked) {
  const began = Date.now();
  const answer = plainRequest(...asked);
  timed(began, tookOf(answer), 1);
  return answer;
}

async function asyncRequest(...asked) {
  const began = Date.now();
  const answer = await plainAsyncRequest(...asked);
  timed(began, tookOf(answer), 1);
  return answer;
}

// So many go out at once; the others of a batch wait for them, and not for their turn.
function batch(sent) {
  const began = Date.now();
  const answers = plainBatch(sent);
  const all = Object.values(answers);
  timed(began, Math.max(0, ...all.map(tookOf)), Math.ceil(all.length / atOnce()));
  return answers;
}

let together;

function atOnce() {
  if (together === undefined) {
    const { batch: most, batchPerHost: perHost } = exec.test.options;
    together = Math.min(...[most || 20, perHost || 6]);
  }
  return together;
}

const plainRequest = http.request;
const plainAsyncRequest = http.asyncRequest;
const plainBatch = http.batch;

function finish(answer, asked) {
  const steps = follow(answer, asked);
  let step = steps.next();
  while (!step.done) step = steps.next(request(...step.value));
  return step.value;
}

function ask(method, url, body, given) {
  const asked = prepare(method, url, body, given);
  return finish(request(method, url, body, asked.params), asked);
}

http.request = (method, url, body, params) => ask(method, url, body, params);
http.get = (url, params) => ask('GET', url, null, params);
http.head = (url, params) => ask('HEAD', url, null, params);
for (const [name, method] of [['post', 'POST'], ['put', 'PUT'], ['patch', 'PATCH'], ['del', 'DELETE'], ['options', 'OPTIONS']]) {
  http[name] = (url, body, params) => ask(method, url, body, params);
}

http.asyncRequest = async (method, url, body, given) => {
  const asked = prepare(method, url, body, given);
  const steps = follow(await asyncRequest(method, url, body, asked.params), asked);
  let step = steps.next();
  while (!step.done) step = steps.next(await asyncRequest(...step.value));
  return step.value;
};

function entryOf(one) {
  if (Array.isArray(one)) return prepare(one[0], one[1], one[2], one[3]);
  const alone = typeof one !== 'object' || one === null || 'clean_url' in one;
  return alone ? prepare('GET', one, null) : prepare(one.method || 'GET', one.url, one.body, one.params);
}

http.batch = (requests) => {
  const asked = Object.fromEntries(Object.entries(requests).map(([key, one]) => [key, entryOf(one)]));
  const sent = Array.isArray(requests) ? Object.values(asked) : asked;
  const answers = batch(sent);
  for (const key of Object.keys(asked)) answers[key] = finish(answers[key], asked[key]);
  return answers;
};

/** Counts the iterations that begin: k6 itself says nothing of one that never ends. */
export function iteration(run) {
  if (typeof run !== 'function') return undefined;
  return (...data) => {
    begun.add(1);
    return run(...data);
  };
}

/** The script's own summary, of its own metrics, its files where they would be without us. Nobody reads k6's own. */
export function summary(make, folder) {
  if (make === undefined) return () => ({});
  if (typeof make !== 'function') return make;
  return (data) => {
    for (const name of Object.keys(data.metrics || {})) if (name.startsWith('siaga_')) delete data.metrics[name];
    const made = make(data);
    return made && typeof made.then === 'function' ? made.then((files) => placed(files, folder)) : placed(made, folder);
  };
}

function placed(files, folder) {
  if (typeof files !== 'object' || files === null) return files;
  const place = (name) => (/^(stdout|stderr)$|^([a-z]:)?[\\/]/i.test(name) ? name : folder + '/' + name);
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [place(name), content]));
}
`;

/** What k6 reads as its script: the script itself, behind the front. All addresses are `file:` URLs. */
export function entryModule(at: {
  readonly front: string;
  readonly script: string;
  /** Functions of the script that iterations call, beside its default one. */
  readonly functions: readonly string[];
  /** Where a summary's files go. */
  readonly folder: string;
}): string {
  const script = JSON.stringify(at.script);
  const named = at.functions.filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && !taken.has(name));
  return [
    `import { iteration as siagaIteration, summary as siagaSummary } from ${JSON.stringify(at.front)};`,
    `import * as siagaScript from ${script};`,
    `export * from ${script};`,
    'export default siagaIteration(siagaScript.default);',
    ...named.map((name) => `export const ${name} = siagaIteration(siagaScript.${name});`),
    `export const handleSummary = siagaSummary(siagaScript.handleSummary, ${JSON.stringify(at.folder)});`,
    '',
  ].join('\n');
}

const taken = new Set(['default', 'handleSummary', 'options']);
