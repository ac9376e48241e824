import type { IncidentChange } from '../../event/incident.ts';
import type {
  DegradedFacts,
  DigestFacts,
  MonitoringFacts,
  RecoveredFacts,
  StableFacts,
  WindowFacts,
  Words,
} from '../facts.ts';
import { formatMs } from '../../kernel/duration.ts';
import { assignments, happenedLine, inWords, moment, mostHappened, plain, windowName } from './lines.ts';

const months = 'Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des';
const again = { reopened: 'dibuka kembali', worsened: 'memburuk lagi setelah MITIGATED-STABLE' };
const changes: Readonly<Record<IncidentChange['kind'], string>> = {
  declared: 'dinyatakan',
  reopened: 'terdegradasi lagi',
  'signal-joined': 'sinyal lain',
  mitigated: 'MITIGATED',
  worsened: 'memburuk lagi',
  'mitigated-stable': 'MITIGATED-STABLE',
  'restore-proposed': 'pemulihan konfigurasi diusulkan',
  restored: 'konfigurasi kembali normal, hitungan dimulai',
  'hold-reset': 'hitungan diulang dari awal',
  verifying: 'hitungan lengkap, tes kontrak',
  'verify-failed': 'tes kontrak gagal',
  recovered: 'PULIH',
  flapping: 'berulang',
  digest: 'ringkasan',
  settled: 'selesai',
  'taken-over': 'dilanjutkan proses lain',
  closed: 'ditutup',
};
const units = { minute: 'menit', hour: 'jam' };

export const indonesian: Words = {
  degraded: (facts) => [
    `${tags(facts)}[INSIDEN] Mode terdegradasi: ${moment(facts.at, facts, months)}`,
    ...degradedBody(facts),
  ],
  stable: (facts) => [
    `${tags(facts)}[MITIGATED-STABLE] Memakai fallback, di dalam ambang: ${moment(facts.at, facts, months)}`,
    ...stableBody(facts),
  ],
  digest: (facts) => [
    `${tags(facts)}[BERULANG] ${facts.begins ? 'Terdegradasi lagi' : 'Ringkasan'}: ${moment(facts.at, facts, months)}`,
    ...digestBody(facts),
  ],
  recovered: (facts) => [
    `${tags(facts)}[PULIH] Mode normal: ${moment(facts.at, facts, months)}`,
    ...recoveredBody(facts),
  ],
  monitoring: (facts) => [
    `[MONITORING] Siaga tidak dapat mengukur: ${moment(facts.at, facts, months)}`,
    `Target ${plain(facts.target)}, ${facts.incident}, pesan ${facts.number}`,
    `- ${troubleLine(facts)}`,
    '- Ini tidak berarti apa pun tentang target: tidak ada insiden yang dibuka atau ditutup karenanya',
    ...notes(facts),
  ],
  heartbeat: (facts) => [
    `[HEARTBEAT] ${verdicts[facts.verdict]}: ${moment(facts.at, facts, months)}`,
    `Target ${plain(facts.target)}: ${facts.checks.passed} lulus, ${facts.checks.failed} gagal, ${facts.checks.inconclusive} tidak pasti`,
    ...(facts.reason === '' ? [] : [`- ${plain(facts.reason)}`]),
    ...notes(facts),
  ],
  combined: (degraded, recovered) => [
    `${tags(recovered)}[PULIH] Terdegradasi ${moment(degraded.at, degraded, months)}, normal kembali ${moment(recovered.at, recovered, months)}`,
    'Pesan pertama tidak terkirim pada waktunya; pesan ini memuat keduanya.',
    'DEGRADED',
    ...degradedBody({ ...degraded, number: recovered.number }),
    'RECOVERED',
    ...recoveredBody(recovered),
  ],
};

const tags = ({ drill }: { readonly drill: boolean }): string => (drill ? '[DRILL] ' : '');

function degradedBody(facts: DegradedFacts): string[] {
  const { severity, symptoms, causes, requestId } = facts;
  return [
    `Insiden ${facts.incident}, pesan ${facts.number}, ${severity}${facts.again ? `, ${again[facts.again]}` : ''}`,
    `- Gejala: ${figures(symptoms)} dari ${symptoms.n} permintaan (${windowName(symptoms, units)})`,
    `- Penyebab awal: ${causes.map(({ title, got, limit }) => `${plain(title)}: ${plain(got)}, ambang ${plain(limit)}`).join('; ')}`,
    `- Aksi: ${actions(facts)}`,
    `- Perkiraan: pulih dalam ${inWords(facts.resolveWithinMs, units)} (target ${severity})`,
    `X-Request-Id contoh: ${requestId === undefined ? 'belum ada' : plain(requestId)}`,
    ...notes(facts),
  ];
}

