import { expect, test } from 'vitest';
import { secretsOfCommand, shownCommand } from './command-line.ts';

test.each([
  ['DB_PASSWORD=hunter22 ./start', 'DB_PASSWORD=… ./start', ['hunter22']],
  ["A='x y1' B=plain sh -c 'C=d3 ./run'", "A=… B=… sh -c 'C=… ./run'", ['x y1', 'd3']],
  ['run --db-password=hunter22 --port=3000', 'run --db-password=… --port=3000', ['hunter22']],
  ['run --api-key k1-abc', 'run --api-key …', ['k1-abc']],
  ['curl -u me:pw12 https://me:pw13@h/x?sig=abc', 'curl -u … https://h/x', ['me:pw12', 'pw13', 'abc']],
  ["curl -H 'x-api-key: k1-abc' h", "curl -H 'x-api-key: …' h", ['k1-abc']],
  ['docker compose up --wait api', 'docker compose up --wait api', []],
])('hostile 3: %s is told without its secrets', (command, told, secrets) => {
  expect(shownCommand(command)).toBe(told);
  expect(secretsOfCommand(command)).toEqual(secrets);
});
