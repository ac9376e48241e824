import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

export default function (): void {
  http.get(`${__ENV['SIAGA_TARGET_URL']}/hello`);
}
