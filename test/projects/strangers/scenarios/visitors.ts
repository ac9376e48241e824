import http from 'k6/http';

declare const __ENV: Readonly<Record<string, string>>;

export const options = {
  scenarios: {
    visitors: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV['SIAGA_RATE'] ?? 20),
      timeUnit: '1s',
      duration: '1h',
      preAllocatedVUs: 20,
      maxVUs: 50,
    },
  },
};

export default function (): void {
  http.get(`${__ENV['SIAGA_TARGET_URL']}/price`, { tags: { endpoint: 'GET /price' } });
}
