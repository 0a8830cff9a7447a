// Replays Boston's reports under several sets of rules, each on a fresh service,
// and prints what was raised as Markdown: the figures of docs/boston.md.
//   node scripts/boston.mjs [--set fitted|wide] [--without LON,LAT] [--list]
// Needs target/release/pilin (or PILIN=path). --list prints every alert;
// --without leaves out the reports that lie at exactly this point.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), '..'));
const pilin = process.env.PILIN ?? 'target/release/pilin';
const listen = await freeAddress();
const url = `http://${listen}`;
const SETS = { fitted: 'data/boston/rules.toml', wide: 'data/boston/rules_wide.toml' };
const DAY = 86_400_000;

const flag = (name) => process.argv.includes(name);
const wanted = flag('--set') ? [process.argv[process.argv.indexOf('--set') + 1]] : Object.keys(SETS);
const without = flag('--without') ? process.argv[process.argv.indexOf('--without') + 1] : null;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** An address of this machine that nobody listens at. */
function freeAddress() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(`127.0.0.1:${port}`));
    });
  });
}

async function get(path) {
  const answer = await fetch(url + path);
  if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function put(path, type, body) {
  const answer = await fetch(url + path, { method: 'PUT', headers: { 'content-type': type }, body });
  if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
}

function start(...args) {
  const child = spawn(pilin, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  child.ended = new Promise((done) => child.on('exit', (code, signal) => done(code ?? signal)));
  return child;
}

/** The reports to replay; without those of one point, a file of its own. */
function reports() {
  const all = 'data/boston/incidents_2015_h1.csv';
  if (!without) return all;
  const lines = readFileSync(all, 'utf8').split('\n');
  const kept = lines.filter((line) => !line.includes(`,${without},`));
  console.log(`\n${lines.length - kept.length} of ${lines.length - 2} reports lie at ${without} and are left out.`);
  writeFileSync('target/boston/kept.csv', kept.join('\n'));
  return 'target/boston/kept.csv';
}

/** Serves Boston afresh, replays all of it, and gives every alert with its history. */
async function play(set) {
  mkdirSync('target/boston', { recursive: true });
  const store = `target/boston/${set}.db`;
  for (const file of [store, `${store}-wal`, `${store}-shm`]) rmSync(file, { force: true });
  const server = start('serve', '--listen', listen, '--region', 'data/boston', '--store', `sqlite:${store}`, '--clock', 'driven');
  try {
    const up = () => fetch(`${url}/healthz`).then((answer) => answer.ok, () => false);
    for (let tries = 0; !(await up()); tries += 1) {
      if (server.exitCode !== null || tries > 300) throw new Error('the service does not come up');
      await pause(200);
    }
    // The clock must be set before rules can be put; the first report is of 10:37 that day.
    await put('/api/v1/clock', 'application/json', JSON.stringify({ now: '2015-01-01T00:00:00-05:00' }));
    await put('/api/v1/rules', 'application/toml', readFileSync(SETS[set]));
    const code = await start('replay', reports(), '--to', url, '--speed', '0', '--tail', '1200h').ended;
    if (code !== 0) throw new Error(`replay ended with ${code}`);
    const region = await get('/api/v1/region');
    const all = [...await list(''), ...await list('?state=ended&limit=1000')];
    const ids = [...new Set(all.map((alert) => alert.id))].sort((a, b) => a - b);
    const alerts = [];
    for (const id of ids) alerts.push(await get(`/api/v1/alerts/${id}`));
    return { region, alerts };
  } finally {
    server.kill('SIGTERM');
    await server.ended;
  }
}

const list = async (query) => (await get(`/api/v1/alerts${query}`)).alerts;

const day = (ms) => new Date(ms).toLocaleString('sv-SE', { timeZone: 'America/New_York' }).slice(5, 16);
const days = (ms) => (ms / DAY).toFixed(1);
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** What one alert came to: its most members among the steps of its history. */
function life({ alert, members, history }, names) {
  const peak = history.reduce((best, step) => (step.members > best.members ? step : best), history[0]);
  const sources = new Map();
  for (const { source } of members) sources.set(source, (sources.get(source) ?? 0) + 1);
  const by = [...sources].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
  return {
    id: alert.id,
    rule: alert.rule,
    border: alert.border.name_en,
    raised: alert.raised_at,
    end: alert.ended_at ?? alert.updated_at,
    state: alert.state,
    first: history[0].members,
    peak: peak.members,
    sides: peak.sides.slice(0, 3).map(([code, count]) => `${names.get(code)} ${count}`).join(', '),
    sources: by.slice(0, 2).join(', '),
    reopened: alert.reopened,
  };
}

for (const set of wanted) {
  const { region, alerts } = await play(set);
  const names = new Map(region.jurisdictions.map((each) => [each.code, each.name_en]));
  const lives = alerts.map((alert) => life(alert, names));
  const english = (rule) => region.rules.find((known) => known.id === rule);
  console.log(`\n### ${set} (${SETS[set]}): ${lives.length} alerts\n`);
  const groups = new Map();
  for (const one of lives) {
    const key = `${one.rule}|${one.border}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rows = [...groups.values()]
    .sort((a, b) => a[0].rule.localeCompare(b[0].rule) || b.length - a.length)
    .map((group) => {
      const rule = english(group[0].rule);
      return [
        rule?.name_en ?? group[0].rule,
        group[0].border,
        group.length,
        days(group.reduce((sum, one) => sum + one.end - one.raised, 0)),
        Math.max(...group.map((one) => one.peak)),
        group.map((one) => day(one.raised).slice(0, 5)).slice(0, 8).join(', '),
      ];
    });
  console.log(table(['rule', 'border', 'alerts', 'days open', 'most members', 'raised'], rows));
  if (flag('--list')) {
    console.log(`\n${table(
      ['rule', 'border', 'raised', 'ended', 'members at first → most', 'sides at most', 'last members by source', 'reopened', 'state'],
      lives.map((one) => [one.rule, one.border, day(one.raised), day(one.end), `${one.first} → ${one.peak}`, one.sides, one.sources, one.reopened, one.state]),
    )}`);
  }
}
