// Goal P2: `sipdiag dns` costs its start and the round trips that DNS forces, and nothing else. See README.md.
import { digs } from './by-hand.mjs';
import { DOMAIN, startCountingDns } from './counting-dns.mjs';
import { bare, BIN, compare, createReport, time } from './measure.mjs';
import { enterStage, ROUND_TRIP_MS } from './stage.mjs';

const stage = await enterStage();
const report = createReport('P2', `sipdiag dns ${DOMAIN}`);
const dns = ({ address, port }) => [process.execPath, BIN, 'dns', DOMAIN, '--json', '--resolver', `${address}:${port}`];

const counting = await startCountingDns();
const { code } = await time(dns(counting));
counting.stop();

const [near, far] = [await stage.near('dns'), await stage.far('dns')];
const { ms } = await compare({
  floor: [process.execPath, '-e', '0'],
  loopback: dns(near),
  delayed: dns(far),
  digs: digs(DOMAIN, far),
  bareNear: bare('dns', near, DOMAIN),
  bareFar: bare('dns', far, DOMAIN),
});
near.stop();
far.stop();

report.expect('exit code', code, 0);
report.fact(
  `questions (${counting.rounds.join(' + ')})`,
  counting.rounds.reduce((sum, one) => sum + one, 0),
  '',
);
report.expect('serial rounds', counting.rounds.length, 2);
report.fact('F: node -e 0', ms.floor);
report.fact('on loopback', ms.loopback);
report.fact(`at ${ROUND_TRIP_MS} ms`, ms.delayed);
report.fact(`22 dig processes at ${ROUND_TRIP_MS} ms`, ms.digs);
report.fact('a bare script, on loopback / F', ms.bareNear / ms.floor, 'x');
report.fact(`a bare script, at ${ROUND_TRIP_MS} ms / (F + 2 RTT)`, ms.bareFar / (ms.floor + 2 * ROUND_TRIP_MS), 'x');
report.goal('on loopback / F', ms.loopback / ms.floor, 2.2);
report.goal(`at ${ROUND_TRIP_MS} ms / (F + 2 RTT)`, ms.delayed / (ms.floor + 2 * ROUND_TRIP_MS), 1.15);
report.goal(`at ${ROUND_TRIP_MS} ms / 22 dig processes`, ms.delayed / ms.digs, 0.15);
report.end();
