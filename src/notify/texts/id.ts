import type { Cause, Hit } from '../facts.ts';
import type { DigestStatus, DownReason } from '../../event/incident.ts';
import { formatMs } from '../../kernel/duration.ts';
import type { Phrases } from './phrases.ts';
import { plain } from './lines.ts';

const limits = { '>': '', '>=': 'di bawah ', '<': 'minimal ', '<=': 'di atas ', '==': 'bukan ' } as const;
const downBy: Readonly<Record<Exclude<DownReason, 'signal'>, string>> = {
  ready: 'menyatakan belum siap',
  'core-checks': 'semua tes inti tak terjawab',
  refused: 'koneksi ditolak',
  handshake: 'jabat tangan gagal',
};
const statusNames: Readonly<Record<DigestStatus, string>> = {
  DEGRADED: 'terganggu',
  MITIGATED: 'mereda',
  RECOVERING: 'memulih',
  VERIFY: 'diverifikasi',
};

function hit(found: Hit): string {
  switch (found.kind) {
    case 'down':
      return 'mati total';
    case 'failing': {
      const [first = '', ...others] = found.what;
      return `${plain(first)} gagal${others.length === 0 ? '' : `, dan ${others.length} lainnya`}`;
    }
    case 'slow': {
      const [first = '', ...others] = found.what;
      return `${plain(first)} lambat${others.length === 0 ? '' : `, dan ${others.length} lainnya`}`;
    }
    case 'felt':
      return plain(found.says);
    case 'errors':
      return `${found.ratio} permintaan gagal`;
    case 'none':
      return 'belum ada permintaan gagal';
    case 'unknown':
      return 'dampak pada pengguna belum diketahui';
  }
}

const figure = ({ got, comparison, limit }: Extract<Cause, { kind: 'signal' }>, units?: number): string =>
  `${got === null ? 'tidak diketahui' : plain(got, units)}, batas ${limits[comparison]}${limit}`;

const figures = /^[\d.,:%<>=≤≥ +-]+(?:ms|s|min|h)?$/;

/** How a check failed. What it got and should have got is English, unless both are figures. */
function failing({ got, allowed, failure }: Extract<Cause, { kind: 'check' }>, units?: number): string {
  const { noConnection, timedOut, status, path } = failure;
  if (noConnection !== undefined)
    return noConnection === 'refused' ? 'koneksi ditolak' : 'jabat tangan gagal';
  if (timedOut === true) return 'tidak terjawab sampai batas waktunya';
  if (figures.test(got) && figures.test(allowed))
    return `dapat ${plain(got, units)}, seharusnya ${plain(allowed, units)}`;
  if (status !== undefined && status >= 400) return `status ${status}`;
  return path === undefined ? 'jawaban tidak sesuai' : `${plain(path, units)} tidak sesuai`;
}

function cause(found: Cause, units?: number): string {
  switch (found.kind) {
    case 'signal':
      return `${plain(found.says, units)}: ${figure(found, units)}`;
    case 'hard-down': {
      const how = found.reason === 'signal' ? '' : `: ${downBy[found.reason]}`;
      return `Mati selama ${formatMs(found.forMs)}${how}`;
    }
    case 'check':
      return found.failure.slowOnly
        ? `${plain(found.name, units)} lambat: ${plain(found.got, units)}`
        : `${plain(found.name, units)} gagal: ${failing(found, units)}`;
    default:
      return `${plain(found.name, units)}: dapat ${plain(found.got, units)}, seharusnya ${plain(found.allowed, units)}`;
  }
}

