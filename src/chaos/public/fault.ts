/** What `fault.` offers to an experiment. */
export { bandwidth, down, latency, limitData, resetPeer, slicer, slowClose, timeout } from '../faults.ts';
