-- The probe's role, schema and table. Run it in the application's database, on the writer, as a user that may create
-- roles and schemas. It may be run again: what is there stays, and the rights are made what they are here.

DO $probe$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'failover_responder_probe') THEN
        CREATE ROLE failover_responder_probe;
    END IF;
    -- Signing in by IAM needs no password. Where rds_iam does not exist, give the role one:
    --   \password failover_responder_probe
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_iam') THEN
        GRANT rds_iam TO failover_responder_probe;
    END IF;
END
$probe$;

ALTER ROLE failover_responder_probe
    LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT 50;
-- A heartbeat that waits for something is given up by the server as well, and so is a connection that nobody uses.
ALTER ROLE failover_responder_probe SET statement_timeout = '2s';
ALTER ROLE failover_responder_probe SET lock_timeout = '1s';
ALTER ROLE failover_responder_probe SET synchronous_commit = on;
DO $probe$
BEGIN
    IF current_setting('server_version_num')::int >= 140000 THEN
        ALTER ROLE failover_responder_probe SET idle_session_timeout = '10min';
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO failover_responder_probe', current_database());
END
$probe$;

CREATE SCHEMA IF NOT EXISTS failover_responder;
CREATE TABLE IF NOT EXISTS failover_responder.heartbeat (
    region text PRIMARY KEY,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL
);

REVOKE ALL ON SCHEMA failover_responder FROM PUBLIC;
REVOKE ALL ON failover_responder.heartbeat FROM PUBLIC;
REVOKE ALL ON SCHEMA failover_responder FROM failover_responder_probe;
REVOKE ALL ON failover_responder.heartbeat FROM failover_responder_probe;
GRANT USAGE ON SCHEMA failover_responder TO failover_responder_probe;
GRANT SELECT, INSERT, UPDATE ON failover_responder.heartbeat TO failover_responder_probe;