function stableBody(facts: StableFacts): string[] {
  const { symptoms, owner } = facts;
  return [
    `Insiden ${facts.incident}, pesan ${facts.number}, termitigasi sejak ${moment(facts.since, facts, months)}`,
    `- Keadaan: ${figures(symptoms)} dari ${symptoms.n} permintaan (${windowName(symptoms, units)})`,
    `- Aksi: ${actions(facts)}`,
    `- Penanggung jawab: ${plain(owner.name)} (${owner.role})`,
    `- Tinjauan: paling lambat ${moment(facts.reviewAt, facts, months)}`,
    '- Tidak ada pesan lagi sampai memburuk atau PULIH',
    ...notes(facts),
  ];
}

function digestBody(facts: DigestFacts): string[] {
  const { begins, symptoms, severity } = facts;
  return [
    `Insiden ${facts.incident}, pesan ${facts.number}, ${severity}`,
    ...(begins ? [`- ${begins.changes} perubahan sejak ${moment(begins.since, facts, months)}`] : []),
    ...facts.happened.slice(-mostHappened).map((one) => `- ${happenedLine(one, facts, changes)}`),
    `- Sekarang: ${facts.stand}, ${facts.good} dari ${facts.of} menit baik`,
    `- Gejala: ${figures(symptoms)} dari ${symptoms.n} permintaan (${windowName(symptoms, units)})`,
    `- Sampai bertahan penuh: satu ringkasan tiap ${inWords(facts.everyMs, units)}, bila ada yang terjadi`,
    ...notes(facts),
  ];
}

function recoveredBody(facts: RecoveredFacts): string[] {
  const { five, ten } = facts;
  return [
    `Insiden ${facts.incident}, pesan ${facts.number}, berlangsung ${formatMs(facts.at - facts.since)}`,
    `- ${figures(five)} dari ${five.n} permintaan (${windowName(five, units)})`,
    `- ${figures(ten)} (${windowName(ten, units)}, kriteria pemulihan)`,
    `- Provider: ${told(facts.provider, 'pulih (up), ditanya langsung', 'tidak menjawab, ditanya langsung', 'tidak ditanya langsung')}`,
    `- Konfigurasi: ${configuration(facts)}`,
    `- Tes kontrak lulus: ${facts.checksPassed}`,
    `- Tindak lanjut: post-mortem dalam ${inWords(facts.postmortemWithinMs, units)}, paling lambat ${moment(facts.postmortemBy, facts, months)}`,
    ...notes(facts),
  ];
}

const verdicts = { passed: 'lulus', failed: 'gagal', inconclusive: 'tidak pasti' };

function troubleLine({ trouble }: MonitoringFacts): string {
  if (trouble.kind === 'late') return `Tidak pasti, ${plain(trouble.check)}: ${plain(trouble.reason)}`;
  return `Pemantauan buta, tidak ada sampel ${trouble.signals.map(plain).join(', ')}`;
}

function figures({ p95, errors }: WindowFacts): string {
  return `p95 REST ${p95 ?? 'tidak diketahui'}, error rate ${errors ?? 'tidak diketahui'}`;
}

function actions({ fallback, toggles }: Pick<DegradedFacts, 'fallback' | 'toggles'>): string {
  const set = assignments(toggles);
  const automatic = told(fallback, 'fallback aktif', 'fallback tidak aktif', 'fallback tidak diketahui');
  return set === '' ? `belum ada yang manual; ${automatic}` : `${set}; ${automatic}`;
}

function configuration({ toggles, fallback }: RecoveredFacts): string {
  const off = told(fallback, 'fallback masih aktif', 'fallback mati', 'fallback tidak diketahui');
  const read = assignments(toggles);
  return read === ''
    ? `tidak ada toggle yang diubah; ${off}`
    : `kembali normal, dibaca ulang: ${read}; ${off}`;
}

function told(fact: boolean | undefined, yes: string, no: string, unknown: string): string {
  if (fact === undefined) return unknown;
  return fact ? yes : no;
}

function notes({ speed, recorded }: { readonly speed: number; readonly recorded: boolean }): string[] {
  return [
    ...(speed === 1 ? [] : [`Kecepatan ${speed}: jendela runbook dipadatkan, ambangnya tidak`]),
    ...(recorded ? [] : ['TIDAK TERCATAT: penyimpanan peristiwa tidak bisa ditulis']),
  ];
}