export const indonesian: Phrases = {
  months: 'Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des',
  minutes: (count) => `${count} menit`,
  hours: (count) => `${count} jam`,
  tags: {
    declared: '',
    reopened: '[TERBUKA LAGI]',
    worse: '[MEMBURUK]',
    joined: '[KABAR]',
    acted: '[KABAR]',
    mitigated: '[MEREDA]',
    stable: '[TERKENDALI]',
    flapping: '[BERULANG]',
    recovered: '[PULIH]',
    closed: '[DITUTUP]',
    monitoring: '[PEMANTAUAN]',
    heartbeat: '[LAPORAN RUTIN]',
  },
  hit,
  cause,
  figure,
  also: 'juga ',
  errors: 'galat',
  unknown: 'tidak diketahui',
  unmeasured: 'p95 dan galat tidak terukur',
  tooFew: (n) => `permintaan terlalu sedikit (n=${n}) untuk dinilai`,
  inForce: 'Berlaku: ',
  fallbackOn: 'sumber cadangan',
  fallbackOff: 'sumber cadangan mati',
  noAction: 'Belum ada tindakan',
  set: 'Setel: ',
  setBack: ['Kembalikan: ', ', atau tanyakan siapa yang menyetel'],
  target: (time) => `sasaran ${time}`,
  unaffected: 'kembali di dalam batas',
  spared: 'pengguna tidak terdampak',
  stillOver: 'Masih di luar batas: ',
  stillFailing: 'Masih gagal: ',
  notKnown: 'Tidak terukur: ',
  normalAgain: (after) => `normal lagi setelah ${after}`,
  normalSince: (from, to) => `terganggu ${from}, normal lagi ${to}`,
  beginningUndelivered: 'Pesan pertama tidak terkirim pada waktunya',
  held: (time) => `baik selama ${time}`,
  provider: (answers) => (answers ? 'Penyedia menjawab (langsung)' : 'Penyedia tidak menjawab (langsung)'),
  restored: 'Normal: ',
  gone: 'Tidak diperiksa, sudah dihapus dari proyek: ',
  checksPassed: (count) => `${count} tes kontrak lulus`,
  postmortemBy: (when) => `Post-mortem sebelum ${when}`,
  onFallback: 'memakai sumber cadangan, di dalam batas',
  since: (when) => `Mereda sejak ${when}`,
  owner: (name, review) => `Penanggung jawab: ${name}, tinjauan paling lambat ${review}`,
  silent: 'Tidak ada pesan lagi sampai memburuk atau pulih',
  stand: (stand, good, of) => `${statusNames[stand]}, ${good} dari ${of} menit baik`,
  changesSince: (count, when) => `${count} perubahan sejak ${when}`,
  changes: {
    declared: 'dinyatakan',
    reopened: 'terganggu lagi',
    'signal-joined': 'sinyal lain',
    mitigated: 'mereda',
    worsened: 'memburuk lagi',
    'mitigated-stable': 'diserahkan ke penanggung jawab',
    'restore-proposed': 'pengembalian konfigurasi diusulkan',
    restored: 'konfigurasi kembali normal, hitungan dimulai',
    'hold-reset': 'hitungan diulang dari awal',
    verifying: 'hitungan lengkap, tes kontrak',
    'verify-failed': 'tes kontrak gagal',
    recovered: 'pulih',
    flapping: 'berulang',
    digest: 'ringkasan',
    settled: 'selesai',
    'taken-over': 'diteruskan proses lain',
    closed: 'ditutup',
  },
  closed: {
    'load-ended': 'ditutup tanpa pemulihan, beban uji sudah selesai',
    'drill-ended': 'ditutup tanpa pemulihan, latihan sudah selesai',
  },
  nextDigest: (time) => `Ringkasan berikutnya dalam ${time} bila ada yang terjadi`,
  cannotMeasure: 'Siaga tidak dapat mengukur',
  blind: 'Tidak ada sampel: ',
  late: ({ check, latenessMs, stoodStillMs }) =>
    `${plain(check)} tidak pasti: Siaga terlambat ${formatMs(latenessMs)} dan terhenti ${formatMs(stoodStillMs)}`,
  saysNothing: 'Ini tidak berarti apa pun tentang sistem: tidak ada insiden dibuka atau ditutup karenanya',
  verdicts: {
    passed: 'lulus',
    failed: 'gagal',
    inconclusive: 'tidak pasti',
    configuration: 'pemakaian atau konfigurasi keliru',
    'rollback-failed': 'gangguan uji tidak bisa dibatalkan',
    interrupted: 'dihentikan',
    bug: 'kesalahan pada Siaga',
  },
  counts: (passed, failed, inconclusive) =>
    `Tes: ${passed} lulus, ${failed} gagal, ${inconclusive} tidak pasti`,
  failed: 'Gagal: ',
  unclear: 'Tidak pasti: ',
  unrecorded: ['TIDAK TERCATAT', 'TIDAK TERCATAT: penyimpanan peristiwa tidak bisa ditulis'],
};
