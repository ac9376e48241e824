/** What `fault.` offers to an experiment. */
export {
  bandwidth,
  down,
  frozen,
  killed,
  latency,
  limitData,
  resetPeer,
  slicer,
  slowClose,
  timeout,
} from '../faults.ts';
export { own } from '../own-fault.ts';
