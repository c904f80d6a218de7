// node-postgres. Usage: node node_writes.cjs parameter|record [as-it-comes]
'use strict';

const dns = require('node:dns');
const fs = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { Pool } = require('pg');

const { CLIENT, RECORD, PARAMETER, NAMESERVER, CA_FILE } = process.env;
const [ledBy, mode] = process.argv.slice(2);
const asDocumented = mode !== 'as-it-comes';
const WORKERS = 2;
const PAUSE_MS = 200;

// The drill's DNS in the place of getaddrinfo, which keeps no answer either.
const resolver = new dns.Resolver({ timeout: 1000, tries: 2 });
resolver.setServers([NAMESERVER]);
dns.lookup = (host, options, callback) => {
  const answer = typeof options === 'function' ? options : callback;
  if (/^[0-9.]+$/.test(host)) return process.nextTick(answer, null, host, 4);
  resolver.resolve4(host, (error, found) => {
    if (error) return answer(error);
    if (options.all) return answer(null, [{ address: found[0], family: 4 }]);
    return answer(null, found[0], 4);
  });
};

function tls(host) {
  if (!CA_FILE) return false;
  const ca = fs.readFileSync(CA_FILE, 'utf8');
  // Under the record's own name the certificate cannot be verified, but its authority can.
  return host === RECORD ? { ca, checkServerIdentity: () => undefined } : { ca };
}

function poolOf(host) {
  const lively = { keepAlive: true, connectionTimeoutMillis: 3000, query_timeout: 10000, maxLifetimeSeconds: 300 };
  const pool = new Pool({
    host,
    port: Number(process.env.PGPORT_OF_SERVERS),
    database: process.env.DATABASE,
    user: process.env.DBUSER,
    password: process.env.DBPASSWORD,
    ssl: tls(host),
    max: 4,
    ...(asDocumented ? lively : {}),
  });
  // Without this a session that the server closes while it is idle ends the process,
  pool.on('error', (error) => console.error(`idle: ${error.message}`));
  // and without this one that it closes while it is lent and nothing is asked of it.
  if (asDocumented) pool.on('connect', (client) => client.on('error', (error) => console.error(`lent: ${error.message}`)));
  return pool;
}

let pool;

// A new pool when the parameter names another host; the old one ends as its clients come back.
async function follow() {
  const { SSMClient, GetParameterCommand } = require('@aws-sdk/client-ssm');
  const ssm = new SSMClient({ maxAttempts: 1 });
  const read = async () => (await ssm.send(new GetParameterCommand({ Name: PARAMETER }))).Parameter.Value;
  let host = await read();
  pool = poolOf(host);
  (async () => {
    for (;;) {
      await pause(1000);
      const now = await read().catch((error) => console.error(`the parameter: ${error.message}`));
      if (!now || now === host) continue;
      const old = pool;
      host = now;
      pool = poolOf(host);
      old.end().catch((error) => console.error(`the old pool: ${error.message}`));
    }
  })();
}

async function write(attempt) {
  const client = await pool.connect();
  let failed;
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('SELECT host(inet_server_addr()) AS server, pg_backend_pid() AS session');
    attempt.server = rows[0].server;
    attempt.session = `${rows[0].server}/${rows[0].session}`;
    await client.query('INSERT INTO client_writes (client, number) VALUES ($1, $2)', [CLIENT, attempt.n]);
    await client.query('COMMIT');
  } catch (error) {
    failed = error;
    // As it comes, a transaction that failed is rolled back and its client goes back to the pool.
    if (!asDocumented) await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release(asDocumented && Boolean(failed));
  }
}

let number = Number(process.env.FIRST || '1');

async function work() {
  for (;;) {
    const attempt = { n: number++, server: null, session: null };
    let line = { ok: true };
    await write(attempt).catch((error) => {
      line = { ok: false, sqlstate: error.code && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null, error: String(error).slice(0, 200) };
    });
    console.log(JSON.stringify({ ...attempt, at: Date.now(), ...line }));
    await pause(PAUSE_MS);
  }
}

async function main() {
  if (ledBy === 'parameter') await follow();
  else pool = poolOf(RECORD);
  console.log(JSON.stringify({ version: `node-postgres ${require('pg/package.json').version}, Node ${process.versions.node}` }));
  for (let worker = 0; worker < WORKERS; worker += 1) work();
}

main();
