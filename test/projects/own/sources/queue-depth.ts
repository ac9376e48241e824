import { defineSource } from 'siaga';
import { z } from 'zod';

const query = 'max(queue_depth{queue="orders"})';
const answer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** Orders that wait, by an instant query of Prometheus. */
export default defineSource({
  name: 'queue-depth',
  every: '15s',
  timeout: '5s',
  read: {
    url: `\${PROMETHEUS_URL}/api/v1/query?query=${encodeURIComponent(query)}`,
    headers: { authorization: 'Bearer ${PROMETHEUS_TOKEN}' },
    pick(body) {
      const [series] = answer.parse(body).data.result;
      if (series === undefined) throw new Error(`no series matches ${query}`);
      return Number(series.value[1]);
    },
  },
});
