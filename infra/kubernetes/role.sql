-- The app's own user, who has no password: psql --set app=todo_app --file infra/kubernetes/role.sql, as the master user, once, on
-- the writer. Again as often as one likes. It logs in by IAM and makes its table in the schema public.
SELECT format('CREATE ROLE %I LOGIN', :'app') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app') \gexec
SELECT format('GRANT rds_iam TO %I', :'app') WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'app') \gexec
SELECT format('GRANT USAGE, CREATE ON SCHEMA public TO %I', :'app') \gexec
